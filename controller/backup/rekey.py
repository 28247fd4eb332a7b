"""Old and new uids -> the rows of the old objects are those of the new ones, which they stand for.

So that a run is one row, before and after, with its tasks and attempts. The rows' versions begin anew: whatever the
controller sees next is newer.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from sqlalchemy import Table, bindparam, update

from controller.backup.rows import Told
from controller.metastore.approvals import ApprovalRow
from controller.metastore.asset_updates import AssetUpdateRow
from controller.metastore.audit import AuditRow
from controller.metastore.engine import connected
from controller.metastore.tables import (
    AttemptRow,
    BackfillRow,
    Base,
    DagRow,
    DagRunRow,
    PoolRow,
    RequestRow,
    TaskRunRow,
    table,
)

AT_ONCE: Final = 500

_OWN: Final[Sequence[type[Base]]] = (DagRow, PoolRow, BackfillRow, DagRunRow, TaskRunRow, ApprovalRow)
"""Rows that are about the object of their `uid`."""
_ABOUT: Final[Sequence[tuple[type[Base], str]]] = (
    (TaskRunRow, "run_uid"),
    (AttemptRow, "task_run_uid"),
    (RequestRow, "run_uid"),
    (AssetUpdateRow, "task_run_uid"),
    (ApprovalRow, "task_run_uid"),
    (AuditRow, "uid"),
)
"""Rows that refer to an object."""


def rekey(url: str, uids: Mapping[str, str], told: Told) -> None:
    """Give the rows the new uids; rows that have them already are left."""
    pairs, done = iter(uids.items()), 0
    with connected(url, begin="EXCLUSIVE") as connection:
        while some := [{"old": old, "new": new} for old, new in islice(pairs, AT_ONCE)]:
            for rows, column in _columns():
                connection.execute(
                    update(rows)
                    .where(rows.c[column] == bindparam("old"))
                    .values({column: bindparam("new"), **_anew(rows, column)}),
                    some,
                )
            done += len(some)
            told("uids", done)


def _columns() -> Iterator[tuple[Table, str]]:
    yield from ((table(row), "uid") for row in _OWN)
    yield from ((table(row), column) for row, column in _ABOUT)


def _anew(rows: Table, column: str) -> dict[str, object]:
    """The object lives again, in a version that is not known yet."""
    if "resource_version" not in rows.c:
        return {}
    if column == "run_uid":  # a task that ended without a TaskRun follows its run
        return {"resource_version": 0}
    if column != "uid":
        return {}
    deleted_by = {"deleted_by": None} if "deleted_by" in rows.c else {}
    return {"resource_version": 0, "deleted_at": None, **deleted_by}
