"""The vectors of docs on data intervals, catch-up and onEnable, one line each."""

from typing import Any

import pytest

from tests.decide.calendar.writing import nexts

_NOW = "2026-06-10 12:30"
_INTERVAL: dict[str, Any] = {"cron": "@daily", "mode": "interval"}
_TRIGGER: dict[str, Any] = {"cron": "@daily"}
_CATCHUP: dict[str, Any] = {"catchup": True}
_LATEST: dict[str, Any] = {"onEnable": "run-latest"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (_INTERVAL | {"start": "2026-01-01"}, ["01-01 00:00-01-02 00:00", "01-02 00:00-01-03 00:00"]),
        (_INTERVAL | {"start": "2026-01-01 05:00"}, ["01-02 00:00-01-03 00:00", "01-03 00:00-01-04 00:00"]),
        (_TRIGGER | {"start": "2026-01-01"}, ["01-01 00:00", "01-02 00:00"]),
        (_TRIGGER | {"start": "2026-01-01 05:00"}, ["01-02 00:00", "01-03 00:00"]),
        ({"every": "6h", "mode": "interval", "start": "2026-01-01 01:00"}, ["01-01 01:00-07:00", "01-01 07:00-13:00"]),
        ({"every": "6h", "start": "2026-01-01 01:00"}, ["01-01 01:00", "01-01 07:00"]),
    ],
)
def test_first_slots_of_a_catch_up(fields: dict[str, Any], expected: list[str]) -> None:
    """Catch-up begins at the start if that is a boundary, else at the next one."""
    assert nexts(2, _NOW, **fields, **_CATCHUP) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (_INTERVAL, ["01-02 00:00-01-03 00:00", "01-03 00:00-01-04 00:00"]),
        (_TRIGGER, ["01-02 00:00", "01-03 00:00"]),
        ({"every": "1d"}, ["01-02 00:00", "01-03 00:00"]),
    ],
)
def test_end_is_the_last_logical_date(kind: dict[str, Any], expected: list[str]) -> None:
    """A slot on the end still runs, though in interval mode after it."""
    assert nexts(5, _NOW, **kind, **_CATCHUP, start="2026-01-02", end="2026-01-03") == expected


