"""Runs in the metastore beyond their limits -> found by indexes and removed, some at a time, with all of theirs.

    dag_runs --- requests
       |
    task_runs --- attempts --- attempt_logs (first of all, as they may lie in an object store)
              --- asset_updates, approvals

A row whose resource lives is never touched. Every statement is of bounded size and a transaction of its own, the run's
row the last one: whatever ends this half-way, the next round finds the run again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Engine, and_, delete, func, select, tuple_

from controller.metastore.approvals import ApprovalRow
from controller.metastore.asset_updates import AssetUpdateRow
from controller.metastore.tables import AttemptRow, DagRevisionRow, DagRow, DagRunRow, RequestRow, TaskRunRow
from controller.model.retention import Limit, Limits, Retention, limits_of
from controller.model.states import RUN_FINAL

RUNS_AT_ONCE: Final = 50
TASKS_AT_ONCE: Final = 500
"""Of one transaction: on SQLite nobody else can write meanwhile."""


@dataclass(frozen=True, slots=True)
class Place:
    """One Dag of one namespace."""

    namespace: str
    dag: str


@dataclass(frozen=True, slots=True)
class OldTask:
    """A task's row that goes, and the logs that go before it."""

    run_uid: str
    task: str
    map_index: int
    uid: str | None


def places(engine: Engine, namespace: str | None = None, dag: str | None = None) -> Iterator[Place]:
    """The Dags that have runs in the metastore, in order, each found by a step in an index."""
    last: tuple[str, str] = ("", "")
    key = tuple_(DagRunRow.namespace, DagRunRow.dag)
    query = select(DagRunRow.namespace, DagRunRow.dag).order_by(DagRunRow.namespace, DagRunRow.dag).limit(1)
    if namespace is not None:
        query = query.where(DagRunRow.namespace == namespace)
    if dag is not None:
        query = query.where(DagRunRow.dag == dag)
    while True:
        with engine.connect() as connection:
            found = connection.execute(query.where(key > last)).one_or_none()
        if found is None:
            return
        last = (found.namespace, found.dag)
        yield Place(*last)


def limits_at(engine: Engine, place: Place, default: Limits) -> Limits:
    """The limits of the Dag's rows, as its newest revision says; the default where it says nothing, or is unknown."""
    same = and_(DagRevisionRow.namespace == DagRow.namespace, DagRevisionRow.name == DagRow.revision)
    query = select(DagRevisionRow.spec).join(DagRow, same)
    query = query.where(DagRow.namespace == place.namespace, DagRow.name == place.dag)
    with engine.connect() as connection:
        spec = connection.execute(query.where(DagRevisionRow.spec.contains('"retention"'))).scalar_one_or_none()
    if spec is None:
        return default
    try:
        written = Retention.model_validate(json.loads(spec).get("retention") or {}, by_alias=True, by_name=False)
    except ValidationError:  # written by another version
        return default
    return limits_of(written.rows, default)


def ended_by(engine: Engine, place: Place, limits: Limits, now: datetime) -> Sequence[ColumnElement[bool]]:
    """For each state with a limit, the condition under which a run of the Dag goes."""
    conditions = []
    for state in sorted(RUN_FINAL):
        limit = limits.of(state)
        of_state = (DagRunRow.namespace == place.namespace, DagRunRow.dag == place.dag, DagRunRow.state == state.value)
        before = _before(engine, of_state, limit, now)
        if before is not None:
            conditions.append(and_(*of_state, DagRunRow.deleted_at.is_not(None), DagRunRow.finished_at <= before))
    return conditions


def _before(engine: Engine, of_state: Sequence[ColumnElement[bool]], limit: Limit, now: datetime) -> datetime | None:
    times = [now - limit.age] if limit.age is not None else []
    if limit.most is not None:
        query = select(DagRunRow.finished_at).where(*of_state).order_by(DagRunRow.finished_at.desc())
        with engine.connect() as connection:
            first_beyond = connection.execute(query.offset(limit.most).limit(1)).scalar_one_or_none()
        times += [first_beyond] if first_beyond is not None else []
    return max(times, default=None)


def oldest_runs(engine: Engine, beyond: ColumnElement[bool]) -> Sequence[str]:
    """The uids of the oldest runs that go, some of them."""
    query = select(DagRunRow.uid).where(beyond).order_by(DagRunRow.finished_at).limit(RUNS_AT_ONCE)
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def count_runs(engine: Engine, beyond: ColumnElement[bool]) -> int:
    """How many runs go."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(DagRunRow).where(beyond)).scalar_one())


def some_tasks(engine: Engine, runs: Sequence[str]) -> Sequence[OldTask]:
    """Tasks of these runs that are left, some of them."""
    columns = (TaskRunRow.run_uid, TaskRunRow.task, TaskRunRow.map_index, TaskRunRow.uid)
    query = select(*columns).where(TaskRunRow.run_uid.in_(runs)).limit(TASKS_AT_ONCE)
    with engine.connect() as connection:
        return [OldTask(*row) for row in connection.execute(query)]


def pods_of(engine: Engine, tasks: Sequence[OldTask]) -> Sequence[tuple[str, str]]:
    """Namespace and uid of the Pods of these tasks, whose logs may be kept."""
    uids = [each.uid for each in tasks if each.uid is not None]
    query = select(TaskRunRow.namespace, AttemptRow.pod_uid).join(TaskRunRow, TaskRunRow.uid == AttemptRow.task_run_uid)
    query = query.where(AttemptRow.task_run_uid.in_(uids), AttemptRow.pod_uid.is_not(None))
    with engine.connect() as connection:
        return [(namespace, uid) for namespace, uid in connection.execute(query) if uid is not None]


def remove_tasks(engine: Engine, tasks: Sequence[OldTask]) -> None:
    """Remove the tasks with their attempts, updates of assets and approvals."""
    uids = [each.uid for each in tasks if each.uid is not None]
    keys = [(each.run_uid, each.task, each.map_index) for each in tasks]
    with engine.begin() as connection:
        for column in (AttemptRow.task_run_uid, AssetUpdateRow.task_run_uid, ApprovalRow.task_run_uid):
            connection.execute(delete(column.class_).where(column.in_(uids)))
        place = tuple_(TaskRunRow.run_uid, TaskRunRow.task, TaskRunRow.map_index)
        connection.execute(delete(TaskRunRow).where(place.in_(keys)))


def remove_runs(engine: Engine, runs: Sequence[str]) -> int:
    """Remove the runs, which have no tasks any more, and what was asked of them; how many were there."""
    with engine.begin() as connection:
        connection.execute(delete(RequestRow).where(RequestRow.run_uid.in_(runs)))
        gone = delete(DagRunRow).where(DagRunRow.uid.in_(runs), DagRunRow.deleted_at.is_not(None))
        return connection.execute(gone).rowcount
