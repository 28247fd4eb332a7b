"""A Dag, Revision, Pool or DagRun -> its row. Pure."""

import json
from typing import Any

from controller.metastore.row import Row, dumped, mirrored, named
from controller.model.dag import Dag, Revision, canonical_json
from controller.model.dagrun import DagRun
from controller.model.names import LABEL_DAG
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
    }


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
        "state": status.state.value,
        "logical_date": spec.logical_date,
        "interval_start": spec.interval_start,
        "interval_end": spec.interval_end,
        "ordered_at": spec.logical_date or run.meta.created_at,
        "revision": status.revision,
        "params": canonical_json(spec.params) if status.params is None else status.params,
        "note": spec.note,
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
    }
