"""The table of updates of assets, and a TaskRun's attempt -> its rows. Pure.

task_runs 1--n attempts 1--n asset_updates
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.row import Row
from controller.metastore.tables import NOT_MAPPED, Base
from controller.model.taskrun import Attempt, TaskRun


class AssetUpdateRow(Base):
    """An asset that an attempt updated by its success. Never changed and never closed: it happened."""

    __tablename__ = "asset_updates"

    task_run_uid: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """The attempt."""
    asset: Mapped[str] = mapped_column(primary_key=True)
    namespace: Mapped[str]
    dag: Mapped[str]
    run: Mapped[str]
    task: Mapped[str]
    map_index: Mapped[int]
    """The place in a mapped task; NOT_MAPPED for others."""
    at: Mapped[datetime]
    change: Mapped[int]

    __table_args__ = (
        Index(None, "namespace", "asset", "at"),
        Index(None, "namespace", "at"),
        Index(None, "asset", "at"),
        Index(None, "at"),
    )


def update_rows(task_run: TaskRun, attempt: Attempt) -> Iterator[Row]:
    """A row for each asset that the attempt updated."""
    spec = task_run.spec
    for asset in attempt.updates or ():
        yield {
            "task_run_uid": task_run.meta.uid,
            "number": attempt.number,
            "asset": asset,
            "namespace": task_run.meta.namespace,
            "dag": spec.dag_ref.name,
            "run": spec.dag_run_ref.name,
            "task": spec.task,
            "map_index": NOT_MAPPED if spec.index is None else spec.index,
            "at": attempt.finished_at,
        }
