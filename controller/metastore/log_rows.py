"""The table of archived logs, and an archived log -> its row. Pure.

attempts 1--0..1 attempt_logs, by the Pod's uid: a row stays when its Pod, its TaskRun and its run are gone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.row import Row
from controller.metastore.tables import Base
from controller.model.archive import PodLog


class AttemptLogRow(Base):
    """The log of one attempt's Pod, or why there is none."""

    __tablename__ = "attempt_logs"

    namespace: Mapped[str] = mapped_column(primary_key=True)
    pod_uid: Mapped[str] = mapped_column(primary_key=True)
    pod: Mapped[str]
    dag: Mapped[str]
    run: Mapped[str]
    task: Mapped[str]
    attempt: Mapped[int]
    archived_at: Mapped[datetime]
    size: Mapped[int | None]
    """The bytes that are kept, before they are compressed; None = no log is kept."""
    left_out: Mapped[int]
    """The bytes of its middle that are not kept, at least."""
    reason: Mapped[str | None]
    message: Mapped[str | None]
    lost: Mapped[str | None]
    """Why nothing, or not all of it, could be kept."""
    events: Mapped[list[Any]]
    """The Pod's last Events, where its container never spoke."""
    place: Mapped[str | None]
    """The key in the object store, where the content is kept there."""
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The log, compressed by gzip."""

    __table_args__ = (Index(None, "namespace", "pod"), Index(None, "archived_at"))


def log_row(log: PodLog, packed: bytes | None, place: str | None) -> Row:
    """The row; `packed` is the compressed log, at `place` in an object store or in the row itself."""
    return {
        "namespace": log.pod.namespace,
        "pod_uid": log.pod_uid,
        "pod": log.pod.name,
        "dag": log.dag,
        "run": log.run,
        "task": log.task,
        "attempt": log.attempt,
        "archived_at": log.archived_at,
        "size": None if log.content is None else len(log.content),
        "left_out": log.left_out,
        "reason": log.reason,
        "message": log.message,
        "lost": log.lost,
        "events": [dict(each) for each in log.events],
        "place": place,
        "content": packed if place is None else None,
    }
