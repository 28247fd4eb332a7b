"""A zone's name -> its clock, and the clock change that an instant is close to.

Zones are read from the PyPI package tzdata, never from the machine, so that a schedule means the same everywhere.
"""

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

_SECOND: Final = timedelta(seconds=1)
_PROBES: Final = tuple(timedelta(hours=hours) for hours in (-26, -3, 0, 3, 26))
"""Where the offset is read around an instant: summer time moves a clock by 2 h at most, the date line by 24 h."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a zone's offset from UTC."""

    at: datetime
    """The first instant of the new offset."""
    before: timedelta
    """The offset that ends."""
    after: timedelta
    """The offset that begins."""

    @property
    def begins(self) -> datetime:
        """The first instant whose wall time may be doubled."""
        return self.at - abs(self.after - self.before)

    @property
    def ends(self) -> datetime:
        """The first instant from which on wall times are plain again."""
        return self.at + abs(self.after - self.before)


@functools.cache
def load_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; ValueError when tzdata has none of that name."""
    if name not in zone_names():
        raise ValueError(f"{name!r} is not an IANA time zone: write a name such as UTC or Europe/Zurich")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@functools.cache
def zone_names() -> frozenset[str]:
    """Every IANA name, links included; not `Factory`, which is the database's word for none."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split()) - {"Factory"}


def local_time(zone: ZoneInfo, at: datetime) -> datetime:
    """What the zone's clock on the wall shows at an instant (in UTC, as all instants here)."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def change_around(zone: ZoneInfo, at: datetime) -> Change | None:
    """The change whose missing, doubled or shifted wall times `at` may be one of; None nearly always."""
    places = [at + probe for probe in _PROBES]
    offsets = [_offset(zone, place) for place in places]
    for (low, old), (high, new) in pairwise(zip(places, offsets, strict=True)):
        if old != new:
            change = _find_change(zone, low, high)
            if change.begins <= at < change.ends:
                return change
    return None


def _find_change(zone: ZoneInfo, low: datetime, high: datetime) -> Change:
    """The change between two instants whose offsets differ, found by halving down to the second."""
    before = _offset(zone, low)
    low = low.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + (high - low) // (2 * _SECOND) * _SECOND
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    at = low + _SECOND
    return Change(at, before, _offset(zone, at))


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return local_time(zone, at) - at.replace(tzinfo=None)
