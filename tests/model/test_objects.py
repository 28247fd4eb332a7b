"""Objects as the API server sends them -> what is kept of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from controller.model.dag import parse_dag, parse_revision
from controller.model.dagrun import Cancel, parse_dag_run
from controller.model.metadata import Key, Meta, parse_meta
from controller.model.pod import Phase, Pod, Reason, Termination, parse_pod
from controller.model.pool import parse_pool
from controller.model.states import RunState, TaskState
from controller.model.taskrun import parse_task_run
from controller.model.timestamps import parse_time

RAW: dict[str, Any] = {
    "namespace": "team",
    "name": "etl-1-a-1",
    "uid": "u1",
    "resourceVersion": "42",
    "creationTimestamp": "2026-01-01T06:00:00Z",
}
META = parse_meta(RAW)


RESTORED = {"slipway.dev/restored-from": "u0"}


@pytest.mark.parametrize(
    ("annotations", "created_at"),
    [
        ({**RESTORED, "slipway.dev/created-at": "2025-12-01T00:00:00Z"}, "2025-12-01T00:00:00Z"),
        ({**RESTORED, "slipway.dev/created-at": "2027-01-01T00:00:00Z"}, "2026-01-01T06:00:00Z"),
        ({**RESTORED, "slipway.dev/created-at": "long ago"}, "2026-01-01T06:00:00Z"),
        (RESTORED, "2026-01-01T06:00:00Z"),
        ({"slipway.dev/created-at": "2025-12-01T00:00:00Z"}, "2026-01-01T06:00:00Z"),
    ],
)
def test_an_object_that_was_restored(annotations: dict[str, str], created_at: str) -> None:
    """It is as old as the one that it stands for, but never younger than itself."""
    assert parse_meta({**RAW, "annotations": annotations}).created_at == parse_time(created_at)


def pod(status: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **metadata: Any) -> Pod:
    """A Pod of ours."""
    return parse_pod(parse_meta({**RAW, **metadata}), {"spec": spec or {}, "status": status or {}})


# ---- metadata ------------------------------------------------------------------------------------------------------


def test_metadata_with_little_in_it() -> None:
    """What is absent is empty, zero or None."""
    assert parse_meta(RAW) == Meta(
        key=Key("team", "etl-1-a-1"),
        uid="u1",
        resource_version=42,
        generation=0,
        created_at=parse_time("2026-01-01T06:00:00Z"),
        deleting_since=None,
        deletion_grace_seconds=None,
        labels={},
        owner_uid=None,
        owners=0,
        finalizers=(),
    )
    assert str(META.key) == "team/etl-1-a-1"


def test_metadata_with_everything_in_it() -> None:
    """Only the controlling owner counts as the owner."""
    owners = [{"uid": "other"}, {"uid": "ours", "controller": True}]
    meta = parse_meta({**RAW, "generation": 3, "labels": {"a": "b"}, "ownerReferences": owners, "finalizers": ["f"]})
    assert (meta.generation, meta.labels, meta.owner_uid, meta.owners) == (3, {"a": "b"}, "ours", 2)
    assert meta.finalizers == ("f",)


@pytest.mark.parametrize(("grace", "asked_at"), [(30, "06:00:10"), (0, "06:00:40"), (None, "06:00:40")])
def test_an_object_that_is_going(grace: int | None, asked_at: str) -> None:
    """The API server's timestamp is the end of the grace period; what is kept is when the deletion was asked for."""
    meta = parse_meta({**RAW, "deletionTimestamp": "2026-01-01T06:00:40Z", "deletionGracePeriodSeconds": grace})
    assert meta.deleting_since == parse_time(f"2026-01-01T{asked_at}Z")
    assert meta.deletion_grace_seconds == grace


# ---- Pods ----------------------------------------------------------------------------------------------------------


def test_a_pod_just_created() -> None:
    """Nothing is known but that it is there."""
    new = pod()
    assert (new.phase, new.node, new.started_at, new.termination, new.waiting) == (
        Phase.PENDING,
        None,
        None,
        None,
        None,
    )
    assert (new.attempt, new.is_held, new.has_ended) == (0, False, False)


def test_a_pod_at_work() -> None:
    """What is told of container `main` is kept, and nothing of another."""
    status = {
        "phase": "Running",
        "startTime": "2026-01-01T06:00:01Z",
        "conditions": [{"type": "Initialized", "status": "True", "lastTransitionTime": "2026-01-01T06:00:02Z"}],
        "containerStatuses": [
            {"name": "side", "state": {"terminated": {"exitCode": 9}}},
            {"name": "main", "state": {"running": {"startedAt": "2026-01-01T06:00:03Z"}}},
        ],
    }
    metadata: dict[str, Any] = {"labels": {"slipway.dev/try": "12"}, "finalizers": ["slipway.dev/result"]}
    found = pod(status, {"nodeName": "node-1"}, **metadata)
    assert (found.host_started_at, found.initialized_at, found.started_at) == tuple(
        parse_time(f"2026-01-01T06:00:0{second}Z") for second in (1, 2, 3)
    )
    assert (found.node, found.attempt, found.is_held, found.termination) == ("node-1", 12, True, None)


def test_a_pod_whose_container_ended() -> None:
    """Its exit code, its output and both times are kept."""
    end = {
        "exitCode": 3,
        "reason": "Error",
        "message": "out",
        "startedAt": "2026-01-01T06:00:03Z",
        "finishedAt": "2026-01-01T06:00:04Z",
    }
    found = pod({"phase": "Failed", "containerStatuses": [{"name": "main", "state": {"terminated": end}}]})
    at = parse_time("2026-01-01T06:00:03Z"), parse_time("2026-01-01T06:00:04Z")
    assert found.termination == Termination(3, "Error", "out", *at)
    assert found.started_at == at[0]


