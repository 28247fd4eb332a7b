"""The final states of a run's tasks -> the run's own: judged on the leaves, as Airflow does.

Failed when a leaf failed or was not run because its upstream failed; else Success. A failed task in the middle whose
leaves recovered leaves the run a success. A run that was ended before its time is Failed whatever its tasks did, and so
is one that failed fast: its leaves were skipped for that.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from controller.decide.ending import Ending
from controller.model.dagrun import DagRunStatus
from controller.model.plan import Plan
from controller.model.standing import Look, instances_of
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
    plan: Plan, look: Look, status: DagRunStatus, task_runs: Mapping[str, TaskRun], ending: Ending | None
) -> RunOutcome:
    """The end of a run whose tasks have all ended."""
    failed = tuple(itertools.islice(_failed(plan, look, status), FAILED_TASKS_KEPT))
    if ending is not None:
        return RunOutcome(ending.run_state, ending.reason, ending.message, failed)
    counting = plan.counting() if plan.spec.fail_fast else plan.leaves()
    if not any(look.counts(task).keys() & TASK_FAILED for task in counting):
        ended = sum(look.totals().values())
        return RunOutcome(RunState.SUCCESS, "Completed", f"{ended} tasks ended", failed)
    count = look.totals()[TaskState.FAILED]
    return RunOutcome(RunState.FAILED, "TaskFailed", _failure(failed, count, status, task_runs), failed)


def _failed(plan: Plan, look: Look, status: DagRunStatus) -> Iterator[str]:
    for task in plan.graph.order:
        if look.counts(task).get(TaskState.FAILED):
            count = status.expansions.get(plan.tasks[task].mapped_by or "")
            instances = instances_of(task, count or None)
            yield from (instance for instance in instances if look.state(instance) is TaskState.FAILED)


def _failure(failed: tuple[str, ...], count: int, status: DagRunStatus, task_runs: Mapping[str, TaskRun]) -> str:
    if not failed:
        return "No task failed, but a leaf was not run as its upstream did not succeed"
    first = task_runs.get(failed[0])
    why = status.notes.get(failed[0]) if first is None else first.status.message or first.status.reason
    more = f", and {count - 1} more" if count > 1 else ""
    return f"Task {failed[0]} failed: {why or 'for an unknown reason'}{more}"
