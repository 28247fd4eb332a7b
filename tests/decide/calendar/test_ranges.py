"""A stretch of a timetable: both ends included, in either direction, and nothing that has not ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.decide.calendar import Timetable
from controller.decide.calendar.ranges import Stretch, slots_between
from controller.model.schedule import Schedule
from controller.model.timestamps import parse_time


def day(number: int, hour: int = 0) -> datetime:
    """A day of January 2026."""
    return parse_time(f"2026-01-{number:02}T{hour:02}:00:00Z")


def days(stretch: Stretch, after: datetime | None = None, **schedule: Any) -> list[int]:
    """The days of the slots' logical dates."""
    timetable = Timetable.of(Schedule.model_validate({"cron": "@daily", **schedule}))
    return [slot.logical_date.day for slot in slots_between(timetable, stretch, after)]


LATER = day(31)


@pytest.mark.parametrize("backwards", [False, True])
def test_both_ends(*, backwards: bool) -> None:
    """They are in it, and the order is as asked for."""
    found = days(Stretch(day(3), day(6), LATER, backwards))
    assert found == ([6, 5, 4, 3] if backwards else [3, 4, 5, 6])


@pytest.mark.parametrize("backwards", [False, True])
def test_what_has_not_ended(*, backwards: bool) -> None:
    """The interval of the 5th ends on the 6th."""
    stretch = Stretch(day(3), day(20), day(6), backwards)
    assert sorted(days(stretch, mode="interval")) == [3, 4, 5]
    assert sorted(days(stretch)) == [3, 4, 5, 6]


@pytest.mark.parametrize(("backwards", "rest"), [(False, [5, 6]), (True, [3])])
def test_after_a_cursor(*, backwards: bool, rest: list[int]) -> None:
    """It goes on behind the slot that was last."""
    assert days(Stretch(day(3), day(6), LATER, backwards), after=day(4)) == rest


def test_the_bounds_of_the_schedule() -> None:
    """They say when runs come by themselves, and do not count here."""
    bounds: dict[str, Any] = {"start": "2026-01-05T00:00:00Z", "end": "2026-01-05T00:00:00Z"}
    assert days(Stretch(day(3), day(6), LATER), **bounds) == [3, 4, 5, 6]


def test_a_span_that_begins_later() -> None:
    """A fixed span is counted from its start, so there is nothing before it."""
    every: dict[str, Any] = {"cron": None, "every": "24h", "start": "2026-01-05T00:00:00Z"}
    for backwards in (False, True):
        assert sorted(days(Stretch(day(3), day(6), LATER, backwards), **every)) == [5, 6]


def test_a_cron_around_a_clock_change() -> None:
    """Backwards it finds the same slots as forwards."""
    zone = {"cron": "30 2 * * *", "timezone": "Europe/Zurich"}
    timetable = Timetable.of(Schedule.model_validate(zone))
    stretch = Stretch(day(1), day(1) + timedelta(days=364), day(1) + timedelta(days=400))
    there = list(slots_between(timetable, stretch, None))
    back = list(slots_between(timetable, Stretch(stretch.first, stretch.last, stretch.ended_by, True), None))
    assert there == back[::-1]
    assert len(there) == 364 + 1 - 1
