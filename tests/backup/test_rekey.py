"""Rows of resources that were restored: one row for what stands for the same, before and after."""

from contextlib import closing

from controller.backup.rekey import rekey
from controller.metastore.approvals import ApprovalRow
from controller.metastore.asset_updates import AssetUpdateRow
from controller.metastore.audit import AuditRow
from controller.metastore.tables import AttemptRow, DagRow, DagRunRow, RequestRow, TaskRunRow
from tests.backup.telling import told_nobody
from tests.metastore import objects as o
from tests.metastore.recording import RecordingWriter, only_row, rows

UIDS = {f"uid-{name}": f"new-{name}" for name in ("etl", "etl-1", "etl-1-a")}
ASKED = {"id": "1", "action": "clear", "at": o.at(5), "count": 1}
ENDED = {"state": "Success", "finishedAt": o.at(9), "requests": [ASKED]}
DONE = {"state": "Success", "attempts": [o.attempt("a", 1, "Success", updates=["orders"])]}


def recorded(url: str, prefix: str, version: int, *, gone: bool = False) -> None:
    """A run of one task is seen, and perhaps seen to go."""
    objects = (
        o.dag(version, uid=f"{prefix}-etl"),
        o.run(version, status=ENDED, uid=f"{prefix}-etl-1"),
        o.task("a", version, DONE, uid=f"{prefix}-etl-1-a", owner=f"{prefix}-etl-1"),
    )
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for each in objects:
            writer.observed(each)
            if gone:
                writer.deleted(each)
        writer.flushed()


def test_one_row_before_and_after(url: str) -> None:
    """Rows of objects that went are those of the new ones, whose versions are lower; again changes nothing."""
    recorded(url, "uid", 1000, gone=True)
    for _ in range(2):
        rekey(url, UIDS, told_nobody)
    assert only_row(url, DagRunRow)["deleted_at"] is None
    recorded(url, "new", 5)
    for row, column, uid in (
        (DagRow, "uid", "new-etl"),
        (DagRunRow, "uid", "new-etl-1"),
        (TaskRunRow, "uid", "new-etl-1-a"),
        (TaskRunRow, "run_uid", "new-etl-1"),
        (AttemptRow, "task_run_uid", "new-etl-1-a"),
        (RequestRow, "run_uid", "new-etl-1"),
        (AssetUpdateRow, "task_run_uid", "new-etl-1-a"),
    ):
        assert only_row(url, row)[column] == uid
    assert only_row(url, DagRunRow)["resource_version"] == 5
    assert {row["uid"] for row in rows(url, AuditRow)} == {"new-etl-1"}
    assert len(rows(url, AuditRow)) == 2
    assert rows(url, ApprovalRow) == []
