"""Cron texts in a zone, or a span from a start -> a rising line of instants, each found from any other instant.

    WallClock   `0 6 * * *`    the clock on the wall decides, and the DST policy where that clock is moved
    Spans       `30 * * * *`   every hour is meant: the next one is as far as an unmoved clock says, so that no real
                               hour is lost or doubled (Airflow's rule; the policy is not asked)
    Steps       `every: 6h`    start, start + 6h, ...
    Union       several crons  an instant of any of them, once

All instants are in UTC.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from controller.decide.calendar.cron import Cron
from controller.decide.calendar.dst import instants_around, latest_instant, provisional_instant
from controller.decide.calendar.zones import Change, change_around, local_time
from controller.model.schedule import DstPolicy

_TICK: Final = timedelta(microseconds=1)
_MINUTE: Final = timedelta(minutes=1)
_CHANGES: Final = 100
"""How many clock changes may swallow a cron's time, one after the other, before it counts as never."""


class Instants(Protocol):
    """A rising line of instants. None = there is none."""

    def after(self, at: datetime) -> datetime | None:
        """The first instant later than `at`."""

    def at_or_after(self, at: datetime) -> datetime | None:
        """The first instant that is not earlier than `at`."""

    def latest(self, at: datetime) -> datetime | None:
        """The last instant that is not later than `at`."""


def cron_instants(cron: Cron, zone: ZoneInfo, policy: DstPolicy) -> Instants:
    """The instants of a cron text, by the clock that its hour field asks for."""
    return Spans(cron, zone) if cron.covers_every_hour else WallClock(cron, zone, policy)


@dataclass(frozen=True, slots=True)
class WallClock:
    """A cron whose hours are hours on the wall.

    Far from a clock change an instant is a wall time and an offset. Around one, all instants are worked out together.
    """

    cron: Cron
    zone: ZoneInfo
    policy: DstPolicy

    def after(self, at: datetime) -> datetime | None:
        """The first instant later than `at`."""

        def first_around(change: Change) -> datetime | None:
            near = instants_around(self.zone, self.cron, self.policy, change)
            place = bisect_right(near, at)
            return near[place] if place < len(near) else None

        def first_beyond(change: Change) -> datetime | None:
            return self.cron.at_or_after(local_time(self.zone, change.ends))

        return self._find(at, self.cron.after, first_around, first_beyond)

    def at_or_after(self, at: datetime) -> datetime | None:
        """The first instant that is not earlier than `at`."""
        return self.after(at - _TICK)

    def latest(self, at: datetime) -> datetime | None:
        """The last instant that is not later than `at`."""

        def last_around(change: Change) -> datetime | None:
            near = instants_around(self.zone, self.cron, self.policy, change)
            place = bisect_right(near, at)
            return near[place - 1] if place else None

        def last_beyond(change: Change) -> datetime | None:
            return self.cron.latest(local_time(self.zone, change.begins - _TICK))

        return self._find(at, self.cron.latest, last_around, last_beyond)

    def _find(
        self,
        at: datetime,
        step: Callable[[datetime], datetime | None],
        around: Callable[[Change], datetime | None],
        beyond: Callable[[Change], datetime | None],
    ) -> datetime | None:
        """The instant one `step` from `at`; each change met on the way is searched, then left behind."""
        change = change_around(self.zone, at)
        wall = None if change else step(local_time(self.zone, at))
        for _ in range(_CHANGES):
            if change:
                found = around(change)
                if found is not None:
                    return found
                wall = beyond(change)
            if wall is None:
                return None
            found = provisional_instant(self.zone, wall)
            change = change_around(self.zone, found)
            if change is None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class Spans:
    """A cron that leaves out no hour of the day: from one instant to the next is a span of absolute time.

    So a step over a clock change is counted with the offset before it, and the line depends on where it was entered
    where a change is not of whole hours, or falls into days that the cron leaves out.
    """

    cron: Cron
    zone: ZoneInfo

    def after(self, at: datetime) -> datetime | None:
        """The first instant later than `at`, counted from `at`."""
        wall = local_time(self.zone, at)
        following = self.cron.after(wall)
        return None if following is None else at + (following - wall)

    def at_or_after(self, at: datetime) -> datetime | None:
        """`at` if its wall time is the cron's, else the first instant later."""
        wall = local_time(self.zone, at)
        following = self.cron.at_or_after(wall)
        return None if following is None else at + (following - wall)

    def latest(self, at: datetime) -> datetime | None:
        """The last instant that is not later than `at`, reached from the last wall time before it."""
        wall = self.cron.latest(local_time(self.zone, at))
        found = None
        while wall is not None and found is None:
            found = latest_instant(self.zone, wall, at)
            wall = self.cron.latest(wall - _MINUTE)
        while found is not None:
            following = self.after(found)
            if following is None or following > at:
                break
            found = following
        return found


@dataclass(frozen=True, slots=True)
class Steps:
    """A start and every whole number of spans after it."""

    start: datetime
    span: timedelta

    def after(self, at: datetime) -> datetime | None:
        """The first instant later than `at`."""
        return self.start if at < self.start else self.start + ((at - self.start) // self.span + 1) * self.span

    def at_or_after(self, at: datetime) -> datetime | None:
        """The first instant that is not earlier than `at`."""
        return self.after(at - _TICK)

    def latest(self, at: datetime) -> datetime | None:
        """The last instant that is not later than `at`."""
        return None if at < self.start else self.start + (at - self.start) // self.span * self.span


@dataclass(frozen=True, slots=True)
class Union:
    """The instants of several lines; one that they share counts once."""

    parts: tuple[Instants, ...]

    def after(self, at: datetime) -> datetime | None:
        """The first instant later than `at`."""
        return min(_known(part.after(at) for part in self.parts), default=None)

    def at_or_after(self, at: datetime) -> datetime | None:
        """The first instant that is not earlier than `at`."""
        return min(_known(part.at_or_after(at) for part in self.parts), default=None)

    def latest(self, at: datetime) -> datetime | None:
        """The last instant that is not later than `at`."""
        return max(_known(part.latest(at) for part in self.parts), default=None)


def _known(instants: Iterable[datetime | None]) -> Iterator[datetime]:
    return (at for at in instants if at is not None)
