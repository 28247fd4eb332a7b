"""A cron text -> the wall times it names, without a zone. The only module that knows croniter.

Five fields or a preset. What croniter would also take is refused here: seconds and years (its sixth and seventh field),
`H`, and `R`, which is another time at each parse. So are Airflow's `@once` and `@continuous`, which name no times.
"""

import copy
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from croniter import CroniterError, croniter

_MINUTE: Final = timedelta(minutes=1)
_REFERENCE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a wall time has no zone
_PRESETS: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_NOT_OFFERED: Final = {
    "@once": "leave the schedule out, and create the one run by hand",
    "@continuous": "write a short interval such as */5 * * * *, with concurrency.maxActiveRuns: 1",
}
"""What Airflow takes in a cron's place, and what to write instead."""
_HASHED: Final = "H and R, a time that is not written down, are not offered"
_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAYS: Final = "sun|mon|tue|wed|thu|fri|sat"
_FIELDS: Final = (
    ("minute", r"[\d*/,-]+", "0-59"),
    ("hour", r"[\d*/,-]+", "0-23"),
    ("day of month", r"[\d*/,?lw-]+", "1-31, L"),
    ("month", rf"([\d*/,-]|{_MONTHS})+", "1-12, jan-dec"),
    ("day of week", rf"([\d*/,?#l-]|{_DAYS})+", "0-7, sun-sat, fri#2, L5"),
)
"""Of each field its name, the letters it may have, and its values in a sentence."""


@dataclass(frozen=True, slots=True)
class Cron:
    """One cron text, read once. Wall times go in and out, all of them naive."""

    text: str
    """Five fields, lower case, one space between."""
    covers_every_hour: bool
    """Whether the hour field leaves out no hour, however it is written."""
    _parsed: "croniter[datetime]" = field(repr=False, compare=False)

    def after(self, wall: datetime) -> datetime | None:
        """The first time later than `wall`; None past the end of the calendar, or when 50 years have none."""
        return self._step(wall, back=False)

    def at_or_after(self, wall: datetime) -> datetime | None:
        """The first time that is not earlier than `wall`."""
        return self.after(_minute(wall - timedelta(microseconds=1)))

    def latest(self, wall: datetime) -> datetime | None:
        """The last time that is not later than `wall`."""
        return self._step(_minute(wall) + _MINUTE, back=True)

    def _step(self, wall: datetime, *, back: bool) -> datetime | None:
        cursor = copy.copy(self._parsed)  # it keeps its place in itself, and two threads may ask at once
        move = cursor.get_prev if back else cursor.get_next
        try:
            return move(datetime, start_time=wall)
        except (ValueError, OverflowError):  # none within 50 years, or past year 1 or 9999
            return None


def parse_cron(text: str) -> Cron:
    """The cron that `text` writes; ValueError with one sentence when it writes none."""
    fault = cron_fault(text)
    if fault:
        raise ValueError(fault)
    fields = _split(text)
    parsed = croniter(" ".join(fields), _REFERENCE, ret_type=datetime)
    return Cron(" ".join(fields), parsed.expanded[1] == ["*"], parsed)


def cron_fault(text: str) -> str | None:
    """What is wrong with a cron text, in one sentence."""
    fields = _split(text)
    word = text.strip().lower()
    if word in _NOT_OFFERED:
        return f"{text!r} is not offered: {_NOT_OFFERED[word]}"
    if word.startswith("@") and len(fields) != len(_FIELDS):
        return f"{text!r} is not a preset: write one of {' '.join(sorted(_PRESETS))}, or five fields"
    if len(fields) != len(_FIELDS):
        more = "; seconds and years are not offered" if len(fields) in (6, 7) else ""
        return f"{text!r} has {len(fields)} fields, not five: minute, hour, day of month, month, day of week{more}"
    for place, (name, letters, values) in enumerate(_FIELDS):
        alone = ["*"] * len(_FIELDS)
        alone[place] = fields[place]
        if not re.fullmatch(letters, fields[place], re.ASCII) or not _is_readable(" ".join(alone)):
            hint = f"; {_HASHED}" if re.match(r"[hr]\b", fields[place]) else ""
            return f"{text!r}: {name} {fields[place]!r} can't be read: write {values}, *, a,b, a-b or /n{hint}"
    return None if _is_readable(" ".join(fields)) else f"{text!r}: these fields can't be combined"


def _split(text: str) -> list[str]:
    lowered = text.strip().lower()
    return re.findall(r"\S+", _PRESETS.get(lowered, lowered), re.ASCII)


def _is_readable(text: str) -> bool:
    try:
        croniter.expand(text)
    except CroniterError:
        return False
    return True


def _minute(wall: datetime) -> datetime:
    return wall.replace(second=0, microsecond=0)
