"""The rules of the API server that the election leans on, held against the real one and the one of its tests alike."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pytest
import pytest_asyncio

from controller.connection import load_connection
from controller.election.campaign import Requests
from controller.election.lease import Lease
from controller.election.record import API_VERSION, Record, holding, new_lease, released
from controller.errors import AlreadyExists, Conflict, NotFound, Refused
from controller.model.metadata import Key
from tests.cluster import cluster_up
from tests.e2e.install import kubectl
from tests.election.network import LeaseServer

AT: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Chart(Protocol):
    """What makes Leases besides the candidates."""

    def make_empty(self) -> None:
        """As the chart makes it."""

    def delete(self) -> None:
        """As somebody's hand does."""


class InMemory:
    """The Lease of the election's own tests."""

    def __init__(self) -> None:
        self.server = LeaseServer()

    async def get(self) -> Record | None:
        """What stands in it."""
        return self.server.get()

    async def create(self, body: dict[str, Any]) -> Record:
        """The new one."""
        return self.server.create(body)

    async def patch(self, body: dict[str, Any]) -> Record:
        """The one after the patch."""
        return self.server.patch(body)


class Kubectl:
    """The real server, by kubectl."""

    def __init__(self, key: Key) -> None:
        self._words = ("-n", key.namespace)
        self._key = key

    def make_empty(self) -> None:
        """As the chart makes it."""
        manifest = f"{{apiVersion: {API_VERSION}, kind: Lease, metadata: {{name: {self._key.name}}}}}"
        kubectl(cluster_up(), *self._words, "apply", "-f", "-", stdin=manifest)

    def delete(self) -> None:
        """As somebody's hand does."""
        kubectl(cluster_up(), *self._words, "delete", "lease", self._key.name)


World = tuple[Requests, Chart, Key]


@pytest_asyncio.fixture(params=["memory", pytest.param("real", marks=pytest.mark.cluster)])
async def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Requests for a Lease that does not exist yet."""
    key = Key(f"contract-{secrets.token_hex(3)}", "slipway")
    if request.param == "memory":
        memory = InMemory()
        yield memory, memory.server, key
        return
    cluster = cluster_up()
    kubectl(cluster, "create", "namespace", key.namespace)
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    async with Lease(load_connection(), key, answer_seconds=10) as lease:
        yield lease, Kubectl(key), key
    kubectl(cluster, "delete", "namespace", key.namespace, "--wait=false")


async def test_a_lease_that_is_not_there(world: World) -> None:
    """It is read as nothing, made once, and can't be patched before."""
    lease, _, key = world
    assert await lease.get() is None
    with pytest.raises(NotFound):
        await lease.patch({"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": "me"}})
    made = await lease.create(new_lease(key, "me", 15, AT))
    assert (made.holder, made.seconds, made.transitions) == ("me", 15, 0)
    with pytest.raises(AlreadyExists):
        await lease.create(new_lease(key, "you", 15, AT))
    assert await lease.get() == made


async def test_a_lease_of_the_chart(world: World) -> None:
    """It has no holder, and is taken by a patch."""
    lease, chart, _ = world
    chart.make_empty()
    empty = await lease.get()
    assert empty is not None
    assert (empty.holder, empty.seconds, empty.renewed_at, empty.transitions) == ("", None, "", 0)
    taken = await lease.patch(holding(empty, "me", 15, AT))
    assert (taken.holder, taken.seconds, taken.uid) == ("me", 15, empty.uid)


async def test_two_who_saw_the_same(world: World) -> None:
    """One takes it; the other one's patch is a Conflict and changes nothing."""
    lease, chart, _ = world
    chart.make_empty()
    empty = await lease.get()
    assert empty is not None
    taken = await lease.patch(holding(empty, "me", 15, AT))
    with pytest.raises(Conflict):
        await lease.patch(holding(empty, "you", 15, AT))
    found = await lease.get()
    assert found is not None
    assert (found, found.version) == (taken, taken.version)


async def test_renewals_while_the_clock_stands_still(world: World) -> None:
    """Each is a change that others see, and makes the version before it stale."""
    lease, _, key = world
    first = await lease.create(new_lease(key, "me", 15, AT))
    second = await lease.patch(holding(first, "me", 15, AT))
    third = await lease.patch(holding(second, "me", 15, AT))
    assert len({each.renewed_at for each in (first, second, third)}) == 3
    assert len({each.version for each in (first, second, third)}) == 3
    with pytest.raises(Conflict):
        await lease.patch(released(second, AT))


async def test_a_release(world: World) -> None:
    """The server takes a Lease without a holder; who takes it next counts the change of hands."""
    lease, _, key = world
    free = await lease.patch(released(await lease.create(new_lease(key, "me", 15, AT)), AT))
    assert (free.holder, free.seconds) == ("", 1)
    taken = await lease.patch(holding(free, "you", 15, AT))
    assert (taken.holder, taken.transitions) == ("you", 1)


async def test_another_lease_of_the_name(world: World) -> None:
    """It has another uid, and patches for the one before it are Conflicts."""
    lease, chart, key = world
    first = await lease.create(new_lease(key, "me", 15, AT))
    chart.delete()
    second = await lease.create(new_lease(key, "you", 15, AT))
    assert first.uid != second.uid
    with pytest.raises(Conflict):
        await lease.patch(holding(first, "me", 15, AT))


@pytest.mark.cluster
@pytest.mark.parametrize("world", [pytest.param("real")], indirect=True)
async def test_a_lease_without_a_length(world: World) -> None:
    """The server refuses a length of 0, which is why a released one tells 1."""
    lease, _, key = world
    with pytest.raises(Refused):
        await lease.create(new_lease(key, "me", 0, AT))
