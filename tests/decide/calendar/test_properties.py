"""Slots against a walk over every minute, in zones and on days that break code."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decide.calendar.slots import Timetable, schedule_instants
from controller.decide.calendar.zones import load_zone
from controller.model.schedule import DstPolicy, Gap, Overlap, Schedule, ScheduleMode

_MINUTE = timedelta(minutes=1)
_CHANGES = [
    ("Europe/Zurich", "2026-03-29 01:00"),
    ("Europe/Zurich", "2026-10-25 01:00"),
    ("Europe/Dublin", "2026-10-25 01:00"),
    ("America/New_York", "2026-11-01 06:00"),
    ("America/Santiago", "2025-09-07 04:00"),
    ("America/Havana", "2024-11-03 05:00"),
    ("Africa/Casablanca", "2025-02-23 02:00"),
    ("Australia/Lord_Howe", "2026-10-03 15:30"),
    ("Australia/Lord_Howe", "2026-04-04 15:00"),
    ("Antarctica/Troll", "2026-03-29 01:00"),
    ("Antarctica/Troll", "2026-10-25 01:00"),
    ("Asia/Kathmandu", "1985-12-31 18:30"),
    ("America/Caracas", "2007-12-09 07:00"),
    ("Asia/Pyongyang", "2018-05-04 15:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
    ("UTC", "2024-02-29 00:00"),
]


@dataclass(frozen=True)
class _Cron:
    """A cron known by its values, so that nobody has to read it."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]

    @property
    def text(self) -> str:
        minute, hour, weekday = (",".join(map(str, field)) for field in (self.minutes, self.hours, self.weekdays))
        return f"{minute} {hour} * * {weekday}"

    def names(self, wall: datetime) -> bool:
        return wall.minute in self.minutes and wall.hour in self.hours and wall.isoweekday() % 7 in self.weekdays


def _some(low: int, high: int, most: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(low, high), min_size=1, max_size=most, unique=True).map(
        lambda some: tuple(sorted(some))
    )


_minutes = st.lists(st.sampled_from(range(0, 60, 5)), min_size=1, max_size=4, unique=True).map(
    lambda some: tuple(sorted(some))
)
_hours = (_some(0, 23, 23) | _some(0, 4, 4)).filter(lambda hours: len(hours) < 24)
_weekdays = st.just(tuple(range(7))) | _some(0, 6, 3)
_fixed_hours = st.builds(_Cron, _minutes, _hours, _weekdays)
_every_hour = st.builds(_Cron, _minutes, st.just(tuple(range(24))), st.just(tuple(range(7))))
_policies = st.builds(DstPolicy, gap=st.sampled_from(Gap), overlap=st.sampled_from(Overlap))
_changes = st.sampled_from(_CHANGES).map(
    lambda change: (change[0], datetime.fromisoformat(change[1]).replace(tzinfo=UTC))
)


def _local(zone: ZoneInfo, at: datetime) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _walked(cron: _Cron, zone: ZoneInfo, policy: DstPolicy, begin: datetime, end: datetime) -> list[datetime]:
    """Every minute of the wall clock in its order, each asked for its instants; two days more on either side."""
    shown: dict[datetime, list[datetime]] = {}
    at, last = begin - timedelta(days=2), end + timedelta(days=2)
    wall, last_wall = _local(zone, at), _local(zone, last)
    while at <= last:
        shown.setdefault(_local(zone, at), []).append(at)
        at += _MINUTE
    found: list[datetime] = []
    before = min(shown)
    offset = shown[before][0] - before.replace(tzinfo=UTC)
    while wall <= last_wall:
        passes = shown.get(wall, [])
        if passes:
            offset = passes[-1] - wall.replace(tzinfo=UTC)
        if cron.names(wall):
            found += _chosen(passes, wall.replace(tzinfo=UTC) + offset, policy)
            if not passes and policy.gap is Gap.SHIFT:  # the clock has moved on: it is past all that it now shows
                wall = _local(zone, found[-1])
        wall += _MINUTE
    return sorted({instant for instant in found if begin <= instant < end})


