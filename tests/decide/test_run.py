"""Runs that run: advanced, finished, and written as seldom as can be."""

from dataclasses import replace

from controller.decide.run import decide_run
from controller.model.action import CreateTaskRun, Decision, WriteStatus
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, kinds, revision, run, run_snapshot, running, told, written
from tests.decide.runs import CHAIN, PINNED

# ---- advance -------------------------------------------------------------------------------------------------------


def test_a_dag_that_was_edited() -> None:
    """The run goes on with its own revision."""
    edited = drawn_spec("x >> y")
    snapshot = run_snapshot(CHAIN, running(CHAIN), {"a": {"state": "Success"}}, dag=dag(edited))
    creates = [action for action in decide_run(snapshot, after(9)).actions if isinstance(action, CreateTaskRun)]
    assert [create.name for create in creates] == ["etl-1-b"]


def test_a_dag_that_was_deleted() -> None:
    """A run that still lives goes on, as its garbage collection is Kubernetes' business."""
    snapshot = run_snapshot(CHAIN, running(CHAIN), {"a": {"state": "Success"}}, dag=None)
    assert "CreateTaskRun" in kinds(decide_run(snapshot, after(9)))


def test_a_revision_that_was_not_seen_yet() -> None:
    """The run is left as it is."""
    snapshot = run_snapshot(CHAIN, running(CHAIN, {"observedGeneration": 1}), revision=None)
    assert decide_run(snapshot, after(9)) == Decision()


def test_a_weight_beyond_64_bits() -> None:
    """The TaskRun's priority is cut, as the API server takes int64."""
    names = [f"t{number}" for number in range(3)]
    heavy = {name: {"priorityWeight": 2**62} for name in names}
    spec = drawn_spec(" >> ".join(names), heavy)
    creates = [
        action
        for action in decide_run(run_snapshot(spec, running(spec)), after(9)).actions
        if isinstance(action, CreateTaskRun)
    ]
    assert [create.spec.priority for create in creates] == [3 * (2**31 - 1)]


def test_decided_again_after_the_write() -> None:
    """With its own writes done there is nothing left to do."""
    status = {"observedGeneration": 1, "tasks": "1/2", "counts": {"Active": 1, "Success": 1}}
    task_runs = {"a": {"state": "Success"}, "b": {"state": "Running"}}
    assert decide_run(run_snapshot(CHAIN, running(CHAIN, status), task_runs), after(9)) == Decision()


# ---- writing seldom ------------------------------------------------------------------------------------------------


def test_counts_alone_changed() -> None:
    """Their write waits for its turn; the tasks they let start do not."""
    status = {"observedGeneration": 1, "tasks": "0/2", "counts": {"Active": 1}}
    snapshot = run_snapshot(CHAIN, running(CHAIN, status), {"a": {"state": "Success"}}, status_written_at=after(8))
    early = decide_run(snapshot, after(9))
    assert (kinds(early), early.wake_at) == (["CreateTaskRun"], after(11))
    late = decide_run(snapshot, after(11))
    assert kinds(late) == ["WriteStatus", "CreateTaskRun"]
    assert written(late) == {"tasks": "1/2", "counts": {"Success": 1}}


def test_a_task_settled() -> None:
    """That is written at once, as nothing else remembers it."""
    status = {"observedGeneration": 1, "tasks": "0/2", "counts": {"Active": 1}}
    spec = drawn_spec("a >> b; c")
    snapshot = run_snapshot(
        spec,
        running(spec, status),
        {"a": {"state": "Failed"}, "c": {"state": "Running"}},
        status_written_at=after(8),
    )
    assert written(decide_run(snapshot, after(9)))["settled"] == {"upstreamFailed": ["b"]}


def test_the_spec_was_touched() -> None:
    """The generation that was looked at is written, once."""
    touched = replace(running(CHAIN), meta=replace(running(CHAIN).meta, generation=2))
    patch = written(decide_run(run_snapshot(CHAIN, touched, {"a": {"state": "Running"}}), after(9)))
    assert patch["observedGeneration"] == 2


