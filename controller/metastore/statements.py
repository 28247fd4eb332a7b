"""The SQL that writes: for each target one INSERT that takes many rows and lets the newest version win.

Three questions, each answered in one place:

    may this row replace the one that is there?     _may_replace
    whose word counts for an attempt?               _attempt_values: the Pod's until the TaskRun accounts for it
    what does a task look like meanwhile?           live_attempts.py: Queued or Running at once, from the Pod

Every statement gives the same rows whatever order the objects come in and however often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    and_,
    case,
    false,
    or_,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

from controller.metastore.approvals import ApprovalRow, closed_by_deletion
from controller.metastore.asset_updates import AssetUpdateRow
from controller.metastore.audit import AuditRow
from controller.metastore.many import finished, insert_many
from controller.metastore.projection import Target
from controller.metastore.tables import (
    AttemptRow,
    BackfillRow,
    ChangeCounterRow,
    DagRevisionRow,
    DagRow,
    DagRunRow,
    PoolRow,
    RequestRow,
    TaskRunRow,
    table,
)
from controller.model.backfill import BACKFILL_FINAL
from controller.model.states import RUN_FINAL, TASK_FINAL, RunState

Columns = ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]

DELETED_MESSAGE: Final = "Deleted before it had ended"
_FACTS: Final = ("pod", "node", "state", "reason", "message", "exit_code", "started_at", "finished_at")
"""What both the Pod and the account tell of an attempt."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the writer must know of a target."""

    table: Table
    rank: tuple[str, ...]
    """Of two rows for one place, the one whose rank is higher is newer."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a place."""
        return tuple(column.name for column in self.table.primary_key.columns)


SHAPES: Final[Mapping[Target, Shape]] = {
    Target.DAGS: Shape(table(DagRow), ("created_at", "resource_version")),
    Target.REVISIONS: Shape(table(DagRevisionRow), ("created_at",)),
    Target.POOLS: Shape(table(PoolRow), ("created_at", "resource_version")),
    Target.BACKFILLS: Shape(table(BackfillRow), ("resource_version",)),
    Target.RUNS: Shape(table(DagRunRow), ("resource_version",)),
    Target.REQUESTS: Shape(table(RequestRow), ("handled_at",)),
    Target.TASKS: Shape(table(TaskRunRow), ("resource_version",)),
    Target.POD_ATTEMPTS: Shape(table(AttemptRow), ("pod_version",)),
    Target.ACCOUNTS: Shape(table(AttemptRow), ("account_version",)),
    Target.ASSET_UPDATES: Shape(table(AssetUpdateRow), ("at",)),
    Target.APPROVALS: Shape(table(ApprovalRow), ("resource_version",)),
    Target.AUDIT: Shape(table(AuditRow), ("at",)),
}


_WRITTEN_ONCE: Final = frozenset({Target.REVISIONS, Target.REQUESTS, Target.ASSET_UPDATES, Target.AUDIT})
"""Rows that never change."""


@cache
def upsert(target: Target, dialect: str) -> Executable:
    """INSERT the rows; where a place is taken, the newer row stays."""
    shape = SHAPES[target]
    statement = insert_many(dialect, shape.table)
    new, old = statement.excluded, shape.table.c
    if target in _WRITTEN_ONCE:
        statement = statement.on_conflict_do_nothing(index_elements=shape.key)
    else:
        statement = statement.on_conflict_do_update(
            index_elements=shape.key, set_=_values(target, shape, new), where=_may_replace(target, old, new)
        )
    return finished(statement, shape.table)


