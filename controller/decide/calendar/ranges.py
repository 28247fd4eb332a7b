"""A Timetable and a stretch of time -> the slots in it, in either direction, whatever the schedule's own bounds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from controller.decide.calendar.slots import Slot, Timetable

_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which slots are meant."""

    first: datetime
    """The earliest logical date, included."""
    last: datetime
    """The latest logical date, included."""
    ended_by: datetime
    """Slots whose interval ends later are left out."""
    backwards: bool = False
    """Whether the newest comes first."""


def slots_between(timetable: Timetable, stretch: Stretch, after: datetime | None) -> Iterator[Slot]:
    """The slots in order; `after` is the logical date of the one before, None = from the beginning.

    A Dag's start and end say when runs come by themselves, so they have no say here (as in Airflow).
    """
    unbound = replace(timetable, start=None, end=None)
    slot = _first(unbound, stretch) if after is None else _next(unbound, after, backwards=stretch.backwards)
    while slot is not None and stretch.first <= slot.logical_date <= stretch.last:
        if slot.run_after <= stretch.ended_by:
            yield slot
        elif not stretch.backwards:
            return
        slot = _next(unbound, slot.logical_date, backwards=stretch.backwards)


def _first(timetable: Timetable, stretch: Stretch) -> Slot | None:
    if stretch.backwards:
        # Nothing that starts later has ended, and a range may reach far into the future.
        return timetable.latest(min(stretch.last, stretch.ended_by))
    return timetable.at_or_after(stretch.first)


def _next(timetable: Timetable, at: datetime, *, backwards: bool) -> Slot | None:
    return timetable.latest(at - _TICK) if backwards else timetable.after(at)
