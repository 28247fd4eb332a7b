"""What the scheduler creates at an instant, and that it is what `slipway next` foretold."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from controller.decide.calendar import Seen, Timetable, coming, due, next_runs
from controller.model.schedule import MissedRuns, OnEnable, ScheduleMode
from tests.decide.calendar.writing import at, schedule, timetable, told

_DAILY: dict[str, Any] = {"cron": "@daily"}
_NOW = "2026-06-10 12:30"


def _due(table: Timetable, seen: Seen, limit: int = 10) -> tuple[list[str], str | None]:
    answer = due(table, seen, limit)
    return [told(slot) for slot in answer.slots], f"{answer.next_at:%m-%d %H:%M}" if answer.next_at else None


def test_nothing_due_yet() -> None:
    """A Dag that waits is told when to ask again."""
    assert _due(timetable(**_DAILY), Seen(at(_NOW))) == ([], "06-11 00:00")


def test_slot_that_comes_due() -> None:
    """A slot is due at its very instant, and not again once it is the last."""
    table = timetable(**_DAILY)
    enabled = at(_NOW)
    assert _due(table, Seen(at("2026-06-11"), None, enabled)) == (["06-11 00:00"], "06-12 00:00")
    assert _due(table, Seen(at("2026-06-11"), at("2026-06-11"), enabled)) == ([], "06-12 00:00")


def test_clock_that_runs_backwards() -> None:
    """The cursor stays: a slot that was run is not run again, and none before it."""
    for policy in MissedRuns:
        table = timetable(**_DAILY, missedRuns=policy)
        assert _due(table, Seen(at("2026-05-01"), at("2026-06-10"))) == ([], "06-11 00:00")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("latest", (["06-10 00:00"], "06-11 00:00")),
        ("none", ([], "06-11 00:00")),
        ("all", (["06-08 00:00", "06-09 00:00", "06-10 00:00"], "06-11 00:00")),
    ],
)
def test_controller_that_was_down(policy: str, expected: tuple[list[str], str]) -> None:
    """Slots that came due in the meantime: the newest, none or all of them."""
    assert _due(timetable(**_DAILY, missedRuns=policy), Seen(at(_NOW), at("2026-06-07"))) == expected


def test_slot_that_came_due_while_the_controller_was_awake() -> None:
    """With `none` a slot is missed only if nobody looked: one that was merely late in being created runs."""
    table = timetable(**_DAILY, missedRuns="none")
    awake = Seen(at("2026-06-10 00:03"), at("2026-06-07"), awake_since=at("2026-06-09 08:00"))
    assert _due(table, awake) == (["06-10 00:00"], "06-11 00:00")


def test_enabled_then_down() -> None:
    """A Dag that waited for its first slot and missed it: missedRuns decides among those since it was enabled."""
    for policy, expected in (("latest", ["06-10 00:00"]), ("none", []), ("all", ["06-09 00:00", "06-10 00:00"])):
        table = timetable(**_DAILY, missedRuns=policy)
        assert _due(table, Seen(at(_NOW), None, at("2026-06-08 12:00")))[0] == expected


def test_enabled_to_run_the_latest() -> None:
    """The newest past slot runs at once, and the ones missed since by missedRuns."""
    enabled = at("2026-06-08 12:00")
    for policy, expected in (
        ("latest", ["06-10 00:00"]),
        ("none", ["06-10 00:00"]),
        ("all", ["06-08 00:00", "06-09 00:00", "06-10 00:00"]),
    ):
        table = timetable(**_DAILY, start="2026-01-01", onEnable="run-latest", missedRuns=policy)
        assert _due(table, Seen(enabled, None, enabled))[0] == ["06-08 00:00"]
        assert _due(table, Seen(at(_NOW), None, enabled))[0] == expected


@pytest.mark.parametrize("policy", MissedRuns)
def test_schedule_that_was_edited(policy: MissedRuns) -> None:
    """The next slot after the edit is the first of the new schedule: those that it says have passed never were."""
    table = timetable(cron="* * * * *", missedRuns=policy)
    edited = at("2026-06-10 12:30")
    assert _due(table, Seen(edited, at("2026-06-10 06:00"), edited)) == ([], "06-10 12:31")
    assert _due(table, Seen(at("2026-06-10 12:31"), at("2026-06-10 06:00"), edited, edited))[0] == ["06-10 12:31"]


def test_schedule_that_was_edited_to_end_before() -> None:
    """Nothing is left of it, whatever was missed."""
    table = timetable(**_DAILY, end="2026-06-09", missedRuns="all")
    assert _due(table, Seen(at(_NOW), at("2026-06-01"), at(_NOW))) == ([], None)


def test_schedule_that_was_edited_while_it_catches_up() -> None:
    """It goes on from the cursor: catching up is what it is for."""
    table = timetable(cron="@hourly", start="2026-01-01", catchup=True)
    assert _due(table, Seen(at(_NOW), at("2026-01-02"), at(_NOW)), limit=1) == (["01-02 01:00"], "01-02 02:00")


def test_catch_up_of_a_year_of_minutes() -> None:
    """As many as the limit are looked at, not half a million."""
    table = timetable(cron="* * * * *", start="2025-06-10", catchup=True)
    slots, following = _due(table, Seen(at(_NOW)), limit=16)
    assert (len(slots), following) == (16, "06-10 00:16")


def test_catch_up_by_the_limit() -> None:
    """The oldest come first, no more than the limit, and the next is due already."""
    table = timetable(cron="* * * * *", start="2016-01-01", catchup=True)
    assert _due(table, Seen(at(_NOW)), limit=2) == (["01-01 00:00", "01-01 00:01"], "01-01 00:02")
    assert _due(table, Seen(at(_NOW), at("2016-01-01 00:01")), limit=1) == (["01-01 00:02"], "01-01 00:03")
    assert _due(table, Seen(at(_NOW)), limit=0) == ([], "01-01 00:00")


def test_schedule_that_is_over() -> None:
    """After the last slot there is no instant to ask again."""
    table = timetable(**_DAILY, start="2026-01-01", end="2026-06-11", catchup=True)
    assert _due(table, Seen(at("2026-06-12"), at("2026-06-10"))) == (["06-11 00:00"], None)
    assert _due(table, Seen(at("2026-06-12"), at("2026-06-11"))) == ([], None)


@pytest.mark.parametrize("policy", ["latest", "none"])
def test_schedule_that_ended_while_the_controller_was_down(policy: str) -> None:
    """The last slot is no exception: missed is missed, by `none` as by `latest` once a newer one would be past."""
    table = timetable(**_DAILY, end="2026-06-08", missedRuns=policy)
    assert _due(table, Seen(at(_NOW), at("2026-06-07"))) == ([], None)


_KINDS: list[dict[str, Any]] = [
    {"cron": "@daily"},
    {"cron": "*/30 * * * *", "timezone": "Europe/Zurich"},
    {"cron": "*/20 1-3 * * *", "timezone": "Europe/Zurich", "dst": {"overlap": "both"}},
    {"crons": ["0 2 * * *", "30 * * * *"], "timezone": "Europe/Zurich"},
    {"every": "7h"},
]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("mode", ScheduleMode)
@pytest.mark.parametrize("policy", MissedRuns)
@pytest.mark.parametrize("on_enable", OnEnable)
@pytest.mark.parametrize("catchup", [False, True])
def test_simulated_clock_runs_what_was_foretold(
    kind: dict[str, Any], mode: ScheduleMode, policy: MissedRuns, on_enable: OnEnable, *, catchup: bool
) -> None:
    """Asking `due` at each `next_at`, with nothing remembered but the last run, gives the answer of `slipway next`."""
    enabled = at("2026-03-28 12:34")
    written = schedule(
        **kind, mode=mode, missedRuns=policy, onEnable=on_enable, catchup=catchup, start="2026-03-26 05:00"
    )
    foretold = [told(slot) for slot in next_runs(written, enabled, None, None, 12)]
    assert _simulated(Timetable.of(written), enabled, 12) == foretold


def _simulated(table: Timetable, enabled: datetime, count: int) -> list[str]:
    now, last = enabled, None
    ran: list[str] = []
    while len(ran) < count:
        answer = due(table, Seen(now, last, enabled, enabled), limit=1)
        if answer.slots:
            last = answer.slots[-1].logical_date
            ran += [told(slot) for slot in answer.slots]
        assert answer.next_at is not None
        now = max(now, answer.next_at)
    return ran


@pytest.mark.parametrize("lateness", [timedelta(seconds=1), timedelta(minutes=7)])
def test_scheduler_that_is_always_late(lateness: timedelta) -> None:
    """Asking a little after each slot runs the same slots; what is due now never moves what comes later."""
    table = timetable(cron="*/30 * * * *", timezone="Europe/Zurich", start="2026-10-24")
    enabled = now = at("2026-10-24 20:05")
    last, ran = None, list[str]()
    foretold = [told(slot) for slot in islice(coming(table, Seen(now)), 20)]
    while len(ran) < 20:
        answer = due(table, Seen(now, last, enabled, enabled), limit=5)
        ran += [told(slot) for slot in answer.slots]
        last = answer.slots[-1].logical_date if answer.slots else last
        assert answer.next_at is not None
        now = answer.next_at + lateness
    assert ran == foretold
