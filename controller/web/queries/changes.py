"""What has changed between two values of the change counter: for event streams and for ETags.

Whoever commits holds the counter's row, so all rows up to the value that is read are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.approvals import ApprovalRow
from controller.metastore.tables import (
    NOT_MAPPED,
    BackfillRow,
    ChangeCounterRow,
    DagRow,
    DagRunRow,
    PoolRow,
    TaskRunRow,
)

MOST_CHANGES: Final = 5000
"""More rows than these are not told one by one: the client fetches anew."""

_TABLES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "dags": (DagRow, (DagRow.namespace, DagRow.name)),
    "runs": (DagRunRow, (DagRunRow.namespace, DagRunRow.dag, DagRunRow.name, DagRunRow.state, DagRunRow.progress)),
    "tasks": (
        TaskRunRow,
        (
            TaskRunRow.namespace,
            TaskRunRow.dag,
            TaskRunRow.run,
            TaskRunRow.task,
            TaskRunRow.map_index,
            TaskRunRow.state,
            TaskRunRow.attempt,
        ),
    ),
    "pools": (PoolRow, (PoolRow.namespace, PoolRow.name)),
    # Without their names: who may see runs need not see these, and only learns that something there has changed.
    "backfills": (BackfillRow, (BackfillRow.namespace, BackfillRow.dag)),
    "approvals": (ApprovalRow, (ApprovalRow.namespace, ApprovalRow.dag, ApprovalRow.run)),
}


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows that were written after `since`, up to `until`."""

    since: int
    until: int
    rows: dict[str, Sequence[tuple[Any, ...]]] = field(default_factory=dict)
    """By table; each row begins with its namespace."""
    too_many: bool = False
    """Whether there are more than can be told."""


def change_count(session: Session) -> int:
    """The change counter."""
    return session.execute(select(ChangeCounterRow.value).where(ChangeCounterRow.id == 1)).scalar_one()


def changes_since(session: Session, since: int) -> Changes:
    """What was written after `since`."""
    until = change_count(session)
    if since > until:  # another database than the one that the client has seen
        return Changes(since, until, too_many=True)
    rows: dict[str, Sequence[tuple[Any, ...]]] = {}
    room = MOST_CHANGES
    for name, (row, kept) in _TABLES.items():
        query = select(*kept).where(row.change > since, row.change <= until).limit(room + 1)
        found = [_plain(name, each) for each in session.execute(query)] if since < until else []
        room -= len(found)
        if room < 0:
            return Changes(since, until, too_many=True)
        if found:
            rows[name] = found
    return Changes(since, until, rows)


def _plain(name: str, row: Any) -> tuple[Any, ...]:
    if name != "tasks":
        return tuple(row)
    return tuple(None if place == 4 and value == NOT_MAPPED else value for place, value in enumerate(row))
