"""A raw object and its kind -> the object as the store keeps it, or None and a log line when it can't be read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from controller.log import Logger
from controller.log_fields import fields_of_meta
from controller.model.action import Kind
from controller.model.approval import Approval, parse_approval
from controller.model.backfill import Backfill, parse_backfill
from controller.model.dag import Dag, Revision, parse_dag, parse_revision
from controller.model.dagrun import DagRun, DagRunSpec, DagRunStatus, parse_dag_run
from controller.model.metadata import Meta, parse_meta
from controller.model.pod import Pod, parse_pod
from controller.model.pool import Pool, parse_pool
from controller.model.schema import Reference
from controller.model.taskrun import TaskRun, parse_task_run
from controller.observe.tables import Observed

_log = Logger(__name__)

_PARSERS: Final[Mapping[Kind, tuple[type[Observed], Callable[[Meta, dict[str, Any]], Observed]]]] = {
    Kind.DAG: (Dag, parse_dag),
    Kind.REVISION: (Revision, parse_revision),
    Kind.DAG_RUN: (DagRun, parse_dag_run),
    Kind.TASK_RUN: (TaskRun, parse_task_run),
    Kind.POOL: (Pool, parse_pool),
    Kind.APPROVAL: (Approval, parse_approval),
    Kind.BACKFILL: (Backfill, parse_backfill),
    Kind.POD: (Pod, parse_pod),
}


def observed_type(kind: Kind) -> type[Observed]:
    """The type of a kind's objects."""
    return _PARSERS[kind][0]


def parse(kind: Kind, raw: dict[str, Any]) -> Observed | None:
    """The object; one that can't be read is told about where its user looks, and never stops the others."""
    meta = parse_meta(raw["metadata"])
    try:
        return _PARSERS[kind][1](meta, raw)
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        _log.warning("object can't be read", kind=kind.value, error=_told(error), **fields_of_meta(kind, meta))
        return _unreadable_run(meta, raw, _told(error)) if kind is Kind.DAG_RUN else None


def _unreadable_run(meta: Meta, raw: dict[str, Any], message: str) -> DagRun | None:
    """A run whose spec a user wrote past the schema: its decider fails it with this message."""
    spec = raw.get("spec") or {}
    dag = str((spec.get("dagRef") or {}).get("name") or "unknown")
    try:
        status = DagRunStatus.model_validate(raw.get("status") or {})
    except ValidationError:
        return None
    return DagRun(meta, DagRunSpec(dag_ref=Reference(name=dag)), status, unreadable=message)


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"{type(error).__name__}: {error}"
