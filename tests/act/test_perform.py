"""Performing: each action is one request, safe to repeat, whose answer goes into the store."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from controller.act.manifests import event_manifest
from controller.act.perform import Performer
from controller.errors import AlreadyExists, Conflict, NameTaken, NotFound, Refused, Unavailable
from controller.model.action import (
    Action,
    AdoptRun,
    CreateApproval,
    CreatePod,
    CreateRevision,
    CreateRun,
    CreateTaskRun,
    DeletePod,
    Kind,
    ReleasePod,
    Tell,
    WriteStatus,
)
from controller.model.approval import ApprovalSpec
from controller.model.dagrun import DagRunSpec
from controller.model.pod import Pod
from controller.model.schema import Reference
from controller.model.status_patch import JSON_PATCH
from controller.model.taskrun import TaskRunSpec
from tests.act.recording import RecordingKube
from tests.decide.objects import NOW, after, dag, exited, meta, pod, run, task_run, told

POD = meta("etl-1-a-1", finalizers=["other", "slipway.dev/result"])
CREATES: list[tuple[Kind, Action]] = [
    (Kind.REVISION, CreateRevision(dag({}).meta, "etl-abc", "{}")),
    (Kind.DAG_RUN, CreateRun(dag({}).meta, "etl-1", DagRunSpec(dag_ref=Reference(name="etl")))),
    (
        Kind.TASK_RUN,
        CreateTaskRun(
            run().meta,
            "etl-1-a",
            TaskRunSpec(dag_run_ref=Reference(name="etl-1"), dag_ref=Reference(name="etl"), task="a"),
        ),
    ),
    (Kind.POD, CreatePod(task_run("a").meta, 1, {"metadata": {"name": "etl-1-a-1", "namespace": "team"}})),
    (
        Kind.APPROVAL,
        CreateApproval(
            task_run("a").meta,
            "etl-1-a-1",
            ApprovalSpec(
                dag_ref=Reference(name="etl"),
                dag_run_ref=Reference(name="etl-1"),
                task_run_ref=Reference(name="etl-1-a"),
                task="a",
                attempt=1,
                message="go on?",
                options=("approve", "reject"),
            ),
        ),
    ),
]
OWNERS = {
    Kind.REVISION: "uid-etl",
    Kind.DAG_RUN: "uid-etl",
    Kind.TASK_RUN: "uid-etl-1",
    Kind.POD: "uid-etl-1-a",
    Kind.APPROVAL: "uid-etl-1-a",
}


async def performed(kube: RecordingKube, action: Action) -> list[tuple[Kind, dict[str, Any]]]:
    """What went into the store."""
    seen: list[tuple[Kind, dict[str, Any]]] = []
    await Performer(kube, lambda kind, raw: seen.append((kind, raw))).perform(action, NOW)
    return seen


def found(owner_uid: str | None) -> dict[str, Any]:
    """An object that is there already."""
    owners = [{"uid": owner_uid, "controller": True}] if owner_uid else []
    raw = {"namespace": "team", "name": "x", "uid": "u", "resourceVersion": "1", "creationTimestamp": told()}
    return {"metadata": {**raw, "ownerReferences": owners}}


# ---- create --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "action"), CREATES)
async def test_something_new(kind: Kind, action: Action) -> None:
    """It is created in its owner's namespace, and the answer is seen at once."""
    kube = RecordingKube()
    ((seen, raw),) = await performed(kube, action)
    ((verb, sent, namespace, body),) = kube.sent
    assert (verb, sent, namespace, seen) == ("create", kind, "team", kind)
    assert raw == body
    assert [owner["uid"] for owner in body["metadata"]["ownerReferences"]] == [OWNERS[kind]]


@pytest.mark.parametrize(("kind", "action"), CREATES)
async def test_something_that_was_created_before(kind: Kind, action: Action) -> None:
    """What is there is ours, so it is taken as the answer."""
    there = found(OWNERS[kind])
    kube = RecordingKube(create=AlreadyExists("exists"), get=there)
    assert await performed(kube, action) == [(kind, there)]
    assert [request[0] for request in kube.sent] == ["create", "get"]


@pytest.mark.parametrize(("kind", "action"), CREATES)
@pytest.mark.parametrize("owner_uid", ["somebody", None])
async def test_a_name_that_is_taken(kind: Kind, action: Action, owner_uid: str | None) -> None:
    """It is never taken over, and does not enter the store."""
    kube = RecordingKube(create=AlreadyExists("exists"), get=found(owner_uid))
    with pytest.raises(NameTaken, match=f"{kind.value} .* exists already and belongs to something else"):
        await performed(kube, action)


async def test_a_name_that_is_free_again() -> None:
    """The object went between two requests: the loop looks again."""
    with pytest.raises(NotFound):
        await performed(RecordingKube(create=AlreadyExists("exists"), get=NotFound("gone")), CREATES[0][1])


# ---- status --------------------------------------------------------------------------------------------------------


async def test_a_status() -> None:
    """It is patched at the version that was judged."""
    kube = RecordingKube()
    at = replace(run().meta, resource_version=41)
    assert await performed(kube, WriteStatus(Kind.DAG_RUN, at, {"tasks": "1/2"})) == [
        (Kind.DAG_RUN, {"answer": "patch_status"})
    ]
    assert kube.sent == [("patch_status", Kind.DAG_RUN, "etl-1", {"tasks": "1/2"}, 41)]