def _chosen(passes: list[datetime], shifted: datetime, policy: DstPolicy) -> list[datetime]:
    if not passes:
        return [shifted] if policy.gap is Gap.SHIFT else []
    return {Overlap.LATER: passes[-1:], Overlap.EARLIER: passes[:1], Overlap.BOTH: passes}[policy.overlap]


@settings(max_examples=60, deadline=None)
@given(change=_changes, cron=_fixed_hours, policy=_policies)
def test_fixed_hours_are_those_of_a_walk_along_the_wall_clock(
    change: tuple[str, datetime], cron: _Cron, policy: DstPolicy
) -> None:
    """Forwards, and backwards from any point: the same instants that looking at every minute finds."""
    name, at = change
    begin, end = at - timedelta(days=2), at + timedelta(days=2)
    walked = _walked(cron, load_zone(name), policy, begin, end)
    instants = schedule_instants(Schedule(cron=cron.text, timezone=name, dst=policy))
    forward, place = [], instants.at_or_after(begin)
    while place is not None and place < end:
        forward.append(place)
        place = instants.after(place)
    backward, place = [], instants.latest(end - _MINUTE)
    while place is not None and place >= begin:
        backward.append(place)
        place = instants.latest(place - _MINUTE)
    assert forward == walked
    assert backward[::-1] == walked


@settings(max_examples=60, deadline=None)
@given(change=_changes, cron=_every_hour)
def test_every_hour_is_a_clock_that_nobody_moves(change: tuple[str, datetime], cron: _Cron) -> None:
    """From each instant the next is where a clock, set right at that instant and then left alone, shows the cron."""
    name, at = change
    zone = load_zone(name)
    instants = schedule_instants(Schedule(cron=cron.text, timezone=name))
    place = instants.at_or_after(at - timedelta(days=1))
    assert place is not None
    assert cron.names(_local(zone, place))
    while place < at + timedelta(days=1):
        expected = place + _MINUTE
        while not cron.names(_local(zone, place) + (expected - place)):
            expected += _MINUTE
        assert instants.after(place) == expected
        assert instants.latest(expected - _MINUTE) is not None
        place = expected


@settings(max_examples=40, deadline=None)
@given(
    cron=_every_hour, change=_changes.filter(lambda change: change[0] in {"Europe/Zurich", "America/New_York", "UTC"})
)
def test_every_hour_where_changes_are_of_whole_hours(cron: _Cron, change: tuple[str, datetime]) -> None:
    """No real hour is lost or doubled: the instants are those whose minute is named."""
    name, at = change
    table = Timetable.of(Schedule(cron=cron.text, timezone=name, start=at - timedelta(days=1)))
    slots = [slot.start for slot in islice(table.slots_from(at - timedelta(days=1)), 48 * len(cron.minutes))]
    hours = [at - timedelta(days=1) + timedelta(hours=hour) for hour in range(48)]
    assert slots == [hour + minute * _MINUTE for hour in hours for minute in cron.minutes]


_schedules = st.builds(
    lambda crons, change, policy, mode: Schedule(
        crons=tuple(cron.text for cron in crons), timezone=change[0], dst=policy, mode=mode
    ),
    st.lists(_fixed_hours | _every_hour, min_size=1, max_size=3),
    _changes,
    _policies,
    st.sampled_from(ScheduleMode),
)


@settings(max_examples=60, deadline=None)
@given(schedule=_schedules, change=_changes, minutes=st.integers(-2000, 2000))
def test_slots_rise_and_join(schedule: Schedule, change: tuple[str, datetime], minutes: int) -> None:
    """Slots rise strictly, intervals touch, nothing lies before where it was asked for, and the newest due is due."""
    begin = change[1] + minutes * _MINUTE
    table = Timetable.of(schedule)
    slots = list(islice(table.slots_from(begin), 30))
    assert all(slot.logical_date == slot.start and slot.run_after == slot.end for slot in slots)
    assert slots[0].start >= begin
    for slot, following in pairwise(slots):
        assert slot.start < following.start
        assert schedule.mode is ScheduleMode.TRIGGER or slot.end == following.start
        assert table.after(slot.start) == following
    newest, first = table.newest_due(begin), table.first_due_after(begin)
    assert newest is not None
    assert first is not None
    assert newest.run_after <= begin < first.run_after
