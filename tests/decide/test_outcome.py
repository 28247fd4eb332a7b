"""Outcome: the states of a run's tasks -> the run's."""

from collections.abc import Mapping

import pytest

from controller.decide.ending import Ending
from controller.decide.outcome import FAILED_TASKS_KEPT, RunOutcome, run_outcome
from controller.model.dagrun import DagRunStatus
from controller.model.plan import Plan
from controller.model.standing import Look, Standing
from controller.model.states import RunState, TaskState
from controller.model.taskrun import TaskRun
from tests.decide.drawing import drawn_plan, states
from tests.decide.objects import task_run


def outcome_of(
    plan: Plan,
    ended: Mapping[str, TaskState],
    task_runs: Mapping[str, TaskRun] | None = None,
    ending: Ending | None = None,
) -> RunOutcome:
    """The outcome of a run whose tasks ended so."""
    return run_outcome(plan, Look(Standing(ended)), DagRunStatus(), task_runs or {}, ending)


@pytest.mark.parametrize(
    ("drawing", "ended", "state"),
    [
        ("a >> b", "a:Success b:Success", "Success"),
        ("a >> b", "a:Success b:Skipped", "Success"),
        ("a >> b", "a:Skipped b:Skipped", "Success"),
        ("a >> b", "a:Failed b:UpstreamFailed", "Failed"),
        ("a >> b", "a:Success b:Failed", "Failed"),
        ("a >> b", "a:Failed b:Success", "Success"),
        ("a >> b", "a:Success b:Removed", "Success"),
        ("a >> [b, c]", "a:Success b:Success c:Failed", "Failed"),
    ],
)
def test_all_tasks_ended(drawing: str, ended: str, state: str) -> None:
    """The leaves decide: one that failed, or was not run for that, fails the run."""
    failed = {name: task_run(name, {"message": "it broke"}) for name, at in states(ended).items() if at == "Failed"}
    assert outcome_of(drawn_plan(drawing), states(ended), failed).state == state


def test_a_run_that_succeeded() -> None:
    """It says how many tasks ended."""
    outcome = outcome_of(drawn_plan("a >> b"), states("a:Success b:Skipped"))
    assert outcome == RunOutcome(RunState.SUCCESS, "Completed", "2 tasks ended")


def test_several_tasks_failed() -> None:
    """The first in topological order is told with its message, the others by their number."""
    plan = drawn_plan("c; b; a; a >> b")
    runs = {"a": task_run("a", {"message": "exit code 3"}), "c": task_run("c", {"reason": "OOMKilled"})}
    outcome = outcome_of(plan, states("a:Failed b:UpstreamFailed c:Failed"), runs)
    message = "Task c failed: OOMKilled, and 1 more"
    assert outcome == RunOutcome(RunState.FAILED, "TaskFailed", message, ("c", "a"))


def test_a_task_that_failed_without_a_word() -> None:
    """The sentence does not break off."""
    outcome = outcome_of(drawn_plan("a"), states("a:Failed"), {"a": task_run("a")})
    assert outcome.message == "Task a failed: for an unknown reason"


def test_a_leaf_that_nobody_failed() -> None:
    """A leaf may be UpstreamFailed with no failed task at all, and the message says so."""
    plan = drawn_plan("a >> b", {"b": {"triggerRule": "one_success"}})
    outcome = outcome_of(plan, states("a:Removed b:UpstreamFailed"))
    assert outcome.message == "No task failed, but a leaf was not run as its upstream did not succeed"


def test_more_failures_than_are_kept() -> None:
    """The list is cut, as a status must stay small."""
    names = [f"t{number}" for number in range(FAILED_TASKS_KEPT + 5)]
    runs = {name: task_run(name, {"message": "it broke"}) for name in names}
    outcome = outcome_of(drawn_plan("; ".join(names)), dict.fromkeys(names, TaskState.FAILED), runs)
    assert outcome.failed_tasks == tuple(names[:FAILED_TASKS_KEPT])


def test_a_run_that_was_ended() -> None:
    """It is Failed for that reason, whatever its tasks did."""
    ending = Ending("Cancelled", "The run was cancelled", TaskState.FAILED, None)
    outcome = outcome_of(drawn_plan("a"), states("a:Success"), {}, ending)
    assert outcome == RunOutcome(RunState.FAILED, "Cancelled", "The run was cancelled")
