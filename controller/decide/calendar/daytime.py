"""A time of day, or one instant, as text -> the first such instant after another."""

from datetime import datetime, time, timedelta
from typing import Final

from controller.decide.calendar.dst import instants_of
from controller.decide.calendar.zones import load_zone, local_time
from controller.model.schedule import DstPolicy
from controller.model.timestamps import parse_time

_TIME_OF_DAY: Final = len("07:30")


def next_at(text: str, zone: str, after: datetime) -> datetime:
    """The instant itself, or the first one after `after` at which clocks of the zone show `07:30`.

    A time that a clock change leaves out is later by the gap; of one that comes twice, the later counts.
    """
    if len(text) != _TIME_OF_DAY:
        return parse_time(text)
    clock = load_zone(zone)
    today = local_time(clock, after).date()
    walls = (datetime.combine(today + timedelta(days=days), time.fromisoformat(text)) for days in range(-1, 4))
    return next(at for wall in walls for at in instants_of(clock, wall, DstPolicy()) if at > after)
