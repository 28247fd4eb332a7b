"""A run that must end before its tasks have -> why, and what that makes of a task.

asked by                running tasks    tasks without a Pod
spec.cancel             Failed           Skipped
a mark of the run       as it is marked  Skipped
runTimeout              Skipped          Skipped

A graceful cancel lets teardowns run; by force, or when time is up, they end as the other tasks do.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.model.dagrun import Cancel, DagRun
from controller.model.durations import format_seconds
from controller.model.plan import Plan
from controller.model.states import RunState, TaskState


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a run ends before its time."""

    reason: str
    message: str
    stopped_as: TaskState
    """What a task becomes whose Pod had to be ended."""
    grace_seconds: int | None
    """The grace that Pods get; None = their own."""
    lets_teardowns: bool = False
    """Whether teardowns still run."""
    run_state: RunState = RunState.FAILED
    """What the run ends as."""


_CANCELLED: Final = {
    Cancel.GRACEFUL: Ending("Cancelled", "The run was cancelled", TaskState.FAILED, None, lets_teardowns=True),
    Cancel.FORCE: Ending("Cancelled", "The run was cancelled by force", TaskState.FAILED, 0),
}

_MARKED: Final = {
    state: Ending(
        "Marked", f"The run was marked {state.value.lower()}", task, None, lets_teardowns=True, run_state=state
    )
    for state, task in ((RunState.SUCCESS, TaskState.SUCCESS), (RunState.FAILED, TaskState.FAILED))
}


def ending_of(run: DagRun, plan: Plan, now: datetime) -> Ending | None:
    """Why the run must end now; None while it may go on."""
    if run.status.marked is not None:
        return _MARKED[run.status.marked]
    if run.spec.cancel is not None:
        return _CANCELLED[run.spec.cancel]
    deadline = run_deadline(run, plan)
    if deadline is None or now < deadline or plan.spec.run_timeout is None:
        return None
    limit = format_seconds(plan.spec.run_timeout.total_seconds())
    return Ending("TimedOut", f"The run took longer than its runTimeout of {limit}", TaskState.SKIPPED, None)


def run_deadline(run: DagRun, plan: Plan) -> datetime | None:
    """The instant at which the run times out; None without a runTimeout or before its start."""
    if plan.spec.run_timeout is None or run.status.started_at is None:
        return None
    return run.status.started_at + plan.spec.run_timeout