async def test_a_status_that_somebody_else_wrote() -> None:
    """The loop is told to look again."""
    with pytest.raises(Conflict):
        await performed(RecordingKube(patch_status=Conflict("409")), WriteStatus(Kind.DAG, dag({}).meta, {}))


# ---- adopt and release ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owners", "op", "path"),
    [(0, "add", "/metadata/ownerReferences"), (1, "add", "/metadata/ownerReferences/-")],
)
async def test_an_adoption(owners: int, op: str, path: str) -> None:
    """The Dag joins the owners that are there, if the name is still the same object's."""
    kube = RecordingKube()
    of = replace(run().meta, owners=owners)
    await performed(kube, AdoptRun(of, dag({}).meta))
    ((verb, kind, name, (same, change), form),) = kube.sent
    assert (verb, kind, name, form) == ("patch", Kind.DAG_RUN, "etl-1", JSON_PATCH)
    assert same == {"op": "test", "path": "/metadata/uid", "value": "uid-etl-1"}
    assert (change["op"], change["path"]) == (op, path)


@pytest.mark.parametrize("log_of", [None, pod(exited(0))])
async def test_a_release_with_a_log(log_of: Pod | None) -> None:
    """The log is archived before the finalizer goes, where the action says whose."""
    kube, seen = RecordingKube(), list[tuple[Pod, int]]()

    class Archive:
        """Notes what is archived, and how much was sent before."""

        async def archive(self, pod: Pod, now: datetime) -> None:
            """Take it."""
            seen.append((pod, len(kube.sent)))

    performer = Performer(kube, lambda kind, raw: None, archive=Archive())
    await performer.perform(ReleasePod(POD, log_of=log_of), NOW)
    assert seen == ([] if log_of is None else [(log_of, 0)])
    assert len(kube.sent) == 1


async def test_a_release() -> None:
    """Our finalizer goes, and only if it still stands where it was seen."""
    kube = RecordingKube()
    await performed(kube, ReleasePod(POD))
    assert kube.sent[0][3] == [
        {"op": "test", "path": "/metadata/uid", "value": "uid-etl-1-a-1"},
        {"op": "test", "path": "/metadata/finalizers/1", "value": "slipway.dev/result"},
        {"op": "remove", "path": "/metadata/finalizers/1"},
    ]


async def test_a_release_of_a_pod_that_is_gone() -> None:
    """There is nothing left to do."""
    assert await performed(RecordingKube(patch=NotFound("gone")), ReleasePod(POD)) == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Refused("the test failed", "Invalid", 422), Conflict),
        (Refused("no right", "Forbidden", 403), Refused),
        (Unavailable("down"), Unavailable),
    ],
)
async def test_a_patch_that_does_not_fit(answer: Exception, error: type[Exception]) -> None:
    """A test that failed means that the object has changed; any other answer stays what it is."""
    with pytest.raises(error):
        await performed(RecordingKube(patch=answer), ReleasePod(POD))


# ---- delete --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grace", [None, 0])
async def test_a_deletion(grace: int | None) -> None:
    """Just this Pod is meant, and what is left of it is seen."""
    kube = RecordingKube(delete={"kind": "Pod"})
    assert await performed(kube, DeletePod(POD, grace)) == [(Kind.POD, {"kind": "Pod"})]
    assert kube.sent == [("delete", Kind.POD, "etl-1-a-1", "uid-etl-1-a-1", grace)]


@pytest.mark.parametrize("answer", [{"kind": "Status"}, NotFound("gone")])
async def test_a_deletion_that_leaves_nothing(answer: Any) -> None:
    """Nothing is seen: the watch tells of it."""
    assert await performed(RecordingKube(delete=answer), DeletePod(POD, None)) == []


# ---- Events --------------------------------------------------------------------------------------------------------

TELL = Tell(Kind.TASK_RUN, task_run("a").meta, "TaskFailed", "Attempt 1 failed", warning=True)


def test_an_event() -> None:
    """It is about the object, in Kubernetes' own form."""
    event = event_manifest(TELL, after(0.5))
    name = event["metadata"].pop("name")
    assert name.startswith("etl-1-a.")
    assert event == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": "team"},
        "involvedObject": {
            "apiVersion": "slipway.dev/v1alpha1",
            "kind": "TaskRun",
            "name": "etl-1-a",
            "namespace": "team",
            "uid": "uid-etl-1-a",
        },
        "reason": "TaskFailed",
        "message": "Attempt 1 failed",
        "type": "Warning",
        "source": {"component": "slipway"},
        "firstTimestamp": told(),
        "lastTimestamp": told(),
        "count": 1,
    }


def test_one_event_told_twice() -> None:
    """It has one name, so that telling twice is telling once; other news have another."""
    names = [
        event_manifest(tell, now)["metadata"]["name"]
        for tell, now in [
            (TELL, after(0)),
            (TELL, after(9)),
            (replace(TELL, message="Attempt 2 failed"), after(0)),
            (replace(TELL, about=replace(TELL.about, resource_version=2)), after(0)),
        ]
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_a_long_message() -> None:
    """It is cut to what the API server takes."""
    assert len(event_manifest(replace(TELL, message="x" * 5000), NOW)["message"]) == 1024


async def test_an_event_is_sent() -> None:
    """It goes to the object's namespace, and enters no store."""
    kube = RecordingKube()
    assert await performed(kube, TELL) == []
    assert [(verb, namespace) for verb, namespace, _ in kube.sent] == [("event", "team")]
