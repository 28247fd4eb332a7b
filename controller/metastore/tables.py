"""The metastore's tables: one row per Dag, revision, run, task of a run, attempt, request, pool and backfill.

    dags 1--n dag_runs 1--n task_runs 1--n attempts        dag_revisions, pools, backfills, heartbeats, change_counter
                       1--n requests

There are no foreign keys: rows arrive in any order and stay when what they refer to is gone.

A task's row is keyed by its place, (run, task, index), and not by the TaskRun's uid, for two reasons. Tasks that end
without a TaskRun (`DagRunStatus.settled`) are rows like all others, with no uid; and a TaskRun that was deleted and
made again takes its predecessor's place, so that a grid has one row per cell whatever happened.
"""

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import BigInteger, Index, MetaData, Table, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from controller.metastore.columns import PlainJson, PlainText, UtcDateTime
from controller.model.states import TaskState

NOT_MAPPED: Final = -1
"""The index of a task that is not mapped: a key column can't be NULL."""

SLOT_STATES: Final = tuple(state.value for state in (TaskState.SCHEDULED, TaskState.QUEUED, TaskState.RUNNING))
"""States of tasks that take slots or wait for them: few, among millions that have ended."""


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"})
    type_annotation_map = {
        str: PlainText,
        int: BigInteger,
        datetime: UtcDateTime,
        dict[str, Any]: PlainJson,
        list[Any]: PlainJson,
    }


class Mirrored:
    """Columns of every row that mirrors an API object."""

    resource_version: Mapped[int]
    """The version of the object that the row shows; for a settled task, of its run."""
    change: Mapped[int]
    """The change counter when the row was last written: whoever has seen n asks for rows above n."""
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    """When the object was seen to be gone; the row stays."""


class DagRow(Mirrored, Base):
    """A Dag as it was last seen."""

    __tablename__ = "dags"

    namespace: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str]
    revision: Mapped[str | None]
    """The ControllerRevision that new runs are pinned to."""
    schedule: Mapped[str | None]
    paused: Mapped[bool]
    ready: Mapped[bool | None]
    """None = not yet judged."""
    reason: Mapped[str | None]
    message: Mapped[str | None]
    task_count: Mapped[int | None]
    active_runs: Mapped[int]
    last_scheduled_at: Mapped[datetime | None]
    next_run_at: Mapped[datetime | None]
    last_run: Mapped[str | None]
    last_state: Mapped[str | None]
    owner: Mapped[str | None]
    tags: Mapped[list[Any]]
    description: Mapped[str | None]
    produces: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """The assets that its tasks update, each with the tasks' names."""
    consumes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """The assets that its schedule waits for."""


class DagRevisionRow(Base):
    """An immutable snapshot of a Dag's spec."""

    __tablename__ = "dag_revisions"

    namespace: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    dag: Mapped[str]
    spec: Mapped[str]
    """Canonical JSON text, byte for byte what its name is the hash of."""
    change: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "namespace", "dag", "created_at"),)


class DagRunRow(Mirrored, Base):
    """One run of a Dag."""

    __tablename__ = "dag_runs"

    uid: Mapped[str] = mapped_column(primary_key=True)
    namespace: Mapped[str]
    dag: Mapped[str]
    name: Mapped[str]
    run_id: Mapped[str | None]
    run_type: Mapped[str]
    backfill: Mapped[str | None]
    """The name of the backfill that made or cleared the run last."""
    state: Mapped[str]
    logical_date: Mapped[datetime | None]
    interval_start: Mapped[datetime | None]
    interval_end: Mapped[datetime | None]
    ordered_at: Mapped[datetime]
    """The logical date, or the creation of a run that has none: lists are ordered by it."""
    revision: Mapped[str | None]
    """The ControllerRevision that the run is pinned to."""
    params: Mapped[str]
    """JSON text."""
    updates: Mapped[list[Any] | None]
    """The updates of assets that the run answers for, as its spec lists them; None = it follows none."""
    note: Mapped[str | None]
    labels: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """The object's own labels."""
    paused: Mapped[bool]
    cancel: Mapped[str | None]
    counts: Mapped[dict[str, Any]]
    """How many tasks stand in each state."""
    progress: Mapped[str | None]
    """Tasks that have ended, of all: `3/7`."""
    failed_tasks: Mapped[list[Any]]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    message: Mapped[str | None]
    waiting_for: Mapped[list[Any]]


class TaskRunRow(Mirrored, Base):
    """One task of one run, whether or not it ever had a TaskRun."""

    __tablename__ = "task_runs"

    run_uid: Mapped[str] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    map_index: Mapped[int] = mapped_column(primary_key=True)
    """The place in a mapped task; NOT_MAPPED for others."""
    uid: Mapped[str | None]
    """The TaskRun's uid; None for a task that ended without one."""
    namespace: Mapped[str]
    dag: Mapped[str]
    run: Mapped[str]
    name: Mapped[str | None]
    state: Mapped[str]
    attempt: Mapped[int]
    pod: Mapped[str | None]
    node: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    exit_code: Mapped[int | None]
    reason: Mapped[str | None]
    message: Mapped[str | None]
    waiting_for: Mapped[list[Any]]
    output: Mapped[str | None]
    """JSON text."""
    pool: Mapped[str | None]
    pool_slots: Mapped[int | None]
    priority: Mapped[int | None]