@pytest.mark.parametrize(
    ("now", "last", "fields", "expected"),
    [
        (_NOW, None, _INTERVAL | {"start": "2026-01-01"}, ["06-09 00:00-06-10 00:00", "06-10 00:00-06-11 00:00"]),
        (_NOW, None, _INTERVAL, ["06-09 00:00-06-10 00:00", "06-10 00:00-06-11 00:00"]),
        ("2026-06-10", None, _INTERVAL, ["06-09 00:00-06-10 00:00", "06-10 00:00-06-11 00:00"]),
        (_NOW, None, _TRIGGER | {"start": "2026-01-01"}, ["06-10 00:00", "06-11 00:00"]),
        ("2026-06-10", None, _TRIGGER | {"start": "2026-01-01"}, ["06-10 00:00", "06-11 00:00"]),
        (_NOW, "2026-06-01", _TRIGGER | {"start": "2026-01-01"}, ["06-10 00:00", "06-11 00:00"]),
        (_NOW, "2026-06-01", _TRIGGER, ["06-10 00:00", "06-11 00:00"]),
        (_NOW, "2026-06-10", _TRIGGER, ["06-11 00:00", "06-12 00:00"]),
        (_NOW, None, _TRIGGER, ["06-11 00:00", "06-12 00:00"]),
        ("2026-06-10 01:00", None, _TRIGGER, ["06-11 00:00", "06-12 00:00"]),
        (_NOW, None, {"every": "6h", "start": "2026-01-01 01:00"}, ["06-10 07:00", "06-10 13:00"]),
        (_NOW, None, _TRIGGER | {"start": "2026-07-01 05:00"}, ["07-02 00:00", "07-03 00:00"]),
        (_NOW, None, _INTERVAL | {"start": "2026-06-10"}, ["06-10 00:00-06-11 00:00", "06-11 00:00-06-12 00:00"]),
        (_NOW, "2026-08-01", _TRIGGER, ["08-02 00:00", "08-03 00:00"]),
    ],
)
def test_run_latest_takes_the_newest_past_slot(
    now: str, last: str | None, fields: dict[str, Any], expected: list[str]
) -> None:
    """Without catch-up one past slot runs, none twice and none before the start; `every` keeps its alignment."""
    assert nexts(2, now, last, **fields, **_LATEST) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (_TRIGGER, ["06-11 00:00"]),
        (_TRIGGER | {"start": "2026-01-01"}, ["06-11 00:00"]),
        (_TRIGGER | {"start": "2026-07-01"}, ["07-01 00:00"]),
        (_INTERVAL, ["06-10 00:00-06-11 00:00"]),
        (_INTERVAL | {"start": "2026-06-10 01:00"}, ["06-11 00:00-06-12 00:00"]),
        ({"every": "6h", "start": "2026-01-01 01:00"}, ["06-10 13:00"]),
    ],
)
def test_wait_takes_the_first_slot_that_becomes_due(fields: dict[str, Any], expected: list[str]) -> None:
    """A Dag just enabled runs nothing that is already past, not even a slot due at this instant."""
    assert nexts(1, _NOW, **fields) == expected
    assert nexts(1, "2026-06-11", **_TRIGGER) == ["06-12 00:00"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("latest", ["06-10 00:00", "06-11 00:00"]),
        ("none", ["06-11 00:00", "06-12 00:00"]),
        ("all", ["06-08 00:00", "06-09 00:00"]),
    ],
)
def test_missed_runs_decides_after_a_pause(policy: str, expected: list[str]) -> None:
    """Of the slots missed since the last run the newest, none or all run; onEnable plays no part."""
    assert nexts(2, _NOW, "2026-06-07", **_TRIGGER, missedRuns=policy) == expected
    assert nexts(2, _NOW, "2026-06-07", **_TRIGGER, missedRuns=policy, **_LATEST) == expected


def test_catch_up_after_the_last_run_knows_no_now() -> None:
    """With catch-up the slots after the last run follow, whatever the time is and the policies say."""
    fields = _TRIGGER | _CATCHUP | {"start": "2026-01-01", "missedRuns": "none"}
    assert nexts(2, _NOW, "2026-06-01", **fields) == nexts(2, "2020-01-01", "2026-06-01", **fields)
    assert nexts(2, _NOW, "2026-06-01", **fields) == ["06-02 00:00", "06-03 00:00"]


def test_newest_past_slot_after_the_end() -> None:
    """Once the newest past slot lies after the end nothing is left, even if an earlier one was missed."""
    over: dict[str, Any] = {"start": "2026-01-01", "end": "2026-06-09"}
    assert nexts(3, _NOW, None, **_TRIGGER, **over, **_LATEST) == []
    assert nexts(3, _NOW, "2026-06-01", **_TRIGGER, **over) == []
    assert nexts(3, _NOW, None, **_INTERVAL, **over, **_LATEST) == ["06-09 00:00-06-10 00:00"]


def test_two_crons_due_at_one_instant() -> None:
    """An instant that several crons name makes one run, and intervals lie between the instants of all."""
    both: dict[str, Any] = {"crons": ["0 6 * * *", "0 */12 * * *", "0 0 * * *"], "catchup": True, "start": "2026-01-01"}
    assert nexts(4, _NOW, **both) == ["01-01 00:00", "01-01 06:00", "01-01 12:00", "01-02 00:00"]
    assert nexts(3, _NOW, **both, mode="interval") == [
        "01-01 00:00-06:00",
        "01-01 06:00-12:00",
        "01-01 12:00-01-02 00:00",
    ]
