"""Objects as the API server sends them, in few words. All belong to namespace `team`, Dag `etl` and run `etl-1`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from controller.model.dag import Dag, Revision, parse_dag, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Meta, parse_meta
from controller.model.pod import Pod, parse_pod
from controller.model.pool import Pool, parse_pool
from controller.model.taskrun import TaskRun, parse_task_run
from controller.model.timestamps import format_time

START: Final = datetime(2026, 1, 1, 6, tzinfo=UTC)
RUN: Final = "etl-1"
Json = Mapping[str, Any]


def at(seconds: float) -> str:
    """A time of the story, as text."""
    return format_time(START + timedelta(seconds=seconds))


def meta(name: str, version: int, **more: Any) -> Meta:
    """Metadata of an object whose uid is `uid-<name>` unless said."""
    raw = {
        "namespace": "team",
        "name": name,
        "uid": f"uid-{name}",
        "resourceVersion": str(version),
        "creationTimestamp": at(0),
        **more,
    }
    if "owner" in more:
        raw["ownerReferences"] = [{"uid": raw.pop("owner"), "controller": True}]
    return parse_meta(raw)


def dag(version: int = 1, spec: Json | None = None, status: Json | None = None, **more: Any) -> Dag:
    """The Dag."""
    return parse_dag(meta("etl", version, **more), {"spec": spec or {}, "status": status or {}})


def revision(version: int = 1) -> Revision:
    """A snapshot of the Dag's spec."""
    about = meta("etl-aaaa", version, labels={"slipway.dev/dag": "etl"})
    return parse_revision(about, {"data": {"tasks": [{"name": "load"}]}})


def run(version: int = 1, name: str = RUN, spec: Json | None = None, status: Json | None = None, **more: Any) -> DagRun:
    """A run."""
    raw = {"spec": {"dagRef": {"name": "etl"}, **(spec or {})}, "status": status or {}}
    return parse_dag_run(meta(name, version, owner="uid-etl", **more), raw)


def task(name: str, version: int, status: Json | None = None, run: str = RUN, **more: Any) -> TaskRun:
    """The TaskRun of a run's task."""
    spec = {"dagRef": {"name": "etl"}, "dagRunRef": {"name": run}, "task": name, "priority": 5}
    about = meta(f"{run}-{name}", version, **{"owner": f"uid-{run}", **more})
    return parse_task_run(about, {"spec": spec, "status": status or {}})


def attempt(name: str, number: int, state: str = "Failed", **more: Any) -> Json:
    """The account of an attempt in a TaskRun's status."""
    return {"number": number, "pod": f"{RUN}-{name}-{number}", "state": state, "finishedAt": at(number * 10), **more}


def pod(name: str, number: int, version: int, *, state: Json | None = None, **more: Any) -> Pod:
    """The Pod of a task's attempt; `state` is that of its container, `phase` may be said too."""
    phase = more.pop("phase", "Pending")
    labels = {"slipway.dev/task": name, "slipway.dev/try": str(number)}
    about = meta(f"{RUN}-{name}-{number}", version, labels=labels, owner=f"uid-{RUN}-{name}", **more)
    containers: Sequence[Json] = [{"name": "main", "state": state}] if state else []
    status = {"phase": phase, "containerStatuses": containers}
    return parse_pod(about, {"spec": {"nodeName": "node-1"} if state else {}, "status": status})


def running(seconds: float) -> Json:
    """The state of a container that has started."""
    return {"running": {"startedAt": at(seconds)}}


def terminated(started: float, finished: float, code: int = 0) -> Json:
    """The state of a container that has ended."""
    reason = "Error" if code else "Completed"
    times = {"startedAt": at(started), "finishedAt": at(finished)}
    return {"terminated": {"exitCode": code, "reason": reason, "message": "{}", **times}}


def pool(version: int = 1, slots: int = 4, **more: Any) -> Pool:
    """A pool."""
    return parse_pool(meta("db", version, **more), {"spec": {"slots": slots}, "status": {"used": 1}})
