"""A run's status on the way through the steps, and what several of them have in common."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from controller.decide.outcome import RunOutcome
from controller.decide.validity import judge_spec
from controller.model.action import Action, Kind, Tell
from controller.model.conditions import ending_conditions
from controller.model.dagrun import DagRun, DagRunStatus
from controller.model.durations import format_seconds
from controller.model.plan import Plan
from controller.model.schema import Waiting
from controller.model.snapshot import RunSnapshot
from controller.model.states import RunState


@dataclass(frozen=True, slots=True)
class Step:
    """The status as it should be so far, and what else is to be done."""

    status: DagRunStatus
    after: tuple[Action, ...] = ()
    """What else is to be done, once the status is written."""
    wake_at: datetime | None = None


def finish(run: DagRun, status: DagRunStatus, outcome: RunOutcome, now: datetime) -> Step:
    """The end of the run."""
    started = status.started_at or now
    final = status.model_copy(
        update={
            "state": outcome.state,
            "finished_at": now,
            "duration": format_seconds((now - started).total_seconds()),
            "failed_tasks": outcome.failed_tasks,
            "reason": outcome.reason,
            "message": outcome.message,
            "waiting_for": (),
            "conditions": run_conditions(run, outcome, now),
        }
    )
    failed = outcome.state is RunState.FAILED
    told = (Tell(Kind.DAG_RUN, run.meta, "RunFailed", outcome.message, warning=True),) if failed else ()
    return Step(final, after=told)


def failed(run: DagRun, reason: str, message: str, now: datetime) -> Step:
    """The end of a run that never began."""
    return finish(run, run.status, RunOutcome(RunState.FAILED, reason, message), now)


def waits_for(snapshot: RunSnapshot, reason: str, message: str, now: datetime) -> Step:
    """The same status with a reason to wait; a wait shorter than `tell_after` is not worth a write."""
    status = snapshot.run.status
    told_at = snapshot.run.meta.created_at + snapshot.policy.tell_after
    if now < told_at:
        return Step(status, wake_at=told_at)
    before = status.waiting_for[0] if status.waiting_for else None
    if before and before.reason == reason:
        return Step(status)  # numbers in the message change often, and a write for each would help nobody
    waiting = Waiting(reason=reason, message=message, since=now)
    return Step(status.model_copy(update={"waiting_for": (waiting,)}))


def without_plan(snapshot: RunSnapshot, step: Step, now: datetime) -> Step:
    """Nothing to do while the revision was not seen; one that this version can't read any more is told."""
    revision = snapshot.revision
    if revision is None:
        return step
    message = f"Revision {revision.meta.name} can't be read by this version of Slipway: delete the run and make it anew"
    waits = waits_for(snapshot, "RevisionInvalid", message, now)
    status = step.status.model_copy(update={"waiting_for": waits.status.waiting_for})
    return replace(step, status=status, wake_at=waits.wake_at)


def run_conditions(run: DagRun, outcome: RunOutcome | None, now: datetime) -> Any:
    """Succeeded and Finished; `outcome` is None while the run goes on."""
    ending = None if outcome is None else (outcome.state is RunState.SUCCESS, outcome.reason, outcome.message)
    return ending_conditions(run.status.conditions, now, generation=run.meta.generation, ending=ending)


def plan_of(snapshot: RunSnapshot) -> Plan | None:
    """The plan of the revision that the run is pinned to; None while that was not seen."""
    return judge_spec(snapshot.revision.spec_json).plan if snapshot.revision is not None else None