@pytest.mark.parametrize("never", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", None])
def test_a_container_that_never_started(never: str | None) -> None:
    """The runtime reports a time before all containers, which counts as none."""
    end = {"exitCode": 128, "reason": "StartError", "startedAt": never, "finishedAt": never}
    found = pod({"phase": "Failed", "containerStatuses": [{"name": "main", "state": {"terminated": end}}]})
    assert found.started_at is None
    assert found.termination == Termination(128, "StartError", "", None, None)


def test_a_pod_that_waits() -> None:
    """The kubelet's and the scheduler's words are kept."""
    status = {
        "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"},
            {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"},
        ],
        "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "ErrImagePull", "message": "m"}}}],
    }
    found = pod(status)
    assert found.waiting == Reason("ErrImagePull", "m")
    assert found.unschedulable == Reason("Unschedulable", "no node")
    assert found.disruption == Reason("PreemptionByScheduler", "")


@pytest.mark.parametrize(
    "condition",
    [
        {"type": "PodScheduled", "status": "True"},
        {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"},
        {"type": "DisruptionTarget", "status": "False", "reason": "X"},
        {"type": "Initialized", "status": "False", "lastTransitionTime": "2026-01-01T06:00:00Z"},
    ],
)
def test_a_condition_that_says_no(condition: dict[str, Any]) -> None:
    """It is no reason."""
    found = pod({"conditions": [condition]})
    assert (found.unschedulable, found.disruption, found.initialized_at) == (None, None, None)


@pytest.mark.parametrize(
    ("phase", "node", "going", "ended"),
    [
        ("Pending", None, False, False),
        ("Pending", None, True, True),
        ("Pending", "n", True, False),
        ("Running", "n", True, False),
        ("Unknown", "n", False, False),
        ("Succeeded", "n", False, True),
        ("Failed", None, False, True),
        ("Gone", "n", False, True),
    ],
)
def test_whether_a_pod_has_ended(phase: str, node: str | None, going: bool, ended: bool) -> None:
    """A Pod that is deleted before it got a node has, as no kubelet will ever end it."""
    metadata = {"deletionTimestamp": "2026-01-01T06:00:40Z"} if going else {}
    assert pod({"phase": phase}, {"nodeName": node}, **metadata).has_ended is ended


@pytest.mark.parametrize(("label", "attempt"), [("1", 1), ("12", 12), ("", 0), ("x", 0), ("-1", 0), ("1.5", 0)])
def test_the_label_of_an_attempt(label: str, attempt: int) -> None:
    """A Pod with a label that is not ours is no attempt's."""
    assert pod(labels={"slipway.dev/try": label}).attempt == attempt


# ---- our own kinds -------------------------------------------------------------------------------------------------


def test_a_dag_and_its_revision() -> None:
    """Both keep the spec as text with sorted keys, without `paused`; faults are judged later."""
    spec = {"tasks": 3, "paused": True, "concurrency": {"maxActiveTasks": 4}}
    dag = parse_dag(META, {"spec": spec})
    assert (dag.spec_json, dag.paused) == ('{"concurrency":{"maxActiveTasks":4},"tasks":3}', True)
    revision = parse_revision(META, {"data": {"concurrency": {"maxActiveTasks": 4}}})
    assert (revision.spec_json, revision.max_active_tasks) == ('{"concurrency":{"maxActiveTasks":4}}', 4)
    assert parse_revision(META, {}).max_active_tasks == 16
    assert parse_dag(META, {"spec": {"paused": "yes"}}).paused is False


def test_a_run_just_created() -> None:
    """It is a manual one that waits."""
    run = parse_dag_run(META, {"spec": {"dagRef": {"name": "etl"}}})
    assert (run.spec.run_type, run.spec.params, run.spec.cancel) == ("manual", {}, None)
    assert (run.status.state, run.status.revision) == (RunState.QUEUED, None)


def test_a_run_that_is_cancelled() -> None:
    """The word is read as written in JSON."""
    assert parse_dag_run(META, {"spec": {"dagRef": {"name": "e"}, "cancel": "force"}}).spec.cancel is Cancel.FORCE


def test_a_task_run_with_attempts() -> None:
    """`try` in JSON is `attempt` in the code, as the word is taken."""
    spec = {"dagRunRef": {"name": "r"}, "dagRef": {"name": "d"}, "task": "a"}
    attempt = {"number": 3, "pod": "p", "state": "Failed", "finishedAt": "2026-01-01T06:00:00Z"}
    found = parse_task_run(META, {"spec": spec, "status": {"state": "Running", "try": 4, "attempts": [attempt]}})
    assert (found.status.state, found.status.attempt, found.ended_attempts) == (TaskState.RUNNING, 4, 3)
    assert found.status.dump()["try"] == 4
    assert parse_task_run(META, {"spec": spec}).ended_attempts == 0


def test_a_status_from_a_newer_version() -> None:
    """What is not known yet is passed over; a spec with it is refused."""
    assert parse_pool(META, {"spec": {"slots": 3}, "status": {"used": 1, "later": 2}}).status.used == 1
    with pytest.raises(ValidationError):
        parse_pool(META, {"spec": {"slots": 3, "later": 2}})


def test_an_index_is_not_written() -> None:
    """A task that is not mapped has none."""
    spec = {"dagRunRef": {"name": "r"}, "dagRef": {"name": "d"}, "task": "a"}
    assert parse_task_run(META, {"spec": spec}).spec.index is None
