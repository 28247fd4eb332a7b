"""Pools, and how much of each is taken by tasks that hold a Pod."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import Field
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from controller.metastore.tables import PoolRow, TaskRunRow
from controller.model.states import TaskState
from controller.web.answer import Answer, AnyRow, Page
from controller.web.paging import Keyset, PageQuery, paged_by
from controller.web.queries.filters import within

_ORDER: Final = Keyset((PoolRow.namespace, PoolRow.name))  # type: ignore[arg-type]
_WAITING: Final = (TaskState.SCHEDULED.value, TaskState.QUEUED.value)


class PoolLine(Answer):
    """One pool of a list."""

    namespace: str
    """Where it lives."""
    name: str
    """Its name."""
    slots: int
    """How many slots there are; -1 = without limit."""
    description: str | None
    """What they stand for."""
    used: int
    """Slots taken by tasks that hold a Pod."""
    queued: int
    """Tasks that wait to begin, for a slot or for something else."""
    resource_version: int
    """The object's version that this shows."""


class PoolQuery(PageQuery):
    """Which pools are wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""


Use = Mapping[tuple[str, str], tuple[int, int]]


def list_pools(session: Session, namespaces: Sequence[str] | None, asked: PoolQuery) -> Page[PoolLine]:
    """A page of pools by namespace and name. A pool `default` that nobody wrote is not among them."""
    query = _pools().where(*within(PoolRow.namespace, namespaces))
    rows = session.execute(_ORDER.page(query, asked)).all()
    use = _use(session, sorted({row.namespace for row in rows}))
    return paged_by(rows, asked, ("namespace", "name"), lambda row: _line(row, use))


def one_pool(session: Session, namespace: str, name: str) -> PoolLine | None:
    """The pool; None when there is none of that name."""
    query = _pools().where(PoolRow.namespace == namespace, PoolRow.name == name)
    row = session.execute(query).one_or_none()
    return _line(row, _use(session, [namespace])) if row is not None else None


def _pools() -> Select[*tuple[Any, ...]]:
    kept = (PoolRow.namespace, PoolRow.name, PoolRow.slots, PoolRow.description, PoolRow.resource_version)
    return select(*kept).where(PoolRow.deleted_at.is_(None))


def _line(row: AnyRow, use: Use) -> PoolLine:
    used, queued = use.get((row.namespace, row.name), (0, 0))
    return PoolLine.of(row, used=used, queued=queued)


def _use(session: Session, namespaces: Sequence[str]) -> Use:
    """Slots taken and tasks waiting; only unfinished tasks are looked at, by the index of states."""
    holds = (TaskRunRow.state == TaskState.RUNNING.value) | TaskRunRow.pod.is_not(None)
    query = (
        select(
            TaskRunRow.namespace,
            TaskRunRow.pool,
            func.sum(case((holds, func.coalesce(TaskRunRow.pool_slots, 1)), else_=0)),
            func.sum(case((holds, 0), else_=1)),
        )
        .where(
            TaskRunRow.state.in_((*_WAITING, TaskState.RUNNING.value)),
            TaskRunRow.namespace.in_(namespaces),
            TaskRunRow.deleted_at.is_(None),
            TaskRunRow.pool.is_not(None),
        )
        .group_by(TaskRunRow.namespace, TaskRunRow.pool)
    )
    return {(namespace, pool): (int(used), int(queued)) for namespace, pool, used, queued in session.execute(query)}
