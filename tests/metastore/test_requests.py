"""Requests and backfills in the database, on both kinds: who asked, when, what, and what came of it."""

from contextlib import closing
from datetime import timedelta
from typing import Any

from controller.metastore.projection import Observed
from controller.metastore.rebuild import rebuild
from controller.metastore.tables import BackfillRow, DagRunRow, RequestRow, TaskRunRow
from controller.model.backfill import Backfill, parse_backfill
from tests.metastore.objects import START, at, meta, run
from tests.metastore.recording import RecordingWriter, emptied, only_row, rows


def handled(number: int, **more: Any) -> dict[str, Any]:
    """An entry of a run's status."""
    told = {
        "id": f"id-{number}",
        "action": "clear",
        "by": "ada",
        "at": at(number),
        "count": 2,
        "tasks": ["a", "b[0-3]"],
    }
    return {**told, "message": "Clear 2 tasks", **more}


def backfill(version: int, status: dict[str, Any] | None = None) -> Backfill:
    """A backfill of a day."""
    spec = {"dagRef": {"name": "etl"}, "from": at(0), "to": at(60), "params": {"n": 1}, "maxActiveRuns": 3}
    return parse_backfill(meta("fill", version), {"spec": spec, "status": status})


def test_who_asked_for_what(writer: RecordingWriter) -> None:
    """A row for each request, with the run that it was about."""
    writer.observed(run(4, status={"requests": [handled(1), handled(2, by=None, dryRun=True, refused=True)]}))
    writer.flushed()
    first, second = rows(writer.url, RequestRow)
    assert (first["run"], first["dag"], first["asked_by"], first["action"]) == ("etl-1", "etl", "ada", "clear")
    assert (first["handled_at"], first["touched"], first["tasks"]) == (START + timedelta(seconds=1), 2, ["a", "b[0-3]"])
    assert (second["asked_by"], second["dry_run"], second["refused"]) == (None, True, True)


def test_requests_that_fall_out_of_the_status(writer: RecordingWriter) -> None:
    """Their rows stay, and so they do when the run is gone; telling again changes nothing."""
    for number in range(1, 4):
        writer.observed(run(number, status={"requests": [handled(number)]}))
        writer.flushed()
    before = rows(writer.url, RequestRow)
    writer.observed(run(9, status={"requests": [handled(3)]}))
    writer.deleted(run(10, status={"requests": [handled(3)]}))
    writer.flushed()
    assert rows(writer.url, RequestRow) == before
    assert len(before) == 3


def test_a_rebuild(url: str) -> None:
    """The live objects bring back the requests that they still tell of, and the backfills."""
    objects: list[Observed] = [run(4, status={"requests": [handled(1)]}), backfill(5, {"state": "Running"})]
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for observed in objects:
            writer.observed(observed)
        writer.flushed()
    before = [[{**row, "change": 0} for row in rows(url, shown)] for shown in (RequestRow, BackfillRow)]
    emptied(url)
    rebuild(url, [lambda: objects])
    assert [[{**row, "change": 0} for row in rows(url, shown)] for shown in (RequestRow, BackfillRow)] == before


def test_a_cleared_run(writer: RecordingWriter) -> None:
    """Its row is in the queue again, and what was settled begins anew."""
    writer.observed(run(4, status={"state": "Failed", "finishedAt": at(9), "settled": {"skipped": ["x"]}}))
    writer.flushed()
    writer.observed(run(5, status={"state": "Queued", "round": 1}))
    writer.flushed()
    row = only_row(writer.url, DagRunRow)
    assert (row["state"], row["finished_at"]) == ("Queued", None)
    assert only_row(writer.url, TaskRunRow)["state"] == "Scheduled"


def test_a_backfill(writer: RecordingWriter) -> None:
    """Its row says what it is about, how far it is and what the plan was; its runs name it."""
    slots = [{"logicalDate": at(0), "run": "etl-1", "plan": "create"}]
    plan = {"total": 3, "create": 2, "exists": 1, "slots": slots}
    writer.observed(backfill(4, {"state": "Running", "plan": plan, "done": "1/2", "failed": 1}))
    writer.observed(run(5, labels={"slipway.dev/backfill": "fill"}))
    writer.flushed()
    row = only_row(writer.url, BackfillRow)
    assert (row["dag"], row["state"], row["progress"], row["failed"]) == ("etl", "Running", "1/2", 1)
    assert (row["plan"]["total"], "slots" in row["plan"], row["params"]) == (3, False, '{"n":1}')
    assert (row["from_at"], row["to_at"]) == (START, START + timedelta(seconds=60))
    assert only_row(writer.url, DagRunRow)["backfill"] == "fill"


def test_a_backfill_that_is_deleted(writer: RecordingWriter) -> None:
    """What had not ended is Failed, reason Deleted; what had ended stays as it was."""
    writer.observed(backfill(4, {"state": "Running"}))
    writer.deleted(backfill(5, {"state": "Running"}))
    writer.flushed()
    row = only_row(writer.url, BackfillRow)
    assert (row["state"], row["reason"], row["deleted_at"] is not None) == ("Failed", "Deleted", True)


def test_a_backfill_that_went_unseen(writer: RecordingWriter) -> None:
    """At the start the rows of what is gone are closed."""
    writer.observed(backfill(4, {"state": "Success"}))
    writer.flushed()
    writer.reconcile_start([])
    writer.flushed()
    row = only_row(writer.url, BackfillRow)
    assert (row["state"], row["deleted_at"] is not None) == ("Success", True)
