"""The way to write: open while the leadership holds, judged when the request's turn has come."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from controller.connection import Connection
from controller.errors import NotLeading, Unavailable
from controller.kube import Kube
from controller.leadership import Leadership, Span, since_boot
from controller.model.action import Kind
from controller.model.metadata import Key

SPAN: Final = Span(15)
POD: Final = Key("space", "p")
MANIFEST: Final = {"metadata": {"name": "p"}}


@dataclass
class Clock:
    """The monotonic clock, as the test sets it."""

    now: float = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@dataclass
class ApiServer:
    """Answers every request, when `goes_on` is set, and keeps what came."""

    url: str = ""
    came: list[str] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to any request."""
        self.came.append(f"{request.method} {request.path}")
        self.arrived.set()
        await self.goes_on.wait()
        return web.json_response({"items": [], "metadata": {}})


@pytest_asyncio.fixture
async def api() -> AsyncIterator[ApiServer]:
    """A server that answers at once."""
    server = ApiServer()
    server.goes_on.set()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    server.goes_on.set()
    await runner.cleanup()


@pytest.fixture
def clock() -> Clock:
    """A clock that shows 100."""
    return Clock()


@pytest.fixture
def leadership(clock: Clock) -> Leadership:
    """One that has not begun."""
    return Leadership(clock)


def kube(api: ApiServer, leadership: Leadership, in_flight: int = 20) -> Kube:
    """A session whose writes need this leadership."""
    return Kube(Connection(api.url), in_flight, leadership=leadership)


async def write_all(session: Kube) -> list[object]:
    """What comes of each kind of write."""
    writes = (
        session.create(Kind.POD, "space", MANIFEST),
        session.patch(Kind.POD, POD, {}),
        session.patch_status(Kind.TASK_RUN, POD, {}, 1),
        session.apply(Kind.DAG, POD, {}, "me"),
        session.delete(Kind.POD, POD, "u"),
        session.create_event("space", {}),
    )
    return [type(answer) for answer in await asyncio.gather(*writes, return_exceptions=True)]


async def test_a_standby(api: ApiServer, leadership: Leadership) -> None:
    """It reads and asks; nothing that it would write leaves the process."""
    async with kube(api, leadership) as session:
        assert await write_all(session) == [NotLeading] * 6
        assert api.came == []
        await session.get(Kind.POD, POD)
        await session.list_page("/api/v1/pods", {})
        await session.ask("/apis/x/v1/reviews", {})
    assert len(api.came) == 3


async def test_a_leader(api: ApiServer, leadership: Leadership, clock: Clock) -> None:
    """It writes until its deadline, and in that instant no more."""
    async with kube(api, leadership) as session:
        leadership.renewed(clock.now - 3, SPAN)
        clock.now += 6.9
        assert NotLeading not in await write_all(session)
        assert len(api.came) == 6
        clock.now += 0.1
        assert await write_all(session) == [NotLeading] * 6
        assert len(api.came) == 6


async def test_writes_that_wait_for_their_turn(api: ApiServer, leadership: Leadership, clock: Clock) -> None:
    """The leadership is asked when a write is sent, not when it was wanted."""
    api.goes_on.clear()
    async with kube(api, leadership, in_flight=1) as session:
        leadership.renewed(clock.now, SPAN)
        first = asyncio.create_task(session.patch(Kind.POD, POD, {}))
        await api.arrived.wait()
        second = asyncio.create_task(session.patch(Kind.POD, Key("space", "q"), {}))
        await asyncio.sleep(0)
        clock.now += SPAN.deadline
        api.goes_on.set()
        await first
        with pytest.raises(NotLeading):
            await second
    assert api.came == ["PATCH /api/v1/namespaces/space/pods/p"]


async def test_a_write_without_an_answer(
    api: ApiServer, leadership: Leadership, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up before anybody else may lead, however late it began."""
    waits: list[float | None] = []
    asked = aiohttp.ClientSession.request

    def request(session: aiohttp.ClientSession, *words: Any, timeout: aiohttp.ClientTimeout, **named: Any) -> Any:
        waits.append(timeout.total)
        return asked(session, *words, timeout=aiohttp.ClientTimeout(total=0.05), **named)

    monkeypatch.setattr(aiohttp.ClientSession, "request", request)
    api.goes_on.clear()
    async with kube(api, leadership) as session:
        leadership.renewed(clock.now, SPAN)
        for later in (0, 9.9):
            clock.now = 100 + later
            with pytest.raises(Unavailable):
                await session.patch(Kind.POD, POD, {})
        with pytest.raises(Unavailable):
            await session.get(Kind.POD, POD)
    assert waits == [pytest.approx(14), pytest.approx(4.1), 15]


async def test_a_leadership_that_ends_on_purpose(api: ApiServer, leadership: Leadership, clock: Clock) -> None:
    """Nothing is written after it, a renewal that is still on its way changes nothing, and nobody is alarmed."""
    alarms: list[str] = []
    leadership.on_refusal = lambda: alarms.append("refused")
    async with kube(api, leadership) as session:
        leadership.renewed(clock.now, SPAN)
        leadership.end()
        leadership.renewed(clock.now, SPAN)
        with pytest.raises(NotLeading):
            await session.delete(Kind.POD, POD, "u")
    assert (api.came, alarms, leadership.holds) == ([], [], False)


def test_who_is_told(leadership: Leadership, clock: Clock) -> None:
    """That it begins is told once; a refused write is an alarm only where the replica believed to lead."""
    told: list[str] = []
    leadership.on_begin = lambda: told.append("begins")
    leadership.on_refusal = lambda: told.append("refused")
    with pytest.raises(NotLeading):
        leadership.seconds_left()
    leadership.renewed(100, SPAN)
    leadership.renewed(102, SPAN)
    clock.now = 112
    with pytest.raises(NotLeading):
        leadership.seconds_left()
    assert told == ["begins", "refused"]


def test_the_clock() -> None:
    """It never goes back, and is not behind the one that stands still while the machine sleeps."""
    times = [since_boot() for _ in range(1000)]
    assert times == sorted(times)
    assert time.monotonic() <= since_boot() + 0.001


async def test_requests_that_are_still_on_their_way(api: ApiServer, leadership: Leadership, clock: Clock) -> None:
    """Whether all have ended is waited for, and told truly when the wait is over."""
    api.goes_on.clear()
    async with kube(api, leadership) as session:
        leadership.renewed(clock.now, SPAN)
        assert await session.is_idle(0)
        writing = asyncio.create_task(session.patch(Kind.POD, POD, {}))
        await api.arrived.wait()
        assert not await session.is_idle(0.05)
        waiting = asyncio.create_task(session.is_idle(5))
        api.goes_on.set()
        assert await waiting
        await writing
