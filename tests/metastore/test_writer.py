"""Contract of the writer, on both databases: what is observed is what the tables show."""

from collections.abc import Sequence
from datetime import timedelta

from structlog.testing import capture_logs

from controller.metastore.projection import Observed
from controller.metastore.tables import (
    AttemptRow,
    DagRevisionRow,
    DagRow,
    DagRunRow,
    PoolRow,
    TaskRunRow,
)
from controller.metastore.writer import Committed
from controller.model.action import Kind
from tests.metastore.objects import START, at, attempt, dag, pod, pool, revision, run, running, task, terminated
from tests.metastore.recording import RecordingWriter, counted_statements, only_row, rows, until


def test_every_kind_of_object_becomes_a_row(writer: RecordingWriter) -> None:
    """Dags, snapshots, runs and pools are shown with what lists need."""
    ready = {"type": "Ready", "status": "True", "reason": "Valid", "lastTransitionTime": at(0)}
    spec = {"owner": "data", "tags": ["daily", 3], "paused": True, "description": "Loads"}
    writer.observed(dag(3, spec, {"conditions": [ready], "nextRun": at(60), "activeRuns": 1}))
    writer.observed(revision())
    writer.observed(run(4, spec={"logicalDate": at(0)}, status={"state": "Running", "counts": {"Success": 2}}))
    writer.observed(pool())
    writer.flushed()
    shown = only_row(writer.url, DagRow)
    assert (shown["owner"], shown["tags"], shown["paused"], shown["ready"]) == ("data", ["daily"], True, True)
    assert shown["next_run_at"] == START + timedelta(seconds=60)
    assert only_row(writer.url, DagRevisionRow)["spec"] == '{"tasks":[{"name":"load"}]}'
    found = only_row(writer.url, DagRunRow)
    assert (found["state"], found["counts"], found["ordered_at"]) == ("Running", {"Success": 2}, START)
    assert (only_row(writer.url, PoolRow)["slots"], only_row(writer.url, PoolRow)["used"]) == (4, 1)


def test_commits_are_announced_with_versions(writer: RecordingWriter) -> None:
    """The controller learns which version of which object is safe."""
    writer.observed(run(7))
    writer.observed(task("load", 8))
    writer.flushed()
    until(lambda: len(writer.commits) > 0)
    assert [committed for batch in writer.commits for committed in batch] == [
        Committed(Kind.DAG_RUN, "uid-etl-1", 7),
        Committed(Kind.TASK_RUN, "uid-etl-1-load", 8),
    ]


def test_a_waiting_task_looks_as_its_pod_does(writer: RecordingWriter) -> None:
    """Queued and Running show at once, before the TaskRun's status says so, whichever event comes first."""
    writer.observed(pod("load", 1, 11))
    writer.observed(task("load", 10))
    writer.flushed()
    assert (only_row(writer.url, TaskRunRow)["state"], only_row(writer.url, TaskRunRow)["attempt"]) == ("Queued", 1)
    writer.observed(pod("load", 1, 12, phase="Running", state=running(5)))
    writer.flushed()
    shown = only_row(writer.url, TaskRunRow)
    assert (shown["state"], shown["node"], shown["started_at"]) == ("Running", "node-1", START + timedelta(seconds=5))
    assert only_row(writer.url, AttemptRow)["state"] == "Running"
    waiting = {"state": "Queued", "waitingFor": [{"reason": "Pool", "message": "Waiting for a slot"}]}
    writer.observed(task("load", 13, waiting))
    writer.flushed()
    assert (only_row(writer.url, TaskRunRow)["state"], only_row(writer.url, TaskRunRow)["waiting_for"]) == (
        "Running",
        [],
    )


def test_an_ended_pod_is_no_verdict(writer: RecordingWriter) -> None:
    """Only the TaskRun says how an attempt ended: until then it is Running, with the Pod's exit code."""
    writer.observed(task("load", 10))
    writer.observed(pod("load", 1, 12, phase="Failed", state=terminated(5, 9, code=3)))
    writer.flushed()
    shown = only_row(writer.url, AttemptRow)
    assert (shown["state"], shown["exit_code"], shown["finished_at"]) == ("Running", 3, START + timedelta(seconds=9))


def test_the_account_of_an_attempt_outlasts_its_pod(writer: RecordingWriter) -> None:
    """Once a TaskRun accounts for an attempt, no late Pod event changes it."""
    told = attempt("load", 1, fault="Infrastructure", reason="Evicted", message="The node was drained")
    writer.observed(task("load", 20, {"state": "UpForRetry", "try": 1, "attempts": [told]}))
    writer.flushed()
    writer.observed(pod("load", 1, 30, phase="Running", state=running(5)))
    writer.deleted(pod("load", 1, 31, phase="Running", state=running(5)))
    writer.flushed()
    shown = only_row(writer.url, AttemptRow)
    assert (shown["state"], shown["fault"], shown["reason"]) == ("Failed", "Infrastructure", "Evicted")
    assert (shown["pod_uid"], shown["pod_deleted_at"] is not None) == ("uid-etl-1-load-1", True)
    assert only_row(writer.url, TaskRunRow)["state"] == "UpForRetry"


