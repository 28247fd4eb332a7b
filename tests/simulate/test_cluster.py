"""Names, versions, deletions and owners, as the API server treats them."""

from typing import Any

import pytest

from controller.errors import AlreadyExists, Conflict, NotFound, Refused
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.clock import VirtualClock
from controller.simulate.cluster import InMemoryCluster, Raw
from controller.simulate.patches import merge_patch


@pytest.fixture
def cluster() -> InMemoryCluster:
    """An empty one."""
    return InMemoryCluster(VirtualClock())


def manifest(name: str, *, owner: Raw | None = None, **metadata: Any) -> Raw:
    """An object of no particular kind."""
    if owner is not None:
        metadata["ownerReferences"] = [{"uid": owner["metadata"]["uid"], "controller": True}]
    return {"metadata": {"name": name, "namespace": "team", **metadata}, "spec": {"nodeName": "n"}}


def key(name: str) -> Key:
    """Its key."""
    return Key("team", name)


def test_a_name_is_taken_once(cluster: InMemoryCluster) -> None:
    """The second create is refused, and changes nothing."""
    first = cluster.create(Kind.POD, manifest("a"))
    with pytest.raises(AlreadyExists):
        cluster.create(Kind.POD, manifest("a", labels={"x": "y"}))
    assert cluster.get(Kind.POD, key("a")) == first


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Kind.DAG_RUN, {"state": "Queued"}), (Kind.TASK_RUN, {"state": "Scheduled"}), (Kind.POD, {"phase": "Pending"})],
)
def test_a_new_object_has_its_default_status(cluster: InMemoryCluster, kind: Kind, status: Raw) -> None:
    """A status that the manifest brings is dropped."""
    assert cluster.create(kind, {**manifest("a"), "status": {"state": "Success"}})["status"] == status


def test_a_status_is_written_at_the_version_that_was_judged(cluster: InMemoryCluster) -> None:
    """A stale one is a Conflict; a write that changes nothing makes no new version."""
    old = int(cluster.create(Kind.DAG_RUN, manifest("a"))["metadata"]["resourceVersion"])
    new = cluster.patch_status(Kind.DAG_RUN, key("a"), {"state": "Running"}, old)
    with pytest.raises(Conflict):
        cluster.patch_status(Kind.DAG_RUN, key("a"), {"state": "Failed"}, old)
    version = int(new["metadata"]["resourceVersion"])
    assert cluster.patch_status(Kind.DAG_RUN, key("a"), {"state": "Running", "gone": None}, version) == new


def test_generations_count_specs(cluster: InMemoryCluster) -> None:
    """A new spec is a new generation, a new status is none."""
    cluster.create(Kind.DAG, manifest("a"))
    cluster.patch_status(Kind.DAG, key("a"), {"x": 1})
    assert cluster.merge(Kind.DAG, key("a"), {"metadata": {"labels": {"x": "y"}}})["metadata"]["generation"] == 1
    assert cluster.merge(Kind.DAG, key("a"), {"spec": {"x": 1}})["metadata"]["generation"] == 2


def test_a_deletion_waits_for_finalizers(cluster: InMemoryCluster) -> None:
    """The object is gone with the last of them."""
    cluster.create(Kind.DAG_RUN, manifest("a", finalizers=["x"]))
    assert "deletionTimestamp" in cluster.delete(Kind.DAG_RUN, key("a"))["metadata"]
    cluster.patch_json(Kind.DAG_RUN, key("a"), [{"op": "remove", "path": "/metadata/finalizers/0"}])
    with pytest.raises(NotFound):
        cluster.get(Kind.DAG_RUN, key("a"))


def test_a_running_pod_has_its_grace(cluster: InMemoryCluster) -> None:
    """It stays until the kubelet deletes it without grace; the timestamp is the end of the grace."""
    cluster.create(Kind.POD, manifest("a", finalizers=["x"]))
    metadata = cluster.delete(Kind.POD, key("a"))["metadata"]
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == ("2026-01-01T00:00:30Z", 30)
    cluster.merge(Kind.POD, key("a"), {"metadata": {"finalizers": None}})
    assert cluster.find(Kind.POD, key("a")) is not None
    cluster.delete(Kind.POD, key("a"), grace_seconds=0)
    assert cluster.find(Kind.POD, key("a")) is None


def test_a_deletion_of_another_object_of_that_name(cluster: InMemoryCluster) -> None:
    """The uid in the precondition must be the object's."""
    cluster.create(Kind.POD, manifest("a"))
    with pytest.raises(Conflict):
        cluster.delete(Kind.POD, key("a"), uid="other")


def test_what_loses_its_owner_is_collected(cluster: InMemoryCluster) -> None:
    """All the way down; and what is created for an owner that is gone goes at once."""
    run = cluster.create(Kind.DAG_RUN, manifest("run"))
    task = cluster.create(Kind.TASK_RUN, manifest("task", owner=run))
    cluster.create(Kind.REVISION, manifest("below", owner=task))
    cluster.delete(Kind.DAG_RUN, key("run"))
    assert [cluster.all_of(kind) for kind in Kind] == [()] * len(Kind)
    cluster.create(Kind.TASK_RUN, manifest("late", owner=run))
    assert cluster.all_of(Kind.TASK_RUN) == ()


def test_a_json_patch_whose_test_fails(cluster: InMemoryCluster) -> None:
    """It is refused with 422 as a whole."""
    cluster.create(Kind.POD, manifest("a", finalizers=["x"]))
    operations = [
        {"op": "remove", "path": "/metadata/finalizers/0"},
        {"op": "test", "path": "/metadata/uid", "value": "other"},
    ]
    with pytest.raises(Refused) as refused:
        cluster.patch_json(Kind.POD, key("a"), operations)
    assert refused.value.code == 422
    assert cluster.get(Kind.POD, key("a"))["metadata"]["finalizers"] == ["x"]


def test_watchers_are_told_in_order(cluster: InMemoryCluster) -> None:
    """Each write once, with a version that rises."""
    seen: list[tuple[str, int]] = []
    cluster.watchers.append(lambda kind, type_, raw: seen.append((type_, int(raw["metadata"]["resourceVersion"]))))
    cluster.create(Kind.POOL, manifest("a"))
    cluster.patch_status(Kind.POOL, key("a"), {"used": 1})
    cluster.delete(Kind.POOL, key("a"))
    assert seen == [("ADDED", 1), ("MODIFIED", 2), ("DELETED", 3)]


def test_a_merge_patch() -> None:
    """The example of RFC 7386."""
    before = {"title": "Goodbye!", "author": {"givenName": "John", "familyName": "Doe"}, "tags": ["a", "b"]}
    patch = {"title": "Hello!", "author": {"familyName": None}, "tags": ["c"], "phone": {"a": None}}
    after = {"title": "Hello!", "author": {"givenName": "John"}, "tags": ["c"], "phone": {}}
    assert merge_patch(before, patch) == after
