"""Rows about the metastore and the controller themselves."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.tables.schema import Base


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
