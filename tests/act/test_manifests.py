"""Manifests: what is sent to the API server for each action that creates, compared whole."""

from controller.act.manifests import pod_manifest, revision_manifest, run_manifest, task_run_manifest
from controller.model.action import CreatePod, CreateRevision, CreateRun, CreateTaskRun
from controller.model.authorship import MAY_USE, WRITTEN_BY, may_use, written_by
from controller.model.dagrun import DagRunSpec
from controller.model.schema import Reference
from controller.model.taskrun import TaskRunSpec
from tests.decide.objects import after, dag, run, task_run, told

DAG = dag({}).meta
DAG_OWNER = {
    "apiVersion": "slipway.dev/v1alpha1",
    "kind": "Dag",
    "name": "etl",
    "uid": "uid-etl",
    "controller": True,
    "blockOwnerDeletion": True,
}


def test_a_revision() -> None:
    """It carries the spec as it was judged, and goes with its Dag."""
    assert revision_manifest(CreateRevision(DAG, "etl-abc", '{"tasks":[]}')) == {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": "etl-abc",
            "namespace": "team",
            "labels": {"slipway.dev/dag": "etl"},
            "ownerReferences": [DAG_OWNER],
        },
        "data": {"tasks": []},
        "revision": 1,
    }


def test_a_revision_tells_its_author() -> None:
    """What admission has noted of this very spec goes with it; what it noted of another does not."""
    spec = '{"tasks":[]}'
    stamps = {WRITTEN_BY: written_by(spec, "ada"), MAY_USE: may_use(spec, ["loader"])}
    noted = dag({}, annotations={**stamps, "mine": "x"}).meta
    assert revision_manifest(CreateRevision(noted, "etl-abc", spec))["metadata"]["annotations"] == stamps
    assert "annotations" not in revision_manifest(CreateRevision(noted, "etl-abc", '{"tasks":[1]}'))["metadata"]


def test_a_run() -> None:
    """Times are text, and what is not said is not sent."""
    spec = DagRunSpec(dag_ref=Reference(name="etl"), logical_date=after(0), run_id="manual__x")
    assert run_manifest(CreateRun(DAG, "etl-1", spec)) == {
        "apiVersion": "slipway.dev/v1alpha1",
        "kind": "DagRun",
        "metadata": {
            "name": "etl-1",
            "namespace": "team",
            "labels": {"slipway.dev/dag": "etl"},
            "ownerReferences": [DAG_OWNER],
            "annotations": {"slipway.dev/created-by": "system:slipway:scheduler"},
        },
        "spec": {
            "dagRef": {"name": "etl"},
            "runType": "manual",
            "runId": "manual__x",
            "logicalDate": told(),
            "params": {},
            "paused": False,
        },
    }


def test_a_task_run() -> None:
    """It has no status: the API server makes it Scheduled."""
    spec = TaskRunSpec(dag_run_ref=Reference(name="etl-1"), dag_ref=Reference(name="etl"), task="load", priority=7)
    assert task_run_manifest(CreateTaskRun(run().meta, "etl-1-load", spec)) == {
        "apiVersion": "slipway.dev/v1alpha1",
        "kind": "TaskRun",
        "metadata": {
            "name": "etl-1-load",
            "namespace": "team",
            "labels": {"slipway.dev/dag": "etl", "slipway.dev/run": "etl-1", "slipway.dev/task": "load"},
            "ownerReferences": [DAG_OWNER | {"kind": "DagRun", "name": "etl-1", "uid": "uid-etl-1"}],
        },
        "spec": {
            "dagRunRef": {"name": "etl-1"},
            "dagRef": {"name": "etl"},
            "task": "load",
            "pool": "default",
            "poolSlots": 1,
            "priority": 7,
            "backfill": False,
            "kind": "pod",
            "verdict": "Run",
            "round": 0,
        },
    }


def test_a_pod() -> None:
    """The decider's manifest gets its owner, and is itself not changed."""
    built = {"kind": "Pod", "metadata": {"name": "p", "namespace": "team"}, "spec": {}}
    action = CreatePod(task_run("a").meta, 1, built)
    owner = DAG_OWNER | {"kind": "TaskRun", "name": "etl-1-a", "uid": "uid-etl-1-a"}
    assert pod_manifest(action) == {**built, "metadata": {"name": "p", "namespace": "team", "ownerReferences": [owner]}}
    assert built["metadata"] == {"name": "p", "namespace": "team"}