def test_attempts_that_fall_out_of_the_status_stay(writer: RecordingWriter) -> None:
    """A status lists ten attempts; the metastore keeps all, also those that only a passed-over version listed."""
    everything = [attempt("load", number) for number in range(1, 16)]
    for last in range(1, 16):
        status = {"state": "UpForRetry", "try": last, "attempts": everything[max(0, last - 10) : last]}
        writer.observed(task("load", 10 + last, status))
    writer.flushed()
    assert [row["number"] for row in rows(writer.url, AttemptRow)] == list(range(1, 16))


def test_tasks_without_a_taskrun_are_rows(writer: RecordingWriter) -> None:
    """Settled tasks are found like all others; a TaskRun made later takes the same row."""
    writer.observed(run(5, status={"settled": {"success": ["start"], "skipped": ["load"]}}))
    writer.flushed()
    assert [(row["task"], row["state"], row["uid"]) for row in rows(writer.url, TaskRunRow)] == [
        ("load", "Skipped", None),
        ("start", "Success", None),
    ]
    writer.observed(task("load", 9, {"state": "Success", "try": 1}))
    writer.flushed()
    assert [(row["task"], row["state"]) for row in rows(writer.url, TaskRunRow)] == [
        ("load", "Success"),
        ("start", "Success"),
    ]


def test_settled_tasks_are_written_once(writer: RecordingWriter) -> None:
    """A run's further statuses write only the settled tasks that are new: no work grows with the run's size."""
    names = [f"task-{number}" for number in range(300)]
    writer.observed(run(5, status={"settled": {"skipped": names}}))
    writer.flushed()
    before = rows(writer.url, TaskRunRow)
    writer.observed(run(6, status={"settled": {"skipped": [*names, "last"]}}))
    writer.flushed()
    after = rows(writer.url, TaskRunRow)
    assert [row for row in after if row["task"] != "last"] == before
    assert len(after) == 301


def test_an_older_version_changes_nothing(writer: RecordingWriter) -> None:
    """A late event neither rewrites a row nor counts as a change."""
    writer.observed(run(9, status={"state": "Success"}))
    writer.flushed()
    before = only_row(writer.url, DagRunRow)
    writer.observed(run(8, status={"state": "Running"}))
    writer.observed(run(9, status={"state": "Success"}))
    writer.flushed()
    assert only_row(writer.url, DagRunRow) == before


def test_changes_are_counted(writer: RecordingWriter) -> None:
    """Whoever has seen change n finds all later ones above it."""
    writer.observed(run(1, name="etl-1"))
    writer.flushed()
    writer.observed(run(2, name="etl-2"))
    writer.flushed()
    first, second = rows(writer.url, DagRunRow)
    assert first["change"] < second["change"]


def test_text_that_a_database_refuses_is_mended(writer: RecordingWriter) -> None:
    """NUL and half surrogates in what users write do not keep a row out."""
    broken = "a\x00b\ud800c"
    writer.observed(dag(1, {"owner": broken, "tags": [broken]}))
    writer.flushed()
    row = only_row(writer.url, DagRow)
    assert (row["owner"], row["tags"]) == ("a\ufffdb\ufffdc", ["a\ufffdb\ufffdc"])


def test_an_object_that_cannot_be_stored_stops_no_other(writer: RecordingWriter) -> None:
    """One object that no column takes is set aside and not announced; its neighbours in the batch are stored."""
    with capture_logs() as told:
        for number in range(20):
            writer.observed(run(number + 1, name=f"etl-{number}"))
        writer.observed(pool(30, uid="huge", resourceVersion=str(2**70)))
        writer.flushed()
    assert [entry["uid"] for entry in told] == ["huge"]
    until(lambda: sum(len(batch) for batch in writer.commits) == 20)
    assert len(rows(writer.url, DagRunRow)) == 20
    assert rows(writer.url, PoolRow) == []
    assert writer.healthy


def test_a_hundred_tasks_take_few_statements(writer: RecordingWriter) -> None:
    """At most 40 SQL statements for 100 tasks, though every stage of theirs and its clean-up is flushed by itself."""
    names = [f"task-{number}" for number in range(100)]
    done = {"state": "Success", "try": 1, "startedAt": at(1), "finishedAt": at(2)}
    stages: Sequence[Sequence[Observed]] = (
        [run(1, status={"state": "Running"}), *(task(name, 10) for name in names)],
        [pod(name, 1, 20) for name in names],
        [pod(name, 1, 30, phase="Running", state=running(1)) for name in names],
        [pod(name, 1, 40, phase="Succeeded", state=terminated(1, 2)) for name in names],
        [
            run(2, status={"state": "Success", "counts": {"Success": 100}}),
            *(task(name, 50, {**done, "attempts": [attempt(name, 1, "Success")]}) for name in names),
        ],
    )
    with counted_statements() as statements:
        for stage in stages:
            for observed in stage:
                writer.observed(observed)
            writer.flushed()
        for observed in stages[-1]:
            writer.deleted(observed)
        writer.flushed()
    assert all(row["deleted_at"] for row in rows(writer.url, TaskRunRow))
    assert {row["state"] for row in rows(writer.url, TaskRunRow)} == {"Success"}
    assert len(statements) <= 40, statements


def test_a_burst_is_written_without_being_asked(writer: RecordingWriter) -> None:
    """Time or number makes a batch due, and the caller never waits."""
    for number in range(1000):
        writer.observed(run(number + 1, name=f"etl-{number}"))
    until(lambda: writer.pending == 0)
    assert len(rows(writer.url, DagRunRow)) == 1000
    assert writer.lag == 0.0
