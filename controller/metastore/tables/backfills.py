"""Rows of backfills."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.tables.schema import Base, Mirrored


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

    __table_args__ = (
        Index(None, "namespace", "dag", "created_at"),
        Index(None, "created_at", "uid"),
        Index(None, "namespace", "name"),
        Index(None, "change"),
    )
