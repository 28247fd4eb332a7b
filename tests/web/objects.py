"""The history that the tests look at: the same Dag, runs and tasks in two namespaces, as the controller saw them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from controller.metastore.projection import Observed
from controller.model.approval import Approval, parse_approval
from controller.model.backfill import Backfill, parse_backfill
from controller.model.dag import canonical_json, parse_dag, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Meta, parse_meta
from controller.model.names import revision_name
from controller.model.pod import parse_pod
from controller.model.pool import parse_pool
from controller.model.taskrun import TaskRun, parse_task_run
from tests.metastore.objects import at

A: Final = "team-a"
B: Final = "team-b"
SPEC: Final[Mapping[str, Any]] = {
    "description": "Loads things",
    "owner": "data",
    "tags": ["nightly", "etl"],
    "params": {"day": {"type": "string", "default": "monday"}, "count": {"type": "integer", "default": 1}},
    "schedule": {"cron": "0 * * * *"},
    "groups": [{"name": "parts"}],
    "tasks": [
        {"name": "extract", "script": "true", "updates": ["orders"]},
        {"name": "part", "group": "parts", "script": "true", "dependsOn": ["extract"], "map": {"over": [1, 2, 3]}},
        {"name": "report", "script": "true", "dependsOn": ["parts"]},
    ],
}
OLD_SPEC: Final[Mapping[str, Any]] = {"tasks": [{"name": "extract", "script": "false"}]}
REVISION: Final = revision_name("etl", canonical_json(SPEC))
OLD_REVISION: Final = revision_name("etl", canonical_json(OLD_SPEC))


def meta(namespace: str, name: str, version: int, **more: Any) -> Meta:
    """Metadata of an object; uids are `<namespace>/<name>`."""
    raw = {"uid": f"{namespace}/{name}", "resourceVersion": str(version), "creationTimestamp": at(version), **more}
    if "owner" in more:
        raw["ownerReferences"] = [{"uid": raw.pop("owner"), "controller": True}]
    return parse_meta({"namespace": namespace, "name": name, **raw})


def run(namespace: str, name: str, version: int, status: Any = None, **more: Any) -> DagRun:
    """A run of Dag `etl`; `spec` and metadata as further words."""
    spec = {"dagRef": {"name": "etl"}, **more.pop("spec", {})}
    raw = {"spec": spec, "status": {"revision": REVISION, **(status or {})}}
    return parse_dag_run(meta(namespace, name, version, **more), raw)


def task(namespace: str, run_name: str, name: str, version: int, **more: Any) -> TaskRun:
    """A TaskRun; `index` and fields of its status as further words."""
    index = more.pop("index", None)
    spec = {"dagRef": {"name": "etl"}, "dagRunRef": {"name": run_name}, "task": name, "pool": more.pop("pool", "db")}
    raw = {"spec": spec | ({} if index is None else {"index": index}), "status": more}
    told = f"{run_name}-{name}" if index is None else f"{run_name}-{name}-{index}"
    return parse_task_run(meta(namespace, told, version, owner=f"{namespace}/{run_name}"), raw)


def approval(namespace: str, name: str, version: int, status: Any = None, **more: Any) -> Approval:
    """A question of task `report` of run `etl-11`; `owner`, a TaskRun, and fields of its spec as further words."""
    refs = {"dagRef": {"name": "etl"}, "dagRunRef": {"name": "etl-11"}, "taskRunRef": {"name": "etl-11-report"}}
    asked = {"task": "report", "try": 1, "message": "May we?", "options": ["approve", "reject"]}
    about = meta(namespace, name, version, owner=f"{namespace}/{more.pop('owner', 'etl-11-report')}")
    return parse_approval(about, {"spec": {**refs, **asked, **more}, "status": status or {}})


def backfill(namespace: str, name: str, version: int, status: Any = None, **more: Any) -> Backfill:
    """A backfill of four hours of Dag `etl`; fields of its spec as further words."""
    spec = {"dagRef": {"name": "etl"}, "from": at(0), "to": at(3 * 3600), **more}
    return parse_backfill(meta(namespace, name, version), {"spec": spec, "status": status or {}})


def history(namespace: str) -> Iterator[Observed]:
    """Everything that happened in one namespace."""
    status = {"revision": REVISION, "lastRun": "etl-11", "lastState": "Running", "taskCount": 3, "activeRuns": 1}
    ready = {"type": "Ready", "status": "True", "reason": "Valid", "lastTransitionTime": at(0)}
    yield parse_dag(meta(namespace, "etl", 5), {"spec": SPEC, "status": {**status, "conditions": [ready]}})
    yield parse_dag(meta(namespace, "paused", 6), {"spec": {"paused": True, "tasks": []}})
    for name, spec, version in ((OLD_REVISION, OLD_SPEC, 3), (REVISION, SPEC, 4)):
        about = meta(namespace, name, version, labels={"slipway.dev/dag": "etl"})
        yield parse_revision(about, {"data": spec})
    yield parse_pool(meta(namespace, "db", 7), {"spec": {"slots": 4}})
    for number in range(12):
        spec = {"logicalDate": at(3600 * number), "runType": "scheduled" if number % 2 else "manual"}
        state = "Running" if number == 11 else "Failed" if number == 3 else "Success"
        counts = {"Success": 2}
        labels = {"team": "blue" if number < 4 else "red"}
        told = {"state": state, "counts": counts, "tasks": "2/3"}
        yield run(namespace, f"etl-{number:02}", 10 + number, told, spec=spec, labels=labels)
    yield from _failed(namespace)
    yield task(namespace, "etl-11", "extract", 50, state="Running", **{"try": 1, "pod": "etl-11-extract-1"})
    yield task(namespace, "etl-11", "report", 51, state="Queued")
    yield approval(namespace, "etl-11-report-1", 52)
    yield backfill(namespace, "january", 53)


def _failed(namespace: str) -> Iterator[Observed]:
    ended = {"startedAt": at(10), "finishedAt": at(20)}
    done = {"number": 1, "pod": "etl-03-extract-1", "state": "Success", "updates": ["orders"], **ended}
    told: dict[str, Any] = {"output": json.dumps({"rows": 3}), "attempts": [done], **ended}
    yield task(namespace, "etl-03", "extract", 30, state="Success", **told)
    for index, state in enumerate(("Success", "Success", "Failed")):
        yield task(namespace, "etl-03", "part", 31 + index, index=index, state=state, **ended)
    first = {"number": 1, "pod": "etl-03-report-1", "state": "Failed", "exitCode": 1, **ended}
    second = {"number": 2, "pod": "etl-03-report-2", "state": "Failed", "exitCode": 137, "reason": "OOMKilled", **ended}
    fields: dict[str, Any] = {"try": 2, "pod": "etl-03-report-2", "reason": "OOMKilled", "attempts": [first, second]}
    yield task(namespace, "etl-03", "report", 40, state="Failed", **fields)
    labels = {"slipway.dev/task": "extract", "slipway.dev/try": "1"}
    about = meta(namespace, "etl-11-extract-1", 45, labels=labels, owner=f"{namespace}/etl-11-extract")
    yield parse_pod(about, {"spec": {"nodeName": "n"}, "status": {"phase": "Running"}})
