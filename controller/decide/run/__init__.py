"""A run and its tasks -> which tasks start, which end without running, and when the run has ended.

    not adopted --> Queued --> Running --> Success | Failed       begin.py, progress.py
                      ^------- cleared, or marked ----------      redo.py
    deadlines, and what is to be told of the run                  alerts/

Each step returns the status as it should be; one write at the end carries all of it, and TaskRuns are created only
after it, so that a task never runs in a run whose revision is not yet pinned.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from controller.decide.alerts.of_run import with_alerts
from controller.decide.run.begin import adopt, start
from controller.decide.run.progress import progress
from controller.decide.run.redo import carry_out
from controller.decide.run.step import Step, failed
from controller.model.action import Action, AdoptRun, Decision, Kind, WriteStatus
from controller.model.snapshot import RunSnapshot
from controller.model.states import RUN_FINAL, RunState
from controller.model.status_patch import status_patch

__all__ = ["decide_run"]


def decide_run(snapshot: RunSnapshot, now: datetime) -> Decision:
    """What becomes of the run now."""
    run = snapshot.run
    if run.meta.deleting_since is not None:
        return Decision()
    goes_on = run.status.state not in RUN_FINAL or run.open_request is not None or run.is_watched
    decision = _written(snapshot, with_alerts(snapshot, _step(snapshot, now), now), now) if goes_on else Decision()
    return replace(decision, actions=(*decision.actions, *_ownership(snapshot)))


def _step(snapshot: RunSnapshot, now: datetime) -> Step:
    run = snapshot.run
    if run.unreadable is not None:
        return Step(run.status) if run.status.state in RUN_FINAL else failed(run, "Invalid", run.unreadable, now)
    has_begun = run.status.revision is not None or run.status.state in RUN_FINAL
    if has_begun and (run.status.redo is not None or run.open_request is not None):
        return carry_out(snapshot, now)
    step = Step(run.status)
    if run.status.revision is None and run.status.state not in RUN_FINAL:
        step = adopt(snapshot, now)
    if step.status.revision is not None and step.status.state is RunState.QUEUED:
        step = start(snapshot, step, now)
    if step.status.state is RunState.RUNNING:
        step = progress(snapshot, step, now)
    return step


def _ownership(snapshot: RunSnapshot) -> tuple[Action, ...]:
    """A run that a user made goes with its Dag, as one that the schedule made."""
    run, dag = snapshot.run, snapshot.dag
    if dag is None or dag.meta.deleting_since is not None or run.meta.owner_uid is not None:
        return ()
    return (AdoptRun(run.meta, dag.meta),)


def _written(snapshot: RunSnapshot, step: Step, now: datetime) -> Decision:
    """The step as actions; a write that only brings counts up to date waits for its turn."""
    run = snapshot.run
    status = step.status.model_copy(update={"observed_generation": run.meta.generation})
    patch = status_patch(run.status, status)
    if not patch:
        return Decision(step.after, step.wake_at)
    turn = snapshot.status_written_at and snapshot.status_written_at + snapshot.policy.progress_every
    if turn is not None and now < turn and _is_progress_only(patch, step):
        wake_at = turn if step.wake_at is None else min(turn, step.wake_at)
        return Decision(step.after, wake_at)
    return Decision((WriteStatus(Kind.DAG_RUN, run.meta, patch), *step.after), step.wake_at)


def _is_progress_only(patch: dict[str, Any], step: Step) -> bool:
    return patch.keys() <= {"tasks", "counts"} and step.status.state not in RUN_FINAL
