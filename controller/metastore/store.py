"""A batch of entries -> one transaction's statements, whose number does not depend on the batch's size.

Content first, then what the Pods show of waiting tasks, then the deletions: so a deleted object's last version is
stored before its row is closed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, Executable, select, update

from controller.metastore.buffer import Entry, Live
from controller.metastore.live_attempts import end_attempts_of_deleted, show_live_attempts
from controller.metastore.many import parameters
from controller.metastore.projection import Target, rows_of
from controller.metastore.row import Row
from controller.metastore.statements import (
    SHAPES,
    Shape,
    bury,
    count_change,
    end_by_deletion,
    upsert,
)
from controller.model.dag import Revision
from controller.model.dagrun import DagRun, Settled
from controller.model.pod import Pod
from controller.model.taskrun import TaskRun

Rows = dict[Target, list[Row]]

_UIDS_PER_STATEMENT: Final = 1000
_WITH_UID: Final = (
    Target.DAGS,
    Target.POOLS,
    Target.BACKFILLS,
    Target.RUNS,
    Target.TASKS,
    Target.APPROVALS,
)
_GONE_AT: Final = {Target.POD_ATTEMPTS: "pod_deleted_at"}


def store(connection: Connection, entries: Iterable[Entry], settled_before: Mapping[str, Settled]) -> None:
    """Write the rows of all entries; `settled_before` are the settled tasks that are rows already, by run uid."""
    entries = list(entries)
    change = connection.execute(count_change()).scalar_one()
    shown, gone = _rows(entries, settled_before)
    for target in Target:
        _execute(connection, upsert, target, shown.get(target, []), change)
    touched = {"uids": sorted(_task_uids(entries)), "counted": change}
    if touched["uids"]:
        connection.execute(show_live_attempts(), touched)
    for target in Target:
        _execute(connection, bury, target, gone.get(target, []), change)
    if touched["uids"]:
        connection.execute(end_attempts_of_deleted(), touched)


def end_all_but(connection: Connection, live: Live, now: datetime) -> None:
    """Close the rows of objects that went while nobody watched: what had not ended is Failed, reason Deleted."""
    change = connection.execute(count_change()).scalar_one()
    for target in _WITH_UID:
        rows = SHAPES[target].table
        believed = select(rows.c.uid).where(rows.c.deleted_at.is_(None), rows.c.uid.is_not(None))
        if live.namespaces is not None:
            believed = believed.where(rows.c.namespace.in_(live.namespaces))
        gone = sorted(set(connection.execute(believed).scalars()).difference(live.uids))
        for start in range(0, len(gone), _UIDS_PER_STATEMENT):
            uids = gone[start : start + _UIDS_PER_STATEMENT]
            closing = update(rows).where(rows.c.uid.in_(uids), rows.c.deleted_at.is_(None))
            connection.execute(closing.values(change=change, **end_by_deletion(target, now)))
            if target is Target.TASKS:
                connection.execute(end_attempts_of_deleted(), {"uids": uids, "counted": change})


def _rows(entries: Iterable[Entry], settled_before: Mapping[str, Settled]) -> tuple[Rows, Rows]:
    shown: Rows = {}
    gone: Rows = {}
    for entry in entries:
        before = settled_before.get(entry.observed.meta.uid)
        for target, row in rows_of(entry.observed, settled_before=before, older_attempts=entry.older_attempts):
            shown.setdefault(target, []).append(row)
            if entry.deleted_at and _is_own_row(entry, target):
                gone.setdefault(target, []).append({**row, **_deletion(entry, target)})
    return shown, gone


def _deletion(entry: Entry, target: Target) -> Row:
    by = {"deleted_by": entry.deleted_by} if target is Target.RUNS else {}
    return {_GONE_AT.get(target, "deleted_at"): entry.deleted_at, **by}


def _is_own_row(entry: Entry, target: Target) -> bool:
    """Whether the row goes with the object: a run's settled tasks and a task's accounts don't, snapshots never do."""
    match entry.observed:
        case Revision():
            return False
        case DagRun():
            return target is Target.RUNS
        case TaskRun():
            return target is Target.TASKS
        case _:
            return target is not Target.AUDIT


def _task_uids(entries: Iterable[Entry]) -> set[str]:
    """The TaskRuns whose state may have changed, by themselves or by their Pods."""
    return {
        uid
        for entry in entries
        if isinstance(entry.observed, TaskRun | Pod) and (uid := _task_uid(entry.observed)) is not None
    }


def _task_uid(observed: TaskRun | Pod) -> str | None:
    return observed.meta.uid if isinstance(observed, TaskRun) else observed.meta.owner_uid


def _execute(
    connection: Connection, make: Callable[[Target, str], Executable], target: Target, rows: Sequence[Row], change: int
) -> None:
    if not rows:
        return
    dialect = connection.dialect.name
    newest = [{**row, "change": change} for row in _newest_per_place(SHAPES[target], rows)]
    connection.execute(make(target, dialect), parameters(dialect, newest))


def _newest_per_place(shape: Shape, rows: Sequence[Row]) -> Sequence[Row]:
    # An object and its successor of the same name may share a batch; PostgreSQL takes each place once per statement.
    place, rank = itemgetter(*shape.key), itemgetter(*shape.rank)
    newest: dict[object, Row] = {}
    for row in rows:
        other = newest.get(place(row))
        if other is None or rank(row) > rank(other):
            newest[place(row)] = row
    return list(newest.values())
