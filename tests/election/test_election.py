"""Elections in their threads, over HTTP, with one Lease between them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest
import pytest_asyncio
from aiohttp import web

from controller.connection import Connection
from controller.election import Election
from controller.errors import AlreadyExists, Conflict, NotFound, NotLeading, Usage
from controller.kube import Kube
from controller.leadership import Span
from controller.model.action import Kind
from controller.settings import Settings
from tests.election.network import LeaseServer

PATIENCE_SECONDS: Final = 20
SETTINGS: Final = Settings(lease_name="slipway", lease_namespace="space", lease_seconds=5)
_PATH: Final = "/apis/coordination.k8s.io/v1/namespaces/space/leases"
_CODES: Final = {NotFound: (404, "NotFound"), Conflict: (409, "Conflict"), AlreadyExists: (409, "AlreadyExists")}


class LeaseApi:
    """The Lease over HTTP; `refuses` are the holders that get no answer but 503, as if cut off."""

    def __init__(self) -> None:
        self.server = LeaseServer()
        self.refuses: set[str] = set()
        self.code_for_all: int | None = None
        self.agents: set[str] = set()
        self.url = ""

    async def get(self, request: web.Request) -> web.Response:
        """GET."""
        return self._answer(request, lambda: self.server.raw)

    async def create(self, request: web.Request) -> web.Response:
        """POST."""
        body = await request.json()
        return self._answer(request, lambda: self.server.create(body))

    async def patch(self, request: web.Request) -> web.Response:
        """PATCH."""
        body = await request.json()
        assert request.content_type == "application/merge-patch+json"
        holder = body["spec"].get("holderIdentity") or (self.server.raw or {}).get("spec", {}).get("holderIdentity")
        if holder in self.refuses:
            return web.json_response({"message": "cut off"}, status=503)
        return self._answer(request, lambda: self.server.patch(body))

    def _answer(self, request: web.Request, act: Callable[[], Any]) -> web.Response:
        self.agents.add(request.headers["User-Agent"])
        if self.code_for_all is not None:
            return web.json_response({"message": "no", "reason": "Forbidden"}, status=self.code_for_all)
        try:
            if act() is None:
                raise NotFound("there is none")
        except (NotFound, Conflict, AlreadyExists) as error:
            code, reason = _CODES[type(error)]
            return web.json_response({"message": str(error), "reason": reason}, status=code)
        return web.json_response(self.server.raw)


@pytest_asyncio.fixture
async def api() -> AsyncIterator[LeaseApi]:
    """An API server with an empty Lease, as the chart makes it."""
    api = LeaseApi()
    api.server.make_empty()
    app = web.Application()
    app.add_routes(
        [
            web.get(f"{_PATH}/slipway", api.get),
            web.post(_PATH, api.create),
            web.patch(f"{_PATH}/slipway", api.patch),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


@pytest_asyncio.fixture
async def stand(api: LeaseApi) -> AsyncIterator[Callable[[], Election]]:
    """Makes replicas that stand for election; all of them end with the test."""
    made: list[Election] = []

    def start() -> Election:
        made.append(Election(Connection(api.url), SETTINGS))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        await each.stop(release=False)
        await asyncio.gather(each.ended, return_exceptions=True)


async def leads(election: Election) -> None:
    """Wait until it does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await election.won.wait()


async def test_the_first_one_leads(api: LeaseApi, stand: Callable[[], Election]) -> None:
    """It stands in the Lease under a name that no other process has, and says so."""
    election = stand()
    await leads(election)
    assert election.leadership.holds
    assert api.server.raw is not None
    assert api.server.raw["spec"]["holderIdentity"] == election.identity
    assert api.agents == {"slipway-election"}
    told = {"lease": "space/slipway", "identity": election.identity, "role": "leader", "leader": election.identity}
    assert election.told() == told


async def test_two_of_one_host(stand: Callable[[], Election]) -> None:
    """They are two."""
    assert stand().identity != stand().identity


async def test_a_leader_that_ends_in_good_order(stand: Callable[[], Election]) -> None:
    """The standby leads after its next look; until then it knows whom it waits for."""
    first = stand()
    await leads(first)
    second = stand()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while second.leader != first.identity:  # noqa: ASYNC110 what it knows has no event
            await asyncio.sleep(0.02)
    assert (second.told()["role"], second.won.is_set()) == ("standby", False)
    first.leadership.end()
    await first.stop(release=True)
    async with asyncio.timeout(Span(5).retry + 1):  # well before the Lease would have expired
        await second.won.wait()
    assert first.ended.result() is None


async def test_a_leader_that_is_cut_off(api: LeaseApi, stand: Callable[[], Election]) -> None:
    """It ends before the standby leads."""
    first = stand()
    await leads(first)
    second = stand()
    api.refuses.add(first.identity)
    with pytest.raises(NotLeading, match="was not renewed for 3 s"):
        await asyncio.wait_for(asyncio.shield(first.ended), PATIENCE_SECONDS)
    assert not second.leadership.holds
    await leads(second)


async def test_a_write_that_is_refused(api: LeaseApi, stand: Callable[[], Election]) -> None:
    """It ends the process' part at once, before its thread has noticed anything."""
    election = stand()
    await leads(election)
    election.leadership.renewed(-1000, Span(5))  # as if the process had stood still since then
    async with Kube(Connection(api.url), leadership=election.leadership) as kube:
        with pytest.raises(NotLeading):
            await kube.create(Kind.POD, "space", {})
    with pytest.raises(NotLeading, match="space/slipway"):
        election.ended.result()


async def test_a_lease_that_may_not_be_read(api: LeaseApi, stand: Callable[[], Election]) -> None:
    """The replica is not ready once that has lasted, and says what is wrong."""
    api.code_for_all = 403
    election = stand()
    assert election.trouble is None
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (trouble := election.trouble) is None:  # noqa: ASYNC110 what it knows has no event
            await asyncio.sleep(0.05)
    assert trouble == "the Lease space/slipway can't be reached: no"
    api.code_for_all = None
    await leads(election)
    assert election.trouble is None


async def test_a_lease_that_is_missing(api: LeaseApi, stand: Callable[[], Election]) -> None:
    """It is made, after the wait."""
    api.server.delete()
    election = stand()
    await leads(election)
    assert api.server.raw is not None
    assert api.server.raw["metadata"]["name"] == "slipway"


async def test_an_end_before_the_start_of_anything(stand: Callable[[], Election]) -> None:
    """A replica that is told to end while it only begins does so."""
    election = stand()
    await election.stop(release=True)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await election.ended


async def test_a_bug_in_the_thread(api: LeaseApi, stand: Callable[[], Election]) -> None:
    """It ends the process' part as any loss would, and is not swallowed."""
    api.server.raw = {"metadata": {}}
    with pytest.raises(KeyError):
        await asyncio.wait_for(asyncio.shield(stand().ended), PATIENCE_SECONDS)


async def test_the_namespace_of_the_lease() -> None:
    """It is the Pod's own unless it is set; outside of a Pod it has to be."""
    connection, unset = Connection("http://unused"), Settings(lease_name="slipway")
    for election, namespace in (
        (Election(connection, unset, "pods"), "pods"),
        (Election(connection, SETTINGS, "pods"), "space"),
    ):
        assert election.told()["lease"] == f"{namespace}/slipway"
        await election.stop(release=True)
    with pytest.raises(Usage, match="SLIPWAY_LEASE_NAMESPACE"):
        Election(connection, unset)
