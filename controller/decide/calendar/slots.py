"""A Schedule -> the Timetable of its slots.

instants     00:00      06:00      12:00
trigger      a slot     a slot     a slot       due at its instant, which is the logical date
interval     [--- slot ---][--- slot ---]       due at its end; the logical date is its start
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from controller.decide.calendar.cron import parse_cron
from controller.decide.calendar.instants import Instants, Steps, Union, cron_instants
from controller.decide.calendar.zones import load_zone
from controller.model.schedule import MissedRuns, OnEnable, Schedule, ScheduleMode

_TICK: Final = timedelta(microseconds=1)
_CALENDAR: Final = (datetime(100, 1, 1, tzinfo=UTC), datetime(9900, 1, 1, tzinfo=UTC))
"""No slot lies outside: near the ends of Python's calendar a zone or a search would leave it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One run that the schedule asks for; times in UTC."""

    logical_date: datetime
    """What the run is about; it names the run."""
    start: datetime
    """The beginning of the data interval."""
    end: datetime
    """The end of the data interval; its start when slots are single instants."""
    run_after: datetime
    """When the run is due."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """All slots of one schedule, and what to do with those that were missed. Built once per revision."""

    instants: Instants
    mode: ScheduleMode
    start: datetime | None
    """The earliest logical date, included."""
    end: datetime | None
    """The latest logical date, included."""
    catchup: bool
    on_enable: OnEnable
    missed_runs: MissedRuns

    @classmethod
    def of(cls, schedule: Schedule) -> "Timetable":
        """The timetable of a schedule in which `schedule_faults` found none; otherwise ValueError."""
        start = schedule.start and schedule.start.astimezone(UTC)
        end = schedule.end and schedule.end.astimezone(UTC)
        policies = (schedule.catchup, schedule.on_enable, schedule.missed_runs)
        return cls(schedule_instants(schedule), schedule.mode, start, end, *policies)

    def slots_from(self, at: datetime) -> Iterator[Slot]:
        """Every slot with a logical date of `at` or later, the oldest first, one search each."""
        slot = self.at_or_after(at)
        while slot is not None:
            yield slot
            slot = self.after(slot.logical_date)

    def after(self, at: datetime) -> Slot | None:
        """The first slot with a logical date later than `at`."""
        if self.start is not None and at < self.start:
            return self.at_or_after(self.start)
        return self._ended(self._slot(_bounded(self.instants.after, at)))

    def at_or_after(self, at: datetime) -> Slot | None:
        """The first slot with a logical date that is not earlier than `at`."""
        at = at if self.start is None else max(at, self.start)
        return self._ended(self._slot(_bounded(self.instants.at_or_after, at)))

    def latest(self, at: datetime) -> Slot | None:
        """The newest slot with a logical date that is not later than `at`."""
        at = at if self.end is None else min(at, self.end)
        return self._started(self._slot(_bounded(self.instants.latest, at)))

    def newest_due(self, now: datetime) -> Slot | None:
        """The newest slot that is due at `now`, also when it lies after the end of the schedule."""
        at = _bounded(self.instants.latest, now)
        if at is not None and self.mode is ScheduleMode.INTERVAL:
            at = _bounded(self.instants.latest, at - _TICK)
        return self._started(self._slot(at))

    def first_due_after(self, now: datetime) -> Slot | None:
        """The first slot that is due later than `now`."""
        if self.mode is ScheduleMode.TRIGGER:
            return self.after(now)
        running = self._started(self._slot(_bounded(self.instants.latest, now)))
        return self._ended(running) if running is not None else self.after(now)

    def ends_before(self, slot: Slot) -> bool:
        """Whether the slot lies after the end of the schedule."""
        return self.end is not None and slot.logical_date > self.end

    def _slot(self, at: datetime | None) -> Slot | None:
        if at is None:
            return None
        end = at if self.mode is ScheduleMode.TRIGGER else _bounded(self.instants.after, at)
        return None if end is None else Slot(logical_date=at, start=at, end=end, run_after=end)

    def _started(self, slot: Slot | None) -> Slot | None:
        return None if slot is None or (self.start is not None and slot.logical_date < self.start) else slot

    def _ended(self, slot: Slot | None) -> Slot | None:
        return None if slot is None or self.ends_before(slot) else slot


def schedule_instants(schedule: Schedule) -> Instants:
    """The instants that a schedule names, whatever its mode, start and end; ValueError where it names none."""
    if schedule.every is not None and schedule.start is not None:
        return Steps(schedule.start.astimezone(UTC), schedule.every)
    zone = load_zone(schedule.timezone)
    texts = (schedule.cron,) if schedule.cron is not None else schedule.crons or ()
    crons = dict.fromkeys(parse_cron(text) for text in texts)
    parts = tuple(cron_instants(cron, zone, schedule.dst) for cron in crons)
    if not parts:
        raise ValueError("a schedule needs cron, crons, or every with start")
    return parts[0] if len(parts) == 1 else Union(parts)


def _bounded(search: Callable[[datetime], datetime | None], at: datetime) -> datetime | None:
    low, high = _CALENDAR
    found = search(min(max(at, low), high))
    return found if found is not None and low <= found <= high else None
