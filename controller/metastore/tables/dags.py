"""Rows of Dags, of the snapshots of their specs, and of pools."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.tables.schema import Base, Mirrored


class DagRow(Mirrored, Base):
    """A Dag as it was last seen."""

    __tablename__ = "dags"

    namespace: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str]
    revision: Mapped[str | None]
    """The ControllerRevision that new runs are pinned to."""
    schedule: Mapped[str | None]
    timezone: Mapped[str | None]
    """The zone that the schedule's local times are in; None = it has none."""
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

    __table_args__ = (Index(None, "change"),)


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
