"""Random schedules -> the slots of Airflow's timetables, asked again and again with the clock at the end of each.

Run by asked.py, with PYTHONTZPATH empty so that the zones are those of the package tzdata. Left out, as ours differ on
purpose: catch-up with a last run before the start, where Airflow's trigger timetable ignores the start, and a trigger
with neither start nor last run. The times asked about are whole hours, so they are seldom at a clock change, for which
tests/decide/calendar/test_airflow.py has its own questions.
"""

import importlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

ZONES: Final = (
    "UTC",
    "Europe/Zurich",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Caracas",
    "Asia/Pyongyang",
    "Europe/Istanbul",
    "Asia/Tehran",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Europe/Volgograd",
    "Antarctica/Troll",
    "Asia/Amman",
    "Africa/Cairo",
    "America/Mexico_City",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "America/St_Johns",
    "Europe/Dublin",
    "Asia/Gaza",
    "Antarctica/Casey",
)
CRONS: Final = (
    "0 * * * *",
    "0 0 * * *",
    "0 0 * * 0",
    "0 0 1 * *",
    "0 0 1 */3 *",
    "0 0 1 1 *",
    "0 0 29 2 *",
    "30 2 * * *",
    "0 3 * * *",
    "15 1-4 * * *",
    "*/30 * * * *",
    "0 */2 * * *",
    "0 0 31 * *",
    "0 12 * * 1",
    "0 0 1,15 * 5",
    "45 23 28-31 * *",
    "0 0 * * 7",
    "0 0 13 * fri",
    "*/7 9-17 * * mon-fri",
    "0 6 * jan,jul 2",
    "59 23 31 12 *",
    "0 2 29 2 *",
    "20 0-23/5 * * *",
    "10 1 * * sat",
)
_YEARS: Final = (2007, 2011, 2015, 2016, 2018, 2019, 2022, 2023, 2024, 2025, 2026, 2027, 2028)
_SLOTS: Final = 6


def slots() -> Iterator[str]:
    """Each question in the columns of tests/decide/calendar/airflow.txt, and the slots."""
    chance = random.Random(5)  # noqa: S311 nothing is secret here
    for _ in range(400):
        zone, cron, mode = chance.choice(ZONES), chance.choice(CRONS), chance.choice(("trigger", "interval"))
        year = datetime(chance.choice(_YEARS), 1, 1, tzinfo=UTC)
        start = year + timedelta(hours=chance.randrange(0, 366 * 24, chance.choice((1, 12, 24))))
        end = start + timedelta(days=chance.choice((1, 30, 400))) if chance.random() < 0.15 else None
        now = start + timedelta(hours=chance.randrange(0, 24 * chance.choice((2, 40, 800))))
        question = _Question(zone, mode, cron, catchup=chance.random() < 0.5)
        last = question.slot_after(start) if chance.random() < 0.4 else None
        found = question.answers(start, end, now, last)
        policy = "catchup" if question.catchup else "latest"
        before = _told(last.start) if last is not None else "-"
        times = (_told(start), _told(end) if end else "-", before, _told(now))
        yield " | ".join((zone, mode, cron, policy, *times, " ".join(_slot(each, mode) for each in found)))


class _Question:
    """A schedule, as Airflow takes it."""

    def __init__(self, zone: str, mode: str, cron: str, *, catchup: bool) -> None:
        self.catchup = catchup
        self._base = importlib.import_module("airflow.timetables.base")
        self._clock = [importlib.import_module(f"airflow.timetables.{name}") for name in ("trigger", "interval")]
        trigger, interval = self._clock
        if mode == "trigger":
            self._table = trigger.CronTriggerTimetable(cron, timezone=zone, run_immediately=True)
        else:
            self._table = interval.CronDataIntervalTimetable(cron, zone)

    def slot_after(self, start: datetime) -> Any:
        """The first interval of the schedule from then on."""
        return self._next(None, self._base.TimeRestriction(_pendulum(start), None, catchup=True)).data_interval

    def answers(self, start: datetime, end: datetime | None, now: datetime, last: Any) -> list[Any]:
        """The next intervals."""
        restriction = self._base.TimeRestriction(_pendulum(start), end and _pendulum(end), catchup=self.catchup)
        found: list[Any] = []
        clock = _pendulum(now)
        while len(found) < _SLOTS:
            for module in self._clock:
                vars(module)["utcnow"] = lambda at=clock: at
            info = self._next(last, restriction)
            if info is None:
                break
            last = info.data_interval
            found.append(last)
            clock = max(clock, info.run_after)
        return found

    def _next(self, last: Any, restriction: Any) -> Any:
        return self._table.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)


def _pendulum(at: datetime) -> Any:
    return importlib.import_module("pendulum").instance(at)


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"


def _slot(interval: Any, mode: str) -> str:
    return _told(interval.start) if mode == "trigger" else f"{_told(interval.start)}/{_told(interval.end)}"
