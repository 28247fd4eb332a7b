"""Candidates, a network that delays and loses, and one Lease on the far side -> who was allowed to write, and when.

Time is a number that a loop of events moves on; nothing waits.
"""

import asyncio
import itertools
import selectors
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from controller.election.campaign import Campaign, Clocks
from controller.election.candidate import Candidate
from controller.election.record import Record, read_record
from controller.errors import AlreadyExists, Conflict, NotFound, NotLeading, Unavailable
from controller.leadership import Leadership, Span
from controller.model.metadata import Key
from controller.simulate.patches import merge_patch

KEY: Final = Key("space", "slipway")
SPAN: Final = Span(15)
FROZEN_CLOCK: Final = datetime(2026, 6, 1, tzinfo=UTC)
"""The wall clock stands still for everybody: nothing may depend on it."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that jumps to its next timer where another one would wait."""

    def __init__(self) -> None:
        self._at = 0.0
        super().__init__(_Impatient(self._pass))

    def time(self) -> float:
        """Seconds since it was made."""
        return self._at

    def _pass(self, seconds: float) -> None:
        self._at += seconds


class _Impatient(selectors.DefaultSelector):
    def __init__(self, pass_: Callable[[float], None]) -> None:
        super().__init__()
        self._pass = pass_

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; the time that was to be waited has passed."""
        if timeout:
            self._pass(timeout)
        return super().select(0)


@dataclass
class LeaseServer:
    """One Lease, as the API server keeps it."""

    raw: dict[str, Any] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def get(self) -> Record | None:
        """What stands in it."""
        return read_record(self.raw) if self.raw is not None else None

    def create(self, body: dict[str, Any]) -> Record:
        """The new Lease."""
        if self.raw is not None:
            raise AlreadyExists("there is one")
        self.raw = merge_patch({"metadata": {"uid": f"u{next(self._numbers)}"}}, body)
        return self._stored()

    def patch(self, body: dict[str, Any]) -> Record:
        """The Lease after the patch."""
        if self.raw is None:
            raise NotFound("there is none")
        if body["metadata"]["resourceVersion"] != self.raw["metadata"]["resourceVersion"]:
            raise Conflict("it has changed")
        self.raw = merge_patch(self.raw, body)
        return self._stored()

    def delete(self) -> None:
        """Somebody deletes it by hand."""
        self.raw = None

    def make_empty(self) -> None:
        """The chart makes it."""
        self.raw = {"metadata": {"uid": f"u{next(self._numbers)}"}}
        self._stored()

    def _stored(self) -> Record:
        assert self.raw is not None
        self.raw["metadata"]["resourceVersion"] = str(next(self._numbers))
        return read_record(self.raw)


@dataclass(frozen=True)
class Trip:
    """How the network treats one request."""

    there: float = 0.01
    back: float = 0.01
    loses_request: bool = False
    loses_answer: bool = False


@dataclass(frozen=True)
class Permission:
    """One answer to one renewal: writes may begin from `since` on, and all have ended by `until`."""

    identity: str
    since: float
    until: float


class RecordedLeadership(Leadership):
    """Writes down what it permits."""

    def __init__(self, identity: str, clock: Callable[[], float], permissions: list[Permission]) -> None:
        super().__init__(clock)
        self._identity = identity
        self._time = clock
        self._permissions = permissions

    def renewed(self, sent_at: float, span: Span) -> None:
        """The Lease is ours."""
        super().renewed(sent_at, span)
        if self.holds:
            self._permissions.append(Permission(self._identity, self._time(), sent_at + span.writes_end))


@dataclass
class Replica:
    """One candidate behind its part of the network, frozen now and then."""

    identity: str
    server: LeaseServer
    trips: Iterator[Trip]
    frozen: list[tuple[float, float]]
    permissions: list[Permission]
    ended: str = ""

    def __post_init__(self) -> None:
        self.leadership = RecordedLeadership(self.identity, self._time, self.permissions)
        clocks = Clocks(self._time, lambda: FROZEN_CLOCK, self._sleep)
        self.campaign = Campaign(self, KEY, Candidate(self.identity, SPAN), self.leadership, clocks)

    async def run(self, starts_at: float, ends_at: float) -> None:
        """Stand for election between these times; a clean end hands the Lease over."""
        await self._sleep(starts_at)
        try:
            async with asyncio.timeout_at(ends_at):
                await self.campaign.run()
        except TimeoutError:
            self.leadership.end()
            self._give_up_permissions()
            await self.campaign.release()
        except NotLeading as error:
            self.ended = str(error)

    async def get(self) -> Record | None:
        """Ask what stands in the Lease."""
        found: Record | None = await self._travel(self.server.get)
        return found

    async def create(self, body: dict[str, Any]) -> Record:
        """Ask for a new one."""
        made: Record = await self._travel(lambda: self.server.create(body))
        return made

    async def patch(self, body: dict[str, Any]) -> Record:
        """Ask for a change."""
        patched: Record = await self._travel(lambda: self.server.patch(body))
        return patched

    def _give_up_permissions(self) -> None:
        """An end that is announced: no request is on its way any more."""
        now = self._time()
        for number, each in enumerate(self.permissions):
            if each.identity == self.identity:
                self.permissions[number] = Permission(each.identity, each.since, min(each.until, now))

    async def _travel(self, act: Callable[[], Any]) -> Any:
        """The server's answer. A request that was given up may still arrive there, much later."""
        trip = next(self.trips, Trip())
        answer = asyncio.ensure_future(_arrive(trip, act))
        done, _ = await asyncio.wait([answer], timeout=SPAN.answer)
        await self._thaw()
        if not done or trip.loses_request or trip.loses_answer:
            answer.add_done_callback(lambda late: late.exception())
            raise Unavailable("no answer")
        return answer.result()

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._thaw()

    async def _thaw(self) -> None:
        """Until the process may go on."""
        for begins, ends in self.frozen:
            if begins <= self._time() < ends:
                await asyncio.sleep(ends - self._time())

    @staticmethod
    def _time() -> float:
        return asyncio.get_running_loop().time()


async def _arrive(trip: Trip, act: Callable[[], Any]) -> Any:
    await asyncio.sleep(trip.there)
    if trip.loses_request:
        return None
    try:
        return act()
    finally:
        await asyncio.sleep(trip.back)
