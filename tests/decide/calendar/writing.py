"""Schedules and slots as short text, so that a test reads like a table."""

from datetime import datetime
from itertools import islice
from typing import Any

from controller.decide.calendar import Slot, Timetable, next_runs, schedule_faults
from controller.model.schedule import Schedule
from controller.model.timestamps import format_time, parse_time


def at(text: str) -> datetime:
    """`2026-03-29 01:30` in UTC, the time of day optional."""
    day, _, clock = text.partition(" ")
    return parse_time(f"{day}T{clock or '00:00'}:00Z")


def schedule(**fields: Any) -> Schedule:
    """A schedule without faults, from the fields of a manifest; `start`, `end` in the short form."""
    short = {name: format_time(at(fields[name])) for name in ("start", "end") if fields.get(name)}
    written = Schedule.model_validate(fields | short)
    assert schedule_faults(written) == []
    return written


def timetable(**fields: Any) -> Timetable:
    """The timetable of such a schedule."""
    return Timetable.of(schedule(**fields))


def told(slot: Slot) -> str:
    """`03-29 01:30`, or `03-29 01:30-02:30`, with the day of the end where it is another."""
    start = f"{slot.start:%m-%d %H:%M}"
    if slot.start == slot.end:
        return start
    return f"{start}-{slot.end:%H:%M}" if slot.start.date() == slot.end.date() else f"{start}-{slot.end:%m-%d %H:%M}"


def nexts(count: int, now: str, last: str | None = None, **fields: Any) -> list[str]:
    """What `slipway next` answers."""
    return [told(slot) for slot in next_runs(schedule(**fields), at(now), at(last) if last else None, None, count)]


def line(count: int, start: str, **fields: Any) -> list[str]:
    """The first slots from a start on."""
    slots = timetable(start=start, **fields).slots_from(at(start))
    return [told(slot) for slot in islice(slots, count)]
