"""Approvals, the audit, and assets of Dags in the database, on both kinds; and all of it again by a rebuild."""

from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from controller.metastore import migrate as migrations
from controller.metastore.approvals import ApprovalRow
from controller.metastore.audit import AuditRow
from controller.metastore.engine import connected
from controller.metastore.migrate import migrate
from controller.metastore.projection import Observed
from controller.metastore.rebuild import rebuild
from controller.metastore.tables import BackfillRow, DagRow
from controller.model.approval import Approval, parse_approval
from controller.model.asked import asked_annotation
from controller.model.backfill import parse_backfill
from controller.model.pool import parse_pool
from tests.metastore.objects import START, at, dag, meta, run
from tests.metastore.recording import RecordingWriter, emptied, only_row, rows


def approval(version: int, status: Mapping[str, Any] | None = None, **spec: Any) -> Approval:
    """A question of task `load`."""
    refs = {"dagRef": {"name": "etl"}, "dagRunRef": {"name": "etl-1"}, "taskRunRef": {"name": "etl-1-load"}}
    asked = {"task": "load", "try": 2, "message": "Load?", "options": ["yes", "reject"], **spec}
    about = meta("etl-1-load-2", version, owner="uid-etl-1-load")
    return parse_approval(about, {"spec": {**refs, **asked}, "status": status or {}})


def asked(action: str, who: str, seconds: float) -> dict[str, str]:
    """The annotation of an action of the story."""
    return asked_annotation(action, who, START + timedelta(seconds=seconds))


def objects() -> list[Observed]:
    """Something of everything that people ask for."""
    notes = {**asked("trigger", "ada", 0), **asked("cancel", "bob", 5)}
    spec = {"dagRef": {"name": "etl"}, "from": at(0), "to": at(60), "note": "again"}
    about = meta("fill", 5, annotations=asked("backfill", "eve", 0) | asked("approve", "zoe", 9))
    return [
        dag(2, annotations=asked("pause", "ada", 1)),
        run(3, spec={"runType": "manual", "cancel": "graceful"}, annotations=notes),
        approval(4, {"state": "Answered", "finishedAt": at(7)}, answer="yes", by="ada"),
        parse_backfill(about, {"spec": spec, "status": {"revision": "etl-aaaa", "plannedAt": at(1)}}),
        parse_pool(meta("db", 6, annotations=asked("slots", "ada", 8)), {"spec": {"slots": 4}}),
    ]


def test_a_question_and_its_answer(writer: RecordingWriter) -> None:
    """One row, which is opened by the question and closed by what became of it."""
    writer.observed(approval(3))
    writer.flushed()
    row = only_row(writer.url, ApprovalRow)
    assert (row["state"], row["question"], row["options"], row["answer"]) == ("Open", "Load?", ["yes", "reject"], None)
    assert (row["task_run_uid"], row["attempt"], row["run"]) == ("uid-etl-1-load", 2, "etl-1")
    writer.observed(approval(5, {"state": "Answered", "finishedAt": at(9)}, answer="yes", by="ada", comment="go"))
    writer.observed(approval(4))
    writer.flushed()
    row = only_row(writer.url, ApprovalRow)
    assert (row["state"], row["answer"], row["answered_by"], row["comment"]) == ("Answered", "yes", "ada", "go")


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_question_that_is_deleted(writer: RecordingWriter, *, is_seen: bool) -> None:
    """It waits for nobody any more, whether or not somebody watched it go; the row stays."""
    writer.observed(approval(3))
    writer.flushed()
    if is_seen:
        writer.deleted(approval(3))
    else:
        writer.reconcile_start([])
    writer.flushed()
    row = only_row(writer.url, ApprovalRow)
    assert (row["state"], row["deleted_at"] is not None, row["finished_at"]) == ("Closed", True, row["deleted_at"])


def test_an_answer_that_is_deleted_stays_one(writer: RecordingWriter) -> None:
    """What was answered is history."""
    told = approval(3, {"state": "Answered", "finishedAt": at(9)}, answer="yes")
    writer.observed(told)
    writer.deleted(told)
    writer.flushed()
    row = only_row(writer.url, ApprovalRow)
    assert (row["state"], row["finished_at"]) == ("Answered", START + timedelta(seconds=9))


def test_who_asked(writer: RecordingWriter) -> None:
    """A row for each thing that was asked, with who and when; what is told again adds none."""
    for each in (*objects(), *objects()):
        writer.observed(each)
    writer.flushed()
    found = {(row["kind"], row["action"]): (row["asked_by"], row["at"]) for row in rows(writer.url, AuditRow)}
    times = {key: (who, (time - START).total_seconds()) for key, (who, time) in found.items()}
    assert times == {
        ("Dag", "pause"): ("ada", 1),
        ("DagRun", "trigger"): ("ada", 0),
        ("DagRun", "cancel"): ("bob", 5),
        ("Approval", "answer"): ("ada", 7),
        ("Backfill", "backfill"): ("eve", 0),
        ("Backfill", "approve"): ("zoe", 9),
        ("Pool", "slots"): ("ada", 8),
    }


