"""What becomes of the rows of objects that are gone, on both databases: they stay."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from controller.metastore.tables import (
    AttemptRow,
    DagRow,
    DagRunRow,
    TaskRunRow,
)
from tests.metastore.objects import START, at, dag, pod, run, running, task
from tests.metastore.recording import RecordingWriter, only_row, rows


def test_deleted_unfinished_objects_become_failed(writer: RecordingWriter) -> None:
    """A run or task that is deleted before its end is Failed, reason Deleted, with its attempts; rows stay."""
    writer.observed(run(1, status={"state": "Running"}))
    writer.observed(task("load", 2))
    writer.observed(pod("load", 1, 3, phase="Running", state=running(5)))
    writer.flushed()
    writer.deleted(task("load", 4))
    writer.deleted(run(5, status={"state": "Running"}))
    writer.flushed()
    for row in (only_row(writer.url, DagRunRow), only_row(writer.url, TaskRunRow)):
        assert (row["state"], row["reason"], row["deleted_at"]) == ("Failed", "Deleted", row["finished_at"])
        assert datetime.now(UTC) - row["deleted_at"] < timedelta(minutes=1)
    ended = only_row(writer.url, AttemptRow)
    assert (ended["state"], ended["reason"]) == ("Failed", "Deleted")


def test_deleted_finished_objects_keep_their_state(writer: RecordingWriter) -> None:
    """Cleaning up after a run leaves history as it was; a late event does not bring the object back."""
    ended = {"state": "Success", "finishedAt": at(60)}
    writer.observed(run(5, status=ended))
    writer.flushed()
    writer.deleted(run(6, status=ended))
    writer.flushed()
    writer.observed(run(4, status={"state": "Running"}))
    writer.observed(run(6, status=ended))
    writer.flushed()
    row = only_row(writer.url, DagRunRow)
    assert (row["state"], row["reason"], row["finished_at"]) == ("Success", None, START + timedelta(seconds=60))
    assert row["deleted_at"] is not None


def test_a_deletion_brings_the_last_version(writer: RecordingWriter) -> None:
    """An end that is first seen with the deletion is recorded as the end it was."""
    writer.observed(task("load", 2))
    writer.deleted(task("load", 9, {"state": "Success", "try": 1}))
    writer.flushed()
    row = only_row(writer.url, TaskRunRow)
    assert (row["state"], row["deleted_at"] is not None) == ("Success", True)


def test_a_new_object_takes_its_predecessors_row(writer: RecordingWriter) -> None:
    """A Dag that is deleted and applied again is one row, even when both happen in one batch or in a new cluster."""
    writer.observed(dag(50, {"owner": "old"}))
    writer.deleted(dag(51, {"owner": "old"}))
    writer.observed(dag(7, {"owner": "new"}, uid="another", creationTimestamp=at(3600)))
    writer.flushed()
    writer.observed(dag(52, {"owner": "old"}))
    writer.flushed()
    row = only_row(writer.url, DagRow)
    assert (row["uid"], row["owner"], row["deleted_at"]) == ("another", "new", None)


def test_rows_of_objects_that_went_unseen_are_closed(writer: RecordingWriter) -> None:
    """At the start, what is unfinished and gone becomes Failed; what lives and what ended stays as it is."""
    writer.observed(run(1, name="etl-1", status={"state": "Running"}))
    writer.observed(run(2, name="etl-2", status={"state": "Running", "settled": {"skipped": ["load"]}}))
    writer.observed(run(3, name="etl-3", status={"state": "Success"}))
    writer.observed(task("load", 4, {"state": "Running", "try": 1}))
    writer.observed(pod("load", 1, 5, phase="Running", state=running(5)))
    writer.flushed()
    writer.reconcile_start(["uid-etl-2"])
    writer.observed(run(9, name="etl-9", status={"state": "Running"}))
    writer.flushed()
    assert [(row["name"], row["state"], row["reason"]) for row in rows(writer.url, DagRunRow)] == [
        ("etl-1", "Failed", "Deleted"),
        ("etl-2", "Running", None),
        ("etl-3", "Success", None),
        ("etl-9", "Running", None),
    ]
    assert [(row["run"], row["state"]) for row in rows(writer.url, TaskRunRow)] == [
        ("etl-1", "Failed"),
        ("etl-2", "Skipped"),
    ]
    assert only_row(writer.url, AttemptRow)["reason"] == "Deleted"


def test_other_namespaces_are_left_alone_at_the_start(writer: RecordingWriter) -> None:
    """A controller that watches some namespaces closes no rows of the others."""
    writer.observed(run(1, status={"state": "Running"}))
    writer.flushed()
    writer.reconcile_start([], namespaces=["other"])
    writer.flushed()
    assert only_row(writer.url, DagRunRow)["deleted_at"] is None
    writer.reconcile_start([], namespaces=["team"])
    writer.flushed()
    assert only_row(writer.url, DagRunRow)["reason"] == "Deleted"


def test_an_object_that_changes_was_not_gone(writer: RecordingWriter) -> None:
    """A mark set by mistake, by a listing that was not complete, is taken back by the object's next version."""
    writer.observed(run(1, status={"state": "Running"}))
    writer.flushed()
    writer.reconcile_start([])
    writer.flushed()
    writer.observed(run(2, status={"state": "Success"}))
    writer.flushed()
    row = only_row(writer.url, DagRunRow)
    assert (row["state"], row["reason"], row["deleted_at"]) == ("Success", None, None)


def test_deleted_because_its_time_was_over(writer: RecordingWriter) -> None:
    """The row says so, and nothing of how the run ended is lost; a deletion by hand has no such word."""
    ended = {"state": "Success", "finishedAt": at(60), "reason": "Completed"}
    for name, by in (("etl-1", "Retention"), ("etl-2", None)):
        writer.observed(run(5, name, status=ended))
        writer.deleted(run(6, name, status=ended), by=by)
    writer.flushed()
    found = rows(writer.url, DagRunRow)
    told = sorted((row["name"], row["state"], row["reason"], row["deleted_by"]) for row in found)
    assert told == [("etl-1", "Success", "Completed", "Retention"), ("etl-2", "Success", "Completed", None)]
    assert all(row["deleted_at"] is not None for row in found)


def test_what_is_recorded(writer: RecordingWriter) -> None:
    """An object counts as recorded once its newest version is committed."""
    writer.flushed()
    writer.observed(run(5))
    assert not writer.is_recorded(run(5))
    writer.flushed()
    assert writer.is_recorded(run(5))


def test_what_can_not_be_stored(writer: RecordingWriter) -> None:
    """An object that no database takes is never recorded, until a version of it is."""
    poison = run(5, status={"state": "Success", "finishedAt": at(60)})
    writer.observed(replace(poison, meta=replace(poison.meta, resource_version=2**70)))
    writer.flushed()
    assert not writer.is_recorded(poison)
    assert rows(writer.url, DagRunRow) == []
    writer.observed(replace(poison, meta=replace(poison.meta, resource_version=2**62)))
    writer.flushed()
    assert writer.is_recorded(poison)
