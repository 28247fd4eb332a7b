"""The final states of a run's tasks -> the run's own: judged on the leaves, as Airflow does.

Failed when a leaf failed or was not run because its upstream failed; else Success. A failed task in the middle whose
leaves recovered leaves the run a success. A run that was ended before its time is Failed whatever its tasks did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from controller.decide.ending import Ending
from controller.model.plan import Plan
from controller.model.states import TASK_FAILED, RunState, TaskState
from controller.model.taskrun import TaskRun

FAILED_TASKS_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended."""

    state: RunState
    reason: str
    message: str
    failed_tasks: tuple[str, ...] = ()


def run_outcome(
    plan: Plan, states: Mapping[str, TaskState], task_runs: Mapping[str, TaskRun], ending: Ending | None
) -> RunOutcome:
    """The end of a run whose tasks have all ended."""
    failed = tuple(task for task in plan.graph.order if states[task] is TaskState.FAILED)
    if ending is not None:
        return RunOutcome(RunState.FAILED, ending.reason, ending.message, failed[:FAILED_TASKS_KEPT])
    if not any(states[leaf] in TASK_FAILED for leaf in plan.graph.leaves()):
        return RunOutcome(RunState.SUCCESS, "Completed", f"{len(states)} tasks ended", failed[:FAILED_TASKS_KEPT])
    return RunOutcome(RunState.FAILED, "TaskFailed", _failure(failed, task_runs), failed[:FAILED_TASKS_KEPT])


def _failure(failed: tuple[str, ...], task_runs: Mapping[str, TaskRun]) -> str:
    if not failed:
        return "No task failed, but a leaf was not run as its upstream did not succeed"
    first = task_runs[failed[0]].status
    others = len(failed) - 1
    more = f", and {others} more" if others else ""
    return f"Task {failed[0]} failed: {first.message or first.reason or 'for an unknown reason'}{more}"
