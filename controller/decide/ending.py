"""A run that must end before its tasks have -> why, and what that makes of a task.

asked by                running tasks    tasks without a Pod
spec.cancel             Failed           Skipped
runTimeout              Skipped          Skipped
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.model.dagrun import Cancel, DagRun
from controller.model.durations import format_seconds
from controller.model.plan import Plan
from controller.model.states import TaskState


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a run ends before its time."""

    reason: str
    message: str
    stopped_as: TaskState
    """What a task becomes whose Pod had to be ended."""
    grace_seconds: int | None
    """The grace that Pods get; None = their own."""


_CANCELLED: Final = {
    Cancel.GRACEFUL: Ending("Cancelled", "The run was cancelled", TaskState.FAILED, None),
    Cancel.FORCE: Ending("Cancelled", "The run was cancelled by force", TaskState.FAILED, 0),
}


def ending_of(run: DagRun, plan: Plan, now: datetime) -> Ending | None:
    """Why the run must end now; None while it may go on."""
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
