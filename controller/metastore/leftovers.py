"""Rows that nothing refers to any more -> removed, some at a time: each rule is one condition on one table.

backfills, pools, approvals    deleted so long ago
dags                           likewise, and none of their runs is left
dag_revisions                  old, and neither a Dag nor a run nor a backfill is pinned to them
audit                          older than it is kept
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Engine, Table, and_, delete, exists, func, select, tuple_

from controller.metastore.approvals import ApprovalRow
from controller.metastore.audit import AuditRow
from controller.metastore.tables import BackfillRow, DagRevisionRow, DagRow, DagRunRow, PoolRow, table

ROWS_AT_ONCE: Final = 500
YOUNG: Final = timedelta(days=1)
"""A revision is not looked at before: its Dag's row may still be about to say that it is its own."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Rows of one table that go."""

    table: Table
    which: ColumnElement[bool]

    def count(self, engine: Engine) -> int:
        """How many there are."""
        with engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(self.table).where(self.which)).scalar_one())

    def remove_some(self, engine: Engine) -> int:
        """Remove some of them; how many."""
        key = tuple_(*self.table.primary_key.columns)
        with engine.begin() as connection:
            found = connection.execute(select(*self.table.primary_key.columns).where(self.which).limit(ROWS_AT_ONCE))
            keys = [tuple(row) for row in found]
            if keys:
                connection.execute(delete(self.table).where(key.in_(keys)))
        return len(keys)


def leftovers(now: datetime, age: timedelta | None, audit_age: timedelta | None) -> Sequence[Leftovers]:
    """What goes now; None = that stays for ever."""
    found: list[Leftovers] = []
    if audit_age is not None:
        found.append(Leftovers(table(AuditRow), AuditRow.at < now - audit_age))
    if age is not None:
        before = now - age
        for row in (BackfillRow, PoolRow, ApprovalRow):
            found.append(Leftovers(table(row), row.deleted_at < before))
        runs = exists().where(DagRunRow.namespace == DagRow.namespace, DagRunRow.dag == DagRow.name)
        found.append(Leftovers(table(DagRow), and_(DagRow.deleted_at < before, ~runs)))
        found.append(Leftovers(table(DagRevisionRow), _unused(now)))
    return found


def _unused(now: datetime) -> ColumnElement[bool]:
    users = [
        exists().where(row.namespace == DagRevisionRow.namespace, row.revision == DagRevisionRow.name)
        for row in (DagRunRow, BackfillRow)
    ]
    users.append(
        exists().where(
            DagRow.namespace == DagRevisionRow.namespace,
            DagRow.name == DagRevisionRow.dag,
            DagRow.revision == DagRevisionRow.name,
        )
    )
    return and_(DagRevisionRow.created_at < now - YOUNG, *(~used for used in users))
