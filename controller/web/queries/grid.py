"""The runs whose states a grid shows."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.tables import DagRunRow
from controller.web.answer import AnyRow


def runs_by_name(session: Session, namespace: str, dag: str, names: Sequence[str]) -> list[AnyRow]:
    """The uid, name and revision of the Dag's runs of these names, in that order; of one name the youngest."""
    query = select(DagRunRow.uid, DagRunRow.name, DagRunRow.revision).where(
        DagRunRow.namespace == namespace, DagRunRow.dag == dag, DagRunRow.name.in_(set(names))
    )
    found = {row.name: row for row in session.execute(query.order_by(DagRunRow.created_at, DagRunRow.uid))}
    return [found[name] for name in dict.fromkeys(names) if name in found]
