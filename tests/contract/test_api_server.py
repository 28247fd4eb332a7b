"""The rules of the API server that Slipway leans on, held against the real one and the one in memory alike."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pytest
import pytest_asyncio

from controller.connection import Connection, load_connection
from controller.errors import AlreadyExists, Conflict, NotFound
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.metadata import Key, parse_meta
from controller.model.names import API_VERSION, POD_FINALIZER
from controller.model.status_patch import JSON_PATCH, MERGE_PATCH
from controller.simulate.cluster import InMemoryCluster
from controller.simulate.session import Session
from tests.cluster import cluster_up
from tests.e2e.install import ROOT, kubectl

Raw = dict[str, Any]
PATIENCE_SECONDS: Final = 30


class Api(Protocol):
    """What `act` uses of a session."""

    async def get(self, kind: Kind, key: Key) -> Raw:
        """The object."""

    async def create(self, kind: Kind, namespace: str, body: Raw) -> Raw:
        """The object as created."""

    async def patch_status(self, kind: Kind, key: Key, patch: Raw, version: int) -> Raw:
        """The object as patched."""

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = ...) -> Raw:
        """The object as patched."""

    async def delete(self, kind: Kind, key: Key, uid: str, grace_seconds: int | None = None) -> Raw:
        """The answer to a deletion."""

    async def collect(self, kind: Kind, key: Key, uid: str, version: int) -> Raw:
        """The answer to a deletion of one version."""


@pytest_asyncio.fixture(params=["memory", pytest.param("real", marks=pytest.mark.cluster)])
async def api(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Api, str]]:
    """A session, and a namespace of its own. No controller looks at what is made here."""
    if request.param == "memory":
        yield Session(InMemoryCluster(lambda: datetime.now(UTC))), "contract"
        return
    cluster = cluster_up()
    kubectl(cluster, "apply", "--server-side", "--force-conflicts", "-f", str(ROOT / "crds"))
    namespace = f"contract-{secrets.token_hex(3)}"
    kubectl(cluster, "create", "namespace", namespace)
    async with Kube(_connection(cluster.kubeconfig)) as kube:
        yield kube, namespace
    kubectl(cluster, "delete", "namespace", namespace, "--wait=false")


def _connection(kubeconfig: Any) -> Connection:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(kubeconfig))
        return load_connection()


def _revision(name: str) -> dict[str, Any]:
    """One that is nobody's: no controller writes to it."""
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": name},
        "data": {},
        "revision": 1,
    }


def _pool(name: str, **metadata: Any) -> Raw:
    api_version = "slipway.dev/v1alpha1"
    return {"apiVersion": api_version, "kind": "Pool", "metadata": {"name": name, **metadata}, "spec": {"slots": 1}}


def _task_run(name: str) -> Raw:
    """A TaskRun of no run: a controller that sees it has nothing to decide."""
    spec = {"dagRunRef": {"name": "none"}, "dagRef": {"name": "none"}, "task": "t"}
    return {"apiVersion": "slipway.dev/v1alpha1", "kind": "TaskRun", "metadata": {"name": name}, "spec": spec}