# ---- finish --------------------------------------------------------------------------------------------------------


def test_all_tasks_ended() -> None:
    """One write brings the end, whenever the last one was."""
    task_runs = {"a": {"state": "Success"}, "b": {"state": "Success"}}
    snapshot = run_snapshot(CHAIN, running(CHAIN), task_runs, status_written_at=after(9))
    decision = decide_run(snapshot, after(10))
    patch = written(decision)
    assert kinds(decision) == ["WriteStatus"]
    assert {field: patch[field] for field in ("state", "tasks", "counts", "finishedAt", "duration", "reason")} == {
        "state": "Success",
        "tasks": "2/2",
        "counts": {"Success": 2},
        "finishedAt": told(10),
        "duration": "10s",
        "reason": "Completed",
    }
    assert [(c["type"], c["status"]) for c in patch["conditions"]] == [("Succeeded", "True"), ("Finished", "True")]


def test_the_last_task_failed() -> None:
    """The run fails and an Event tells it, after the write."""
    task_runs = {"a": {"state": "Failed", "message": "The task ended with exit code 3"}}
    decision = decide_run(run_snapshot(CHAIN, running(CHAIN), task_runs), after(10))
    assert kinds(decision) == ["WriteStatus", "Tell"]
    assert written(decision)["failedTasks"] == ["a"]
    assert written(decision)["message"] == "Task a failed: The task ended with exit code 3"


def test_a_dag_of_podless_tasks() -> None:
    """The run begins and ends in one look, with no object but itself."""
    spec = drawn_spec("a >> b", {"a": {"noop": {}}, "b": {"noop": {}}})
    decision = decide_run(run_snapshot(spec, run()), after(1))
    assert kinds(decision) == ["WriteStatus"]
    assert (written(decision)["state"], written(decision)["settled"]["success"]) == ("Success", ["a", "b"])


def test_a_timeout() -> None:
    """At the deadline tasks without a Pod are skipped; the run ends when those with one have."""
    spec = drawn_spec("a >> b", runTimeout="1m")
    at_work = run_snapshot(spec, running(spec), {"a": {"state": "Running"}})
    assert decide_run(at_work, after(59)).wake_at == after(60)
    late = decide_run(at_work, after(60))
    assert (written(late)["settled"]["skipped"], "state" in written(late), late.wake_at) == (["b"], False, None)
    ended = run_snapshot(spec, running(spec), {"a": {"state": "Skipped"}})
    patch = written(decide_run(ended, after(61)))
    assert (patch["state"], patch["reason"]) == ("Failed", "TimedOut")
    assert patch["message"] == "The run took longer than its runTimeout of 1m"


def test_a_cancel() -> None:
    """The run waits for its Pods to end and then is Failed, even if they all succeeded."""
    cancelled = replace(running(CHAIN), spec=run({"cancel": "graceful"}).spec)
    at_work = decide_run(run_snapshot(CHAIN, cancelled, {"a": {"state": "Running"}}), after(9))
    assert written(at_work)["settled"]["skipped"] == ["b"]
    ended = decide_run(run_snapshot(CHAIN, cancelled, {"a": {"state": "Success"}}), after(10))
    assert (written(ended)["state"], written(ended)["reason"]) == ("Failed", "Cancelled")


def test_the_patch_names_the_version_that_was_judged() -> None:
    """So a write over another's write is refused by the API server."""
    of = running(CHAIN)
    actions = decide_run(run_snapshot(CHAIN, of), after(9)).actions
    assert [action.meta for action in actions if isinstance(action, WriteStatus)] == [of.meta]


def test_the_revision_of_an_edited_dag() -> None:
    """A run that is not adopted yet takes the Dag's revision of today."""
    snapshot = run_snapshot(CHAIN, run(), revision=revision(CHAIN))
    assert written(decide_run(snapshot, after(1)))["revision"] == PINNED
