"""Pools, and how much of each is taken by tasks that hold a Pod."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field
from sqlalchemy import BigInteger, BindParameter, Subquery, bindparam, case, cast, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from controller.metastore.columns import PlainText
from controller.metastore.tables import SLOT_STATES, PoolRow, TaskRunRow
from controller.model.pool import DEFAULT_POOL, DEFAULT_POOL_SLOTS
from controller.model.states import TaskState
from controller.web.answer import Answer, AnyRow, Page
from controller.web.paging import Keyset, PageQuery, paged_by
from controller.web.queries.filters import within
from controller.web.queries.namespaces import namespaces_query


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
    implied: bool
    """Whether nobody wrote it: each namespace has a pool `default` without one."""
    resource_version: int | None
    """The object's version that this shows; absent for one that is implied."""


class PoolQuery(PageQuery):
    """Which pools are wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""


Use = Mapping[tuple[str, str], tuple[int, int]]


def list_pools(session: Session, namespaces: Sequence[str] | None, asked: PoolQuery) -> Page[PoolLine]:
    """A page of pools by namespace and name, with each namespace's `default` that nobody wrote."""
    pools = _pools(namespaces)
    order = Keyset((pools.c.namespace, pools.c.name))
    rows = session.execute(order.page(select(pools), asked)).all()
    use = _use(session, sorted({row.namespace for row in rows}))
    return paged_by(rows, asked, ("namespace", "name"), lambda row: _line(row, use))


def fullest_pools(session: Session, namespaces: Sequence[str] | None, count: int) -> list[PoolLine]:
    """The pools with the largest part of their slots taken, then those for which most tasks wait."""
    use = _use(session, namespaces)
    lines = [_line(row, use) for row in session.execute(select(_pools(namespaces)))]
    return sorted(lines, key=lambda line: (-_fullness(line), -line.queued, line.namespace, line.name))[:count]


def _fullness(line: PoolLine) -> float:
    if line.slots < 0:
        return 0.0
    return line.used / line.slots if line.slots else float(line.queued > 0)


def one_pool(session: Session, namespace: str, name: str) -> PoolLine | None:
    """The pool; None when there is none of that name."""
    pools = _pools([namespace])
    row = session.execute(select(pools).where(pools.c.name == name)).one_or_none()
    return _line(row, _use(session, [namespace])) if row is not None else None


def _pools(namespaces: Sequence[str] | None) -> Subquery:
    """Those that were written, and for each namespace without one of that name the default."""
    kept = (PoolRow.namespace, PoolRow.name, PoolRow.slots, PoolRow.description, PoolRow.resource_version)
    written = select(*kept, literal(value=False).label("implied")).where(
        PoolRow.deleted_at.is_(None), *within(PoolRow.namespace, namespaces)
    )
    known, other = namespaces_query().subquery(), aliased(PoolRow)
    has_own = exists().where(
        other.namespace == known.c.namespace, other.name == DEFAULT_POOL, other.deleted_at.is_(None)
    )
    defaults = (literal(DEFAULT_POOL, PlainText()), literal(DEFAULT_POOL_SLOTS), cast(None, PlainText()))
    implied = select(known.c.namespace, *defaults, cast(None, BigInteger()), literal(value=True)).where(~has_own)
    if namespaces is not None:
        implied = implied.where(known.c.namespace.in_(namespaces))
    return written.union_all(implied).subquery()


def _line(row: AnyRow, use: Use) -> PoolLine:
    used, queued = use.get((row.namespace, row.name), (0, 0))
    return PoolLine.of(row, used=used, queued=queued)


def _use(session: Session, namespaces: Sequence[str] | None) -> Use:
    """Slots taken and tasks waiting; only unfinished tasks are looked at, by the index that has no others.

    SQLite takes such an index only where the states stand in the text of the question.
    """
    taking: BindParameter[Any] = bindparam("states", SLOT_STATES, expanding=True, literal_execute=True)
    holds = (TaskRunRow.state == TaskState.RUNNING.value) | TaskRunRow.pod.is_not(None)
    query = (
        select(
            TaskRunRow.namespace,
            TaskRunRow.pool,
            func.sum(case((holds, func.coalesce(TaskRunRow.pool_slots, 1)), else_=0)),
            func.sum(case((holds, 0), else_=1)),
        )
        .where(
            TaskRunRow.state.in_(taking),
            *within(TaskRunRow.namespace, namespaces),
            TaskRunRow.deleted_at.is_(None),
            TaskRunRow.pool.is_not(None),
        )
        .group_by(TaskRunRow.namespace, TaskRunRow.pool)
    )
    return {(namespace, pool): (int(used), int(queued)) for namespace, pool, used, queued in session.execute(query)}