def test_the_same_asked_twice(writer: RecordingWriter) -> None:
    """Each pause is a row of its own, and stays when the next takes its annotation's place, or the Dag goes."""
    for version, seconds in ((2, 1), (3, 60)):
        writer.observed(dag(version, annotations=asked("pause", "ada", seconds)))
        writer.flushed()
    writer.deleted(dag(4, annotations=asked("pause", "ada", 60)))
    writer.flushed()
    assert [row["at"] for row in rows(writer.url, AuditRow)] == [START + timedelta(seconds=each) for each in (1, 60)]


def test_a_cancel_that_nobody_signed(writer: RecordingWriter) -> None:
    """kubectl alone says not who; it is in the audit once the run has ended for it, and nobody is named."""
    writer.observed(run(3, spec={"runType": "scheduled", "cancel": "force"}))
    writer.flushed()
    assert rows(writer.url, AuditRow) == []
    writer.observed(
        run(4, spec={"runType": "scheduled", "cancel": "force"}, status={"state": "Failed", "finishedAt": at(9)})
    )
    writer.flushed()
    row = only_row(writer.url, AuditRow)
    assert (row["action"], row["asked_by"], row["details"]) == ("cancel", None, {"mode": "force"})


@pytest.mark.parametrize("value", ["", "ada", "yesterday ada", "2026-01-01T00:00:00Z", "x" * 401])
def test_an_annotation_that_is_not_ours(writer: RecordingWriter, value: str) -> None:
    """Whatever somebody wrote there makes no row, and harms none."""
    writer.observed(run(3, spec={"runType": "manual"}, annotations={"slipway.dev/asked-pause": value}))
    writer.flushed()
    assert [row["action"] for row in rows(writer.url, AuditRow)] == ["trigger"]


def test_assets_of_a_dag(writer: RecordingWriter) -> None:
    """What its tasks update and what its schedule waits for; faults in the spec are passed over."""
    tasks = [{"name": "load", "updates": ["orders", "orders", 3]}, {"name": "b", "updates": ["orders"]}, "?"]
    writer.observed(dag(2, {"tasks": tasks}, {"assets": {"waitsFor": ["rates"]}}))
    writer.flushed()
    row = only_row(writer.url, DagRow)
    assert (row["produces"], row["consumes"]) == ({"orders": ["load", "b"]}, ["rates"])
    writer.observed(dag(3, {"tasks": "none"}))
    writer.flushed()
    row = only_row(writer.url, DagRow)
    assert (row["produces"], row["consumes"]) == ({}, [])


def test_all_of_it_comes_back(url: str) -> None:
    """A rebuild from the live objects gives the rows that were written live."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for each in objects():
            writer.observed(each)
        writer.flushed()
    before = [[{**row, "change": 0} for row in rows(url, shown)] for shown in (ApprovalRow, AuditRow, BackfillRow)]
    assert all(before)
    emptied(url)
    rebuild(url, [objects])
    assert before == [
        [{**row, "change": 0} for row in rows(url, shown)] for shown in (ApprovalRow, AuditRow, BackfillRow)
    ]


def test_requests_of_before_are_in_the_audit(empty_url: str) -> None:
    """The migration takes them along, dry runs left out; what is told again of them adds nothing."""
    with connected(empty_url) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).with_name("migrations")))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for id_, dry_run in (("1", "false"), ("2", "true")):
            connection.execute(
                text(
                    "INSERT INTO requests (run_uid, id, handled_at, namespace, dag, run, action, asked_by, dry_run, "  # noqa: S608 words of ours
                    f"refused, touched, tasks, change) VALUES ('uid-etl-1', '{id_}', '2026-01-01 06:00:07.000000', "
                    f"'team', 'etl', 'etl-1', 'clear', 'ada', {dry_run}, false, 1, '[]', 1)"
                )
            )
    migrate(empty_url)
    row = only_row(empty_url, AuditRow)
    assert (row["action"], row["id"], row["asked_by"], row["details"]) == ("clear", "1", "ada", {})
    assert row["at"] == START + timedelta(seconds=7)
    with closing(RecordingWriter(empty_url)) as writer:
        writer.start()
        told = {"id": "1", "action": "clear", "by": "ada", "at": at(7)}
        writer.observed(run(3, spec={"runType": "scheduled"}, status={"requests": [told]}))
        writer.flushed()
    assert only_row(empty_url, AuditRow) == row