def _pod(name: str, **metadata: Any) -> Raw:
    """A Pod that no node takes up."""
    spec = {"nodeSelector": {"nowhere": "yes"}, "containers": [{"name": "main", "image": "none"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata}, "spec": spec}


async def _made(session: Api, kind: Kind, namespace: str, manifest: Raw) -> Raw:
    """The manifest, created in the namespace."""
    metadata = {**manifest["metadata"], "namespace": namespace}
    return await session.create(kind, namespace, {**manifest, "metadata": metadata})


async def _gone(api: Api, kind: Kind, key: Key) -> bool:
    try:
        await api.get(kind, key)
    except NotFound:
        return True
    return False


async def _until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await holds():  # noqa: ASYNC110 the API server tells no event that a test could wait for
            await asyncio.sleep(0.2)


async def test_name_is_taken_once(api: tuple[Api, str]) -> None:
    """A second create of a name is AlreadyExists, and the first object stays as it was."""
    session, namespace = api
    first = await _made(session, Kind.POOL, namespace, _pool("p"))
    with pytest.raises(AlreadyExists):
        await _made(session, Kind.POOL, namespace, _pool("p"))
    assert (await session.get(Kind.POOL, Key(namespace, "p")))["metadata"]["uid"] == first["metadata"]["uid"]


async def test_status_of_a_create_is_dropped_and_the_default_stands(api: tuple[Api, str]) -> None:
    """A TaskRun begins as Scheduled without a write, whatever its manifest says."""
    session, namespace = api
    await _made(session, Kind.TASK_RUN, namespace, {**_task_run("t"), "status": {"state": "Success"}})
    assert (await session.get(Kind.TASK_RUN, Key(namespace, "t")))["status"]["state"] == "Scheduled"


async def test_question_begins_open(api: tuple[Api, str]) -> None:
    """An Approval is Open without a write, and an answer that is one of its options is taken."""
    session, namespace = api
    refs = {field: {"name": "none"} for field in ("dagRef", "dagRunRef", "taskRunRef")}
    spec = {**refs, "task": "t", "try": 1, "message": "?", "options": ["approve", "reject"]}
    manifest = {"apiVersion": API_VERSION, "kind": "Approval", "metadata": {"name": "q"}, "spec": spec}
    raw = await _made(session, Kind.APPROVAL, namespace, manifest)
    assert raw["status"]["state"] == "Open"
    raw = await session.patch(Kind.APPROVAL, Key(namespace, "q"), {"spec": {"answer": "approve"}}, MERGE_PATCH)
    assert raw["spec"]["answer"] == "approve"


async def test_stale_status_patch_is_a_conflict(api: tuple[Api, str]) -> None:
    """A status patch that names an older resourceVersion changes nothing."""
    session, namespace = api
    key = Key(namespace, "t")
    version = parse_meta((await _made(session, Kind.TASK_RUN, namespace, _task_run("t")))["metadata"]).resource_version
    patched = await session.patch_status(Kind.TASK_RUN, key, {"state": "Running"}, version)
    assert parse_meta(patched["metadata"]).resource_version > version
    with pytest.raises(Conflict):
        await session.patch_status(Kind.TASK_RUN, key, {"state": "Failed"}, version)
    assert (await session.get(Kind.TASK_RUN, key))["status"]["state"] == "Running"


async def test_a_revision_has_no_status(api: tuple[Api, str]) -> None:
    """Nor is there a place to write one to."""
    session, namespace = api
    made = parse_meta((await _made(session, Kind.REVISION, namespace, _revision("r")))["metadata"])
    with pytest.raises(NotFound):
        await session.patch_status(Kind.REVISION, made.key, {"observedGeneration": 1}, made.resource_version)


async def test_null_in_a_merge_removes_the_field(api: tuple[Api, str]) -> None:
    """A status field patched with null is gone; the others stay."""
    session, namespace = api
    key = Key(namespace, "t")
    raw = await _made(session, Kind.TASK_RUN, namespace, _task_run("t"))
    for patch in ({"reason": "Error", "message": "why"}, {"reason": None}):
        version = parse_meta(raw["metadata"]).resource_version
        raw = await session.patch_status(Kind.TASK_RUN, key, patch, version)
    assert "reason" not in raw["status"]
    assert raw["status"]["message"] == "why"


async def test_patch_that_changes_nothing_keeps_the_version(api: tuple[Api, str]) -> None:
    """A no-op patch is no write."""
    session, namespace = api
    key = Key(namespace, "t")
    raw = await _made(session, Kind.TASK_RUN, namespace, _task_run("t"))
    first = await session.patch_status(Kind.TASK_RUN, key, {"reason": "x"}, int(raw["metadata"]["resourceVersion"]))
    version = int(first["metadata"]["resourceVersion"])
    again = await session.patch_status(Kind.TASK_RUN, key, {"reason": "x"}, version)
    assert int(again["metadata"]["resourceVersion"]) == version


async def test_delete_of_another_uid_is_a_conflict(api: tuple[Api, str]) -> None:
    """A delete hits only the object that was meant."""
    session, namespace = api
    await _made(session, Kind.POOL, namespace, _pool("p"))
    with pytest.raises(Conflict):
        await session.delete(Kind.POOL, Key(namespace, "p"), "another-uid")
    assert not await _gone(session, Kind.POOL, Key(namespace, "p"))


async def test_delete_of_another_version_is_a_conflict(api: tuple[Api, str]) -> None:
    """An object that has changed since it was judged stays; at the version that there is, it goes."""
    session, namespace = api
    made = parse_meta((await _made(session, Kind.REVISION, namespace, _revision("r")))["metadata"])
    changed = await session.patch(Kind.REVISION, made.key, {"revision": 2}, MERGE_PATCH)
    with pytest.raises(Conflict):
        await session.collect(Kind.REVISION, made.key, made.uid, made.resource_version)
    await session.collect(Kind.REVISION, made.key, made.uid, parse_meta(changed["metadata"]).resource_version)
    assert await _gone(session, Kind.REVISION, made.key)


async def test_finalizer_keeps_a_deleted_pod_until_it_is_taken_off(api: tuple[Api, str]) -> None:
    """A Pod with our finalizer is marked as deleted, and goes with the finalizer."""
    session, namespace = api
    key = Key(namespace, "held")
    raw = await _made(session, Kind.POD, namespace, _pod("held", finalizers=[POD_FINALIZER]))
    uid = raw["metadata"]["uid"]
    await session.delete(Kind.POD, key, uid, 0)
    kept = await session.get(Kind.POD, key)
    assert kept["metadata"]["deletionTimestamp"]
    path = "/metadata/finalizers/0"
    release = [{"op": "test", "path": path, "value": POD_FINALIZER}, {"op": "remove", "path": path}]
    await session.patch(Kind.POD, key, [{"op": "test", "path": "/metadata/uid", "value": uid}, *release], JSON_PATCH)
    await _until(lambda: _gone(session, Kind.POD, key))


async def test_what_lost_its_owner_is_collected(api: tuple[Api, str]) -> None:
    """Deleting an owner deletes what it owns."""
    session, namespace = api
    owner = await _made(session, Kind.POOL, namespace, _pool("owner"))
    reference = {
        "apiVersion": "slipway.dev/v1alpha1",
        "kind": "Pool",
        "name": "owner",
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    await _made(session, Kind.POD, namespace, _pod("owned", ownerReferences=[reference]))
    await session.delete(Kind.POOL, Key(namespace, "owner"), owner["metadata"]["uid"])
    await _until(lambda: _gone(session, Kind.POD, Key(namespace, "owned")))


async def test_absent_object_is_not_found(api: tuple[Api, str]) -> None:
    """Reading, patching and deleting what is not there is NotFound."""
    session, namespace = api
    key = Key(namespace, "nothing")
    with pytest.raises(NotFound):
        await session.get(Kind.POOL, key)
    with pytest.raises(NotFound):
        await session.delete(Kind.POOL, key, "any")
    with pytest.raises(NotFound):
        await session.patch_status(Kind.TASK_RUN, key, {"state": "Failed"}, 1)
