"""Which namespaces the metastore knows: those of Dags, runs and pools, gone ones included."""

from sqlalchemy import CompoundSelect, Select, func, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from controller.metastore.tables import DagRow, DagRunRow, PoolRow


def known_namespaces(session: Session) -> tuple[str, ...]:
    """The namespaces, sorted."""
    return tuple(sorted(session.execute(namespaces_query()).scalars()))


def namespaces_query() -> CompoundSelect[str]:
    """The same as a query with one column, `namespace`."""
    return union(*(_distinct(column) for column in (DagRow.namespace, DagRunRow.namespace, PoolRow.namespace)))


def _distinct(column: InstrumentedAttribute[str]) -> Select[str]:
    """The column's values by one step in its index for each; DISTINCT would read every row."""
    smallest = select(func.min(column).label("namespace")).cte(recursive=True)
    following = select(func.min(column)).where(column > smallest.c.namespace).scalar_subquery()
    each = smallest.union_all(select(following).where(smallest.c.namespace.is_not(None)))
    return select(each.c.namespace).where(each.c.namespace.is_not(None))
