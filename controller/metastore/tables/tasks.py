"""Rows of tasks and of their attempts.

A task's row is keyed by its place, (run, task, index), and not by the TaskRun's uid, for two reasons. Tasks that end
without a TaskRun (`DagRunStatus.settled`) are rows like all others, with no uid; and a TaskRun that was deleted and
made again takes its predecessor's place, so that a grid has one row per cell whatever happened.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.tables.schema import Base, Mirrored, table
from controller.model.states import TaskState

SLOT_STATES: Final = tuple(state.value for state in (TaskState.SCHEDULED, TaskState.QUEUED, TaskState.RUNNING))
"""States of tasks that take slots or wait for them: few, among millions that have ended."""


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

    __table_args__ = (
        Index(None, "namespace", "dag", "task", "created_at"),
        Index(None, "state", "created_at"),
        Index(None, "change"),
        Index(None, "uid"),
    )


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


def _index_few() -> None:
    rows = table(TaskRunRow).c
    live = rows.deleted_at.is_(None) & rows.uid.is_not(None)
    Index("ix_task_runs_live", rows.uid, postgresql_where=live, sqlite_where=live)
    taking = rows.state.in_(SLOT_STATES)
    Index("ix_task_runs_slots", rows.namespace, rows.pool, postgresql_where=taking, sqlite_where=taking)


_index_few()
