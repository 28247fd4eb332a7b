"""A question -> the object that it is about, as it is known now, and the fields by which a log line names that."""

from collections.abc import Mapping
from typing import Any, Final

from controller.log_fields import fields_of
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.observe.due import Due, Question
from controller.observe.tables import Observed, Tables

_KINDS: Final = {
    Question.DAG: Kind.DAG,
    Question.BACKFILL: Kind.BACKFILL,
    Question.RUN: Kind.DAG_RUN,
    Question.TASK: Kind.TASK_RUN,
    Question.ORPHAN: Kind.POD,
    Question.POOL: Kind.POOL,
}
"""The question about the queue as a whole has no object."""


def asked_about(due: Due, tables: Tables) -> tuple[Kind, Observed] | None:
    """The object with its kind; None where there is none (any more)."""
    kind = _KINDS.get(due.question)
    if kind is None:
        return None
    objects: dict[Kind, Mapping[Key, Any]] = {
        Kind.DAG: tables.dags,
        Kind.BACKFILL: tables.backfills,
        Kind.DAG_RUN: tables.runs,
        Kind.TASK_RUN: tables.task_runs,
        Kind.POD: tables.pods,
        Kind.POOL: tables.pools,
    }
    found = objects[kind].get(due.key)
    return (kind, found) if found is not None else None


def fields_of_due(due: Due, tables: Tables) -> dict[str, str]:
    """What was asked, and of what."""
    found = asked_about(due, tables)
    known = fields_of(found[1]) if found is not None else {"namespace": due.key.namespace, "name": due.key.name}
    return {"question": due.question.value, **known}
