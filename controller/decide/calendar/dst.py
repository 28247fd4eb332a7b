"""A wall time -> the instants it means in a zone, where the user's policy rules the hours around a clock change.

02:30 on the day 02:00 becomes 03:00    shift: 03:30    skip: none
02:30 on the day 03:00 becomes 02:00    later: the second    earlier: the first    both
"""

import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.decide.calendar.cron import Cron
from controller.decide.calendar.zones import Change, local_time
from controller.model.schedule import DstPolicy, Gap, Overlap


def instants_of(zone: ZoneInfo, wall: datetime, policy: DstPolicy) -> tuple[datetime, ...]:
    """The instants at which the run for a wall time is due, earliest first: one, and by policy none or two."""
    first, second = (_instant(zone, wall, fold) for fold in (0, 1))
    if first == second:
        return (first,)
    if first > second:  # the clock never shows it: the offset before the change makes it later by the gap
        return (first,) if policy.gap is Gap.SHIFT else ()
    return {Overlap.LATER: (second,), Overlap.EARLIER: (first,), Overlap.BOTH: (first, second)}[policy.overlap]


@functools.lru_cache(maxsize=256)
def instants_around(zone: ZoneInfo, cron: Cron, policy: DstPolicy, change: Change) -> tuple[datetime, ...]:
    """All instants from `change.begins` until `change.ends`, rising, each once.

    Whoever follows the clock over a gap, as Airflow does, has passed the wall times that it then lies behind:
    `15,40 2 * * *` runs at 03:15, and 02:40 is gone.
    """
    gap = change.after > change.before
    found: list[datetime] = []
    passed = datetime.min  # noqa: DTZ901 - a wall time
    for wall in _walls_around(cron, change):
        for at in instants_of(zone, wall, policy):
            if change.begins <= at < change.ends and not (gap and wall <= passed):
                found.append(at)
                passed = local_time(zone, at)
    return tuple(sorted(set(found)))


def _walls_around(cron: Cron, change: Change) -> Iterator[datetime]:
    """The wall times of which one instant at least may lie around the change, rising."""
    low, high = sorted((change.before, change.after))
    wall = cron.at_or_after(change.begins.replace(tzinfo=None) + low)
    while wall is not None and wall < change.ends.replace(tzinfo=None) + high:
        yield wall
        wall = cron.after(wall)


def provisional_instant(zone: ZoneInfo, wall: datetime) -> datetime:
    """The instant of a wall time that is exact unless `change_around` it says otherwise."""
    return _instant(zone, wall, 0)


def latest_instant(zone: ZoneInfo, wall: datetime, at: datetime) -> datetime | None:
    """Of the instants of a wall time, the last that is not later than `at`."""
    offered = instants_of(zone, wall, DstPolicy(overlap=Overlap.BOTH))
    return max((instant for instant in offered if instant <= at), default=None)


def _instant(zone: ZoneInfo, wall: datetime, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
