"""Rows of runs, and of what was asked of them.

Indexes are for keyset pages (newest first, with the uid to break ties), for changes and for live objects.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.tables.schema import Base, Mirrored, table


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
    deadlines: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """The deadlines that it has to meet, and those it has missed."""
    alerts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """The alerts about it and its tasks, the oldest first."""
    deleted_by: Mapped[str | None]
    """`Retention` where the object went because its time was over; None = by a person's hand, or that is not known."""

    __table_args__ = (
        Index(None, "namespace", "dag", "ordered_at", "uid"),
        Index(None, "namespace", "ordered_at", "uid"),
        Index(None, "namespace", "name"),
        Index(None, "ordered_at", "uid"),
        Index(None, "state", "ordered_at", "uid"),
        Index(None, "change"),
        Index(None, "state", "finished_at", "namespace"),
        Index(None, "namespace", "dag", "state", "finished_at"),
        Index(None, "namespace", "revision"),
    )


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


def _index_live() -> None:
    rows = table(DagRunRow).c
    live = rows.deleted_at.is_(None) & rows.uid.is_not(None)
    Index("ix_dag_runs_live", rows.uid, postgresql_where=live, sqlite_where=live)


_index_live()