@cache
def bury(target: Target, dialect: str) -> Executable:
    """Mark the rows' objects as gone; what had not ended becomes Failed. The rows exist already: see `store`."""
    shape = SHAPES[target]
    statement = insert_many(dialect, shape.table)
    new, old = statement.excluded, shape.table.c
    if target is Target.POD_ATTEMPTS:
        values = {"pod_deleted_at": new.pod_deleted_at, "change": new.change}
        where = and_(old.pod_uid == new.pod_uid, old.pod_deleted_at.is_(None))
    else:
        by = {"deleted_by": new.deleted_by} if target is Target.RUNS else {}
        values = {"change": new.change, **by, **end_by_deletion(target, new.deleted_at)}
        where = and_(old.uid == new.uid, old.deleted_at.is_(None))
    statement = statement.on_conflict_do_update(index_elements=shape.key, set_=values, where=where)
    return finished(statement, shape.table)


def end_by_deletion(target: Target, deleted_at: Any) -> dict[str, Any]:
    """The columns of a row whose object is gone."""
    if target is Target.APPROVALS:
        return closed_by_deletion(deleted_at)
    final = {Target.RUNS: RUN_FINAL, Target.BACKFILLS: BACKFILL_FINAL, Target.TASKS: TASK_FINAL}.get(target)
    if final is None:
        return {"deleted_at": deleted_at}
    old = SHAPES[target].table.c
    # Not IN: SQLite's long list of VALUES can't have its list of parameters beside it.
    ended = or_(*(old.state == state.value for state in sorted(final)))
    return {
        "deleted_at": deleted_at,
        "state": case((ended, old.state), else_=RunState.FAILED.value),
        "reason": case((ended, old.reason), else_="Deleted"),
        "message": case((ended, old.message), else_=DELETED_MESSAGE),
        "finished_at": case((ended, old.finished_at), else_=deleted_at),
    }


@cache
def count_change() -> Executable:
    """The next value of the change counter. Comes first in a transaction: its row's lock is the writers' turn."""
    counter = table(ChangeCounterRow)
    return update(counter).where(counter.c.id == 1).values(value=counter.c.value + 1).returning(counter.c.value)


def _values(target: Target, shape: Shape, new: Columns) -> dict[str, Any]:
    if target in (Target.POD_ATTEMPTS, Target.ACCOUNTS):
        return _attempt_values(target, shape.table.c, new)
    return {column.name: new[column.name] for column in shape.table.columns if not column.primary_key}


def _attempt_values(target: Target, old: Columns, new: Columns) -> dict[str, Any]:
    if target is Target.ACCOUNTS:
        return {name: new[name] for name in (*_FACTS, "fault", "account_version", "change")}
    open_ = old.account_version == 0
    facts = {name: case((open_, new[name]), else_=old[name]) for name in _FACTS}
    return {**facts, **{name: new[name] for name in ("pod_uid", "created_at", "pod_version", "change")}}


def _may_replace(target: Target, old: Columns, new: Columns) -> ColumnElement[bool]:
    match target:
        case Target.POD_ATTEMPTS:
            return new.pod_version > old.pod_version
        case Target.ACCOUNTS:
            return new.account_version > old.account_version
        case Target.TASKS:
            return _may_take_place(old, new)
        case Target.DAGS | Target.POOLS | Target.BACKFILLS | Target.RUNS | Target.APPROVALS:
            return or_(_is_newer_version(old, new), _is_younger_object(old, new))
        case Target.REVISIONS | Target.REQUESTS | Target.ASSET_UPDATES | Target.AUDIT:
            return false()


def _is_newer_version(old: Columns, new: Columns) -> ColumnElement[bool]:
    # Also where the row is marked as gone: an object that changes after all is not gone, the mark was a mistake.
    return and_(old.uid == new.uid, new.resource_version > old.resource_version)


def _is_younger_object(old: Columns, new: Columns) -> ColumnElement[bool]:
    # By age and not by version: after a move to a new cluster versions begin anew.
    same_age = and_(new.created_at == old.created_at, new.resource_version > old.resource_version)
    return and_(old.uid != new.uid, or_(new.created_at > old.created_at, same_age))


def _may_take_place(old: Columns, new: Columns) -> ColumnElement[bool]:
    told_before = and_(old.uid.is_(None), new.uid.is_(None), old.state == new.state)
    return and_(new.resource_version > old.resource_version, ~told_before)