class AttemptRow(Base):
    """One attempt of a TaskRun: what its Pod shows until the TaskRun accounts for it, the account from then on."""

    __tablename__ = "attempts"

    task_run_uid: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    pod: Mapped[str]
    pod_uid: Mapped[str | None]
    node: Mapped[str | None]
    state: Mapped[str]
    fault: Mapped[str | None]
    reason: Mapped[str | None]
    message: Mapped[str | None]
    exit_code: Mapped[int | None]
    created_at: Mapped[datetime | None]
    """When the Pod was created; None if it was never seen."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    pod_deleted_at: Mapped[datetime | None]
    pod_version: Mapped[int]
    """The version of the Pod that was last seen; 0 = none."""
    account_version: Mapped[int]
    """The version of the TaskRun that accounts for the attempt; 0 = none does."""
    change: Mapped[int]


class PoolRow(Mirrored, Base):
    """A Pool as it was last seen."""

    __tablename__ = "pools"

    namespace: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str]
    slots: Mapped[int]
    description: Mapped[str | None]
    used: Mapped[int]
    queued: Mapped[int]


class BackfillRow(Mirrored, Base):
    """A Backfill as it was last seen."""

    __tablename__ = "backfills"

    uid: Mapped[str] = mapped_column(primary_key=True)
    namespace: Mapped[str]
    name: Mapped[str]
    dag: Mapped[str]
    state: Mapped[str]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    run_backwards: Mapped[bool]
    max_active_runs: Mapped[int]
    reprocess: Mapped[str]
    gaps: Mapped[bool]
    params: Mapped[str]
    """JSON text."""
    approved: Mapped[bool]
    paused: Mapped[bool]
    cancel: Mapped[str | None]
    note: Mapped[str | None]
    revision: Mapped[str | None]
    """The ControllerRevision whose schedule its slots are taken from."""
    planned_at: Mapped[datetime | None]
    """Slots that had ended by then are in."""
    handled_through: Mapped[datetime | None]
    """The logical date of the last slot that was handled."""
    plan: Mapped[dict[str, Any]]
    """How many slots it is about, and what becomes of them; without their list."""
    progress: Mapped[str | None]
    """Runs that have ended, of all: `12/40`."""
    failed: Mapped[int]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    message: Mapped[str | None]


class RequestRow(Base):
    """Something that was asked of a run: who, when and what. It stays when the run is gone."""

    __tablename__ = "requests"

    run_uid: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(primary_key=True)
    namespace: Mapped[str]
    dag: Mapped[str]
    run: Mapped[str]
    action: Mapped[str]
    asked_by: Mapped[str | None]
    dry_run: Mapped[bool]
    refused: Mapped[bool]
    touched: Mapped[int]
    """How many tasks it touched."""
    tasks: Mapped[list[Any]]
    """The first of them, folded."""
    message: Mapped[str | None]
    change: Mapped[int]

    __table_args__ = (Index(None, "namespace", "handled_at"),)


class ChangeCounterRow(Base):
    """The one row that every commit counts up, so that changes have an order and two writers take turns."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int]


class HeartbeatRow(Base):
    """That a part of Slipway is alive, as it said itself a few seconds ago."""

    __tablename__ = "heartbeats"

    component: Mapped[str] = mapped_column(primary_key=True)
    """`controller`."""
    version: Mapped[str]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    ready: Mapped[bool]
    """Whether it takes up work."""
    pending: Mapped[int]
    """Observed objects that are not rows yet."""
    lag_seconds: Mapped[float]
    """How long the oldest of them waits."""


def table(row: type[Base]) -> Table:
    """The table behind a row class, as SQLAlchemy Core sees it."""
    return cast(Table, row.__table__)


def _index_rows() -> None:
    """Indexes for keyset pages (newest first, with the uid to break ties), for changes and for live objects."""
    run, task = table(DagRunRow).c, table(TaskRunRow).c
    Index(None, run.namespace, run.dag, run.ordered_at, run.uid)
    Index(None, run.namespace, run.ordered_at, run.uid)
    Index(None, run.namespace, run.name)
    Index(None, run.ordered_at, run.uid)
    Index(None, run.state, run.ordered_at, run.uid)
    Index(None, run.change)
    Index(None, run.state, run.finished_at, run.namespace)
    Index(None, table(DagRow).c.change)
    Index(None, task.namespace, task.dag, task.task, task.created_at)
    Index(None, task.state, task.created_at)
    Index(None, task.change)
    Index(None, task.uid)
    backfill = table(BackfillRow).c
    Index(None, backfill.namespace, backfill.dag, backfill.created_at)
    Index(None, backfill.created_at, backfill.uid)
    Index(None, backfill.namespace, backfill.name)
    Index(None, backfill.change)
    for name, column, deleted_at in (
        ("ix_dag_runs_live", run.uid, run.deleted_at),
        ("ix_task_runs_live", task.uid, task.deleted_at),
    ):
        live = deleted_at.is_(None) & column.is_not(None)
        Index(name, column, postgresql_where=live, sqlite_where=live)
    taking = task.state.in_(SLOT_STATES)
    Index("ix_task_runs_slots", task.namespace, task.pool, postgresql_where=taking, sqlite_where=taking)


_index_rows()
