"""What a decider sees, in few words: all belong to namespace `team`, Dag `etl` and run `etl-1`, at 06:00."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from controller.model.action import Decision, WriteStatus
from controller.model.dag import Dag, Revision, canonical_json, parse_dag, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.gate import Candidate, PoolUse, Use
from controller.model.metadata import Key, Meta, parse_meta
from controller.model.names import POD_FINALIZER, revision_name
from controller.model.pod import Pod, parse_pod
from controller.model.policy import Policy
from controller.model.snapshot import RunSnapshot, TaskSnapshot
from controller.model.standing import Standing
from controller.model.taskrun import TaskRun, parse_task_run
from controller.model.timestamps import format_time
from tests.decide.drawing import drawn_spec

NOW: Final = datetime(2026, 1, 1, 6, tzinfo=UTC)
POLICY: Final = Policy(default_task_image="tasks:1")
IDLE: Final = Use(
    total=0,
    parallelism=32,
    by_run={},
    pools={Key("team", "default"): PoolUse("default", 128, 0)},
    by_run_task={},
    by_dag_task={},
)
Json = Mapping[str, Any]


def after(seconds: float) -> datetime:
    """So many seconds after 06:00."""
    return NOW + timedelta(seconds=seconds)


def told(seconds: float = 0) -> str:
    """The same as text."""
    return format_time(after(seconds))


def meta(name: str, **more: Any) -> Meta:
    """Metadata of an object made at 06:00, whose uid is `uid-<name>`; `owner` is its owner's name."""
    raw = {"namespace": "team", "name": name, "uid": f"uid-{name}", "resourceVersion": "1", "generation": 1}
    owner = more.pop("owner", None)
    owners = {"ownerReferences": [{"uid": f"uid-{owner}", "controller": True}]} if owner else {}
    return parse_meta({**raw, "creationTimestamp": told(), **owners, **more})


def dag(spec: Json, status: Json | None = None, **more: Any) -> Dag:
    """The Dag."""
    return parse_dag(meta("etl", **more), {"spec": spec, "status": status or {}})


def revision(spec: Json) -> Revision:
    """The snapshot of a spec."""
    return parse_revision(meta(revision_name("etl", canonical_json(spec)), owner="etl"), {"data": spec})


def run(spec: Json | None = None, status: Json | None = None, **more: Any) -> DagRun:
    """The run, which the Dag owns unless `owner` says else."""
    raw = {"spec": {"dagRef": {"name": "etl"}, **(spec or {})}, "status": status or {}}
    return parse_dag_run(meta("etl-1", **{"owner": "etl", **more}), raw)


def task_run(task: str, status: Json | None = None, spec: Json | None = None, **more: Any) -> TaskRun:
    """The TaskRun of a task."""
    fields = {"dagRef": {"name": "etl"}, "dagRunRef": {"name": "etl-1"}, "task": task, **(spec or {})}
    about = meta(f"etl-1-{task}", **{"owner": "etl-1", **more})
    return parse_task_run(about, {"spec": fields, "status": status or {}})


def pod(status: Json, attempt: int = 1, task: str = "a", node: str | None = "node-1", **more: Any) -> Pod:
    """The Pod of an attempt, held by our finalizer, with the status that the API server sends."""
    labels = {"slipway.dev/try": str(attempt), "slipway.dev/task": task}
    defaults = {"owner": f"etl-1-{task}", "labels": labels, "finalizers": [POD_FINALIZER]}
    about = meta(f"etl-1-{task}-{attempt}", **{**defaults, **more})
    return parse_pod(about, {"spec": {"nodeName": node} if node else {}, "status": status})


def container(state: Json) -> dict[str, Any]:
    """The part of a Pod's status about container `main`."""
    return {"containerStatuses": [{"name": "main", "state": state}]}


def exited(code: int, reason: str = "Error", message: str = "", phase: str = "Failed", **more: Any) -> dict[str, Any]:
    """The status of a Pod whose container ran from 06:00:05 to 06:00:10."""
    end = {"exitCode": code, "reason": reason, "message": message, "startedAt": told(5), "finishedAt": told(10)}
    return {"phase": phase, **container({"terminated": end}), **more}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """The status of a Pod on a node whose container has not started; the node took it at 06:00:01."""
    initialized = {"type": "Initialized", "status": "True", "lastTransitionTime": told(1)}
    return {
        "phase": "Pending",
        "conditions": [initialized],
        **container({"waiting": {"reason": reason, "message": message}}),
    }


def run_snapshot(spec: Json, of: DagRun, task_runs: Mapping[str, Json] | None = None, **more: Any) -> RunSnapshot:
    """The run with its TaskRuns' statuses by task; everything is looked at, and nothing else runs."""
    made = {instance: task_run(instance, status) for instance, status in (task_runs or {}).items()}
    fields: dict[str, Any] = {
        "run": of,
        "dag": dag(spec),
        "revision": revision(spec),
        "task_runs": made,
        "standing": standing(of, made),
        "previous": None,
        "changed": None,
        "running_runs": 0,
        "is_next": True,
        "status_written_at": None,
        "policy": POLICY,
    }
    return RunSnapshot(**{**fields, **more})


def standing(of: DagRun, task_runs: Mapping[str, TaskRun]) -> Standing:
    """Where the run's instances stand."""
    found = Standing(of.status.settled.by_instance())
    for instance, each in task_runs.items():
        found.put(instance, each.standing)
    return found


def running(spec: Json, status: Json | None = None) -> DagRun:
    """The run, pinned to the spec and running since 06:00."""
    pinned = revision_name("etl", canonical_json(spec))
    return run(status={"revision": pinned, "params": "{}", "state": "Running", "startedAt": told(), **(status or {})})


def candidate(key: Key, **more: Any) -> Candidate:
    """A task of Dag `etl` and run `etl-1` that waits for one slot since 06:00, with priority 1."""
    fields: dict[str, Any] = {
        "dag": Key(key.namespace, "etl"),
        "run": Key(key.namespace, "etl-1"),
        "task": key.name,
        "pool": "default",
        "slots": 1,
        "since": NOW,
        "retry_at": None,
        "paused": None,
        "run_limit": 16,
        "order": (False, -more.pop("priority", 1), more.pop("date", NOW), more.get("since", NOW), key),
    }
    return Candidate(key, **{**fields, **more})


def task_snapshot(
    status: Json | None = None, pods: tuple[Pod, ...] = (), spec: Json | None = None, **more: Any
) -> TaskSnapshot:
    """Task `a` of a running run, with its status and Pods; it waits for nothing."""
    written = spec or drawn_spec("a")
    key = Key("team", "etl-1-a")
    fields: dict[str, Any] = {
        "task_run": task_run("a", status),
        "run": running(written),
        "revision": revision(written),
        "pods": pods,
        "kubelet_lag": timedelta(0),
        "task_runs": {},
        "refused": None,
        "admitted": False,
        "candidate": candidate(key),
        "use": IDLE,
        "policy": POLICY,
    }
    return TaskSnapshot(**{**fields, **more})


def written(decision: Decision) -> dict[str, Any]:
    """The one status patch of a decision; empty when there is none."""
    patches = [action.patch for action in decision.actions if isinstance(action, WriteStatus)]
    assert len(patches) <= 1
    return dict(patches[0]) if patches else {}


def kinds(decision: Decision) -> list[str]:
    """The actions' names, in order."""
    return [type(action).__name__ for action in decision.actions]


def with_use(**fields: Any) -> Use:
    """An idle cluster, but for these fields."""
    return replace(IDLE, **fields)
