"""A Dag, Revision, Pool, Backfill or DagRun -> its rows. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from controller.metastore.row import Row, dumped, mirrored, named
from controller.model.backfill import Backfill
from controller.model.dag import Dag, Revision, canonical_json
from controller.model.dagrun import DagRun
from controller.model.names import LABEL_BACKFILL, LABEL_DAG
from controller.model.pool import Pool
from controller.model.schema import Condition


def dag_row(dag: Dag) -> Row:
    """The Dag's row."""
    status = dag.status
    ready = next((condition for condition in status.conditions if condition.type == "Ready"), None)
    spec = json.loads(dag.spec_json)
    return {
        **named(dag.meta),
        **mirrored(dag.meta),
        "uid": dag.meta.uid,
        "revision": status.revision,
        "schedule": status.schedule,
        "timezone": _zone(spec),
        "paused": dag.paused,
        "ready": _verdict(ready),
        "reason": ready.reason if ready else None,
        "message": ready.message if ready else None,
        "task_count": status.task_count,
        "active_runs": status.active_runs,
        "last_scheduled_at": status.last_scheduled,
        "next_run_at": status.next_run,
        "last_run": status.last_run,
        "last_state": status.last_state,
        "owner": _text(spec.get("owner")),
        "tags": [tag for tag in _list(spec.get("tags")) if isinstance(tag, str)],
        "description": _text(spec.get("description")),
        "produces": _produced(spec),
        "consumes": list(status.assets.waits_for) if status.assets is not None else [],
    }


def _zone(spec: dict[str, Any]) -> str | None:
    """The zone of local times; a span such as 6h has none."""
    schedule = spec.get("schedule")
    if not isinstance(schedule, dict) or not (schedule.get("cron") or schedule.get("crons")):
        return None
    return _text(schedule.get("timezone")) or "UTC"


def _produced(spec: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in (each for each in _list(spec.get("tasks")) if isinstance(each, dict)):
        for asset in dict.fromkeys(each for each in _list(task.get("updates")) if isinstance(each, str)):
            found.setdefault(asset, []).append(_text(task.get("name")) or "")
    return dict(sorted(found.items()))


def _verdict(condition: Condition | None) -> bool | None:
    return {"True": True, "False": False}.get(condition.status) if condition else None


# A Dag's spec may be at fault in any way: what is not of its type is left out, the Ready condition tells.
def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def revision_row(revision: Revision) -> Row:
    """The snapshot's row."""
    return {
        **named(revision.meta),
        "dag": revision.meta.labels.get(LABEL_DAG, ""),
        "spec": revision.spec_json,
        "created_at": revision.meta.created_at,
    }


def pool_row(pool: Pool) -> Row:
    """The pool's row."""
    return {
        **named(pool.meta),
        **mirrored(pool.meta),
        "uid": pool.meta.uid,
        "slots": pool.spec.slots,
        "description": pool.spec.description,
        "used": pool.status.used,
        "queued": pool.status.queued,
    }


def backfill_row(backfill: Backfill) -> Row:
    """The backfill's row."""
    spec, status = backfill.spec, backfill.status
    plan = status.plan.dump() if status.plan is not None else {}
    return {
        **named(backfill.meta),
        **mirrored(backfill.meta),
        "uid": backfill.meta.uid,
        "dag": spec.dag_ref.name,
        "state": status.state.value,
        "from_at": spec.from_,
        "to_at": spec.to,
        "run_backwards": spec.run_backwards,
        "max_active_runs": spec.max_active_runs,
        "reprocess": spec.reprocess.value,
        "gaps": spec.gaps,
        "params": canonical_json(spec.params),
        "approved": spec.approved,
        "paused": spec.paused,
        "cancel": spec.cancel.value if spec.cancel else None,
        "note": spec.note,
        "revision": status.revision,
        "planned_at": status.planned_at,
        "handled_through": status.handled_through,
        "plan": {field: count for field, count in plan.items() if field != "slots"},
        "progress": status.done,
        "failed": status.failed,
        "started_at": status.started_at,
        "finished_at": status.finished_at,
        "reason": status.reason,
        "message": status.message,
    }


def request_rows(run: DagRun) -> Iterator[Row]:
    """A row for each request that the run's status tells of."""
    for handled in run.status.requests:
        yield {
            "run_uid": run.meta.uid,
            "id": handled.id,
            "handled_at": handled.at,
            "namespace": run.meta.namespace,
            "dag": run.spec.dag_ref.name,
            "run": run.meta.name,
            "action": handled.action,
            "asked_by": handled.by,
            "dry_run": handled.dry_run,
            "refused": handled.refused,
            "touched": handled.count,
            "tasks": list(handled.tasks),
            "message": handled.message or None,
        }


def run_row(run: DagRun) -> Row:
    """The run's row."""
    spec, status = run.spec, run.status
    return {
        **named(run.meta),
        **mirrored(run.meta),
        "uid": run.meta.uid,
        "dag": spec.dag_ref.name,
        "run_id": spec.run_id,
        "run_type": spec.run_type.value,
        "backfill": run.meta.labels.get(LABEL_BACKFILL),
        "state": status.state.value,
        "logical_date": spec.logical_date,
        "interval_start": spec.interval_start,
        "interval_end": spec.interval_end,
        "ordered_at": spec.logical_date or run.meta.created_at,
        "revision": status.revision,
        "params": canonical_json(spec.params) if status.params is None else status.params,
        "updates": None if spec.updates is None else dumped(spec.updates),
        "note": spec.note,
        "labels": dict(run.meta.labels),
        "paused": spec.paused,
        "cancel": spec.cancel.value if spec.cancel else None,
        "counts": dict(status.counts),
        "progress": status.tasks,
        "failed_tasks": list(status.failed_tasks),
        "started_at": status.started_at,
        "finished_at": status.finished_at,
        "reason": status.reason,
        "message": status.message or run.unreadable,
        "waiting_for": dumped(status.waiting_for),
        "deadlines": dumped(status.deadlines),
        "alerts": dumped(status.alerting.records) if status.alerting is not None else [],
        "deleted_by": None,
    }
