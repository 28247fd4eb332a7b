"""The tasks that hold slots of a pool, and those that wait to begin, both in the order of the queue."""

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from controller.metastore.tables import NOT_MAPPED, SLOT_STATES, DagRunRow, TaskRunRow
from controller.model.states import TaskState
from controller.web.answer import Answer, AnyRow, Page, Time
from controller.web.paging import Keyset, PageQuery, paged_by
from controller.web.queries.runs import Wait


class PoolTask(Answer):
    """A task that holds slots of a pool, or waits to begin."""

    dag: str
    """Its Dag."""
    run: str
    """Its run."""
    task: str
    """Its name."""
    index: int | None
    """The place in a mapped task, from 0; absent for a task that is not mapped."""
    state: str
    """Where it stands."""
    slots: int
    """How many slots it takes, or needs."""
    priority: int
    """Its weight: the largest first."""
    since: Time
    """When it started; of one that waits, when it was created."""
    waiting_for: list[Wait]
    """What it waits for."""


class PoolTaskQuery(PageQuery):
    """Which tasks of a pool are wanted."""

    holding: bool = False
    """true = those that hold slots. Default false: those that wait to begin."""


_PRIORITY: Final = func.coalesce(TaskRunRow.priority, 1)
_LATE: Final = func.coalesce(DagRunRow.logical_date, DagRunRow.created_at)
_KEY: Final = ("first", "late", "created_at", "run_uid", "task", "map_index")
_ORDER: Final = Keyset(
    (-_PRIORITY, _LATE, TaskRunRow.created_at, TaskRunRow.run_uid, TaskRunRow.task, TaskRunRow.map_index)  # type: ignore[arg-type]
)


def pool_tasks(session: Session, namespace: str, pool: str, asked: PoolTaskQuery) -> Page[PoolTask]:
    """A page by priority, logical date and age; backfills come after all others at the gate, which rows do not tell."""
    row = TaskRunRow
    shown = (row.dag, row.run, row.run_uid, row.task, row.map_index, row.state, row.created_at, row.waiting_for)
    holds = (row.state == TaskState.RUNNING.value) | row.pod.is_not(None)
    query = (
        select(
            *shown,
            func.coalesce(row.pool_slots, 1).label("slots"),
            _PRIORITY.label("priority"),
            (-_PRIORITY).label("first"),
            _LATE.label("late"),
            func.coalesce(row.started_at, row.created_at).label("since"),
        )
        .join(DagRunRow, DagRunRow.uid == row.run_uid)
        .where(row.namespace == namespace, row.pool == pool, row.state.in_(SLOT_STATES), row.deleted_at.is_(None))
        .where(holds if asked.holding else ~holds)
    )
    return paged_by(session.execute(_ORDER.page(query, asked)).all(), asked, _KEY, _line)


def _line(row: AnyRow) -> PoolTask:
    made: dict[str, Any] = {
        "index": None if row.map_index == NOT_MAPPED else row.map_index,
        "waiting_for": [Wait(**each) for each in row.waiting_for],
    }
    return PoolTask.of(row, **made)
