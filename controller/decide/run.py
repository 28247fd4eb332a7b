"""A run and its tasks -> which tasks start, which end without running, and when the run has ended.

    not adopted --> Queued --> Running --> Success | Failed
        |             |           |
        adopt         start       advance, finish

Each step returns the status as it should be; one write at the end carries all of it, and TaskRuns are created only
after it, so that a task never runs in a run whose revision is not yet pinned.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from controller.decide.advance import advance
from controller.decide.ending import ending_of, run_deadline
from controller.decide.outcome import RunOutcome, run_outcome
from controller.decide.params import ParamsFault, resolve_params
from controller.decide.priority import priorities
from controller.decide.validity import judge_spec
from controller.model.action import Action, AdoptRun, CreateTaskRun, Decision, Kind, Tell, WriteStatus
from controller.model.conditions import ending_conditions
from controller.model.dag import canonical_json
from controller.model.dagrun import DagRun, DagRunStatus
from controller.model.durations import format_seconds
from controller.model.names import task_run_name
from controller.model.plan import Plan
from controller.model.schema import Reference, Waiting
from controller.model.snapshot import RunSnapshot
from controller.model.states import RUN_FINAL, RunState
from controller.model.status_patch import status_patch
from controller.model.taskrun import TaskRunSpec

INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class _Step:
    """The status as it should be so far, and what else is to be done."""

    status: DagRunStatus
    after: tuple[Action, ...] = ()
    """What else is to be done, once the status is written."""
    wake_at: datetime | None = None


def decide_run(snapshot: RunSnapshot, now: datetime) -> Decision:
    """What becomes of the run now."""
    run = snapshot.run
    if run.meta.deleting_since is not None:
        return Decision()
    decision = _progress(snapshot, now) if run.status.state not in RUN_FINAL else Decision()
    return replace(decision, actions=(*decision.actions, *_ownership(snapshot)))


def _ownership(snapshot: RunSnapshot) -> tuple[Action, ...]:
    """A run that a user made goes with its Dag, as one that the schedule made."""
    run, dag = snapshot.run, snapshot.dag
    if dag is None or dag.meta.deleting_since is not None or run.meta.owner_uid is not None:
        return ()
    return (AdoptRun(run.meta, dag.meta),)


def _progress(snapshot: RunSnapshot, now: datetime) -> Decision:
    run = snapshot.run
    if run.unreadable is not None:
        return _written(snapshot, _failed(run, "Invalid", run.unreadable, now), now)
    step = _Step(run.status)
    if run.status.revision is None:
        step = _adopt(snapshot, now)
    if step.status.revision is not None and step.status.state is RunState.QUEUED:
        step = _start(snapshot, step, now)
    if step.status.state is RunState.RUNNING:
        step = _advance(snapshot, step, now)
    return _written(snapshot, step, now)


def _adopt(snapshot: RunSnapshot, now: datetime) -> _Step:
    """Pin the run to the Dag's revision of today and fix its params."""
    run, dag = snapshot.run, snapshot.dag
    if run.spec.cancel is not None:
        return _failed(run, "Cancelled", "The run was cancelled before it began", now)
    if dag is None:
        return _waits(snapshot, "DagMissing", f"Dag {run.spec.dag_ref.name} does not exist", now)
    plan = judge_spec(dag.spec_json).plan
    if plan is None:
        return _waits(snapshot, "DagNotReady", f"Dag {dag.meta.name} is not valid: see its condition Ready", now)
    if snapshot.revision is None:
        return _Step(run.status)  # the Dag's decider is about to create it
    try:
        params = resolve_params(plan.spec.params, run.spec.params)
    except ParamsFault as fault:
        return _failed(run, "ParamsInvalid", _capitalised(str(fault)), now)
    status = run.status.model_copy(
        update={
            "revision": snapshot.revision.meta.name,
            "params": canonical_json(params),
            "tasks": f"0/{len(plan.tasks)}",
            "waiting_for": (),
            "conditions": _conditions(run, None, now),
        }
    )
    return _Step(status)


def _start(snapshot: RunSnapshot, step: _Step, now: datetime) -> _Step:
    """Let the run begin, unless the Dag's other runs or a pause stand before it."""
    run, plan = snapshot.run, _plan(snapshot)
    if plan is None:
        return step
    if run.spec.cancel is not None:
        return _failed(run, "Cancelled", "The run was cancelled before it began", now)
    limit = plan.spec.concurrency.max_active_runs
    if run.spec.paused or (snapshot.dag is not None and snapshot.dag.paused):
        waits = _waits(snapshot, "Paused", "The run is paused" if run.spec.paused else "The Dag is paused", now)
    elif snapshot.running_runs >= limit or not snapshot.is_next:
        message = f"{snapshot.running_runs} of {limit} runs of the Dag are active (maxActiveRuns)"
        waits = _waits(snapshot, "RunLimit", message, now)
    else:
        update = {"state": RunState.RUNNING, "started_at": now, "waiting_for": ()}
        return replace(step, status=step.status.model_copy(update=update))
    status = step.status.model_copy(update={"waiting_for": waits.status.waiting_for})
    return replace(step, status=status, wake_at=waits.wake_at)


def _advance(snapshot: RunSnapshot, step: _Step, now: datetime) -> _Step:
    """Start what may start, settle what needs no Pod, and end the run when nothing is left."""
    run, plan = replace(snapshot.run, status=step.status), _plan(snapshot)
    if plan is None:
        return step
    ending = ending_of(run, plan, now)
    went = advance(snapshot, plan, stopping=ending is not None)
    status = step.status.model_copy(
        update={"settled": went.settled, "counts": went.counts, "tasks": f"{went.done}/{len(plan.tasks)}"}
    )
    if went.done == len(plan.tasks):
        outcome = run_outcome(plan, went.states, snapshot.task_runs, ending)
        return _finish(run, status, outcome, now)
    weights = _weights(snapshot.revision.spec_json) if snapshot.revision and went.starts else {}
    in_queue_order = sorted(went.starts, key=lambda task: -weights[task])
    creates = tuple(_create(run, plan, task, weights[task]) for task in in_queue_order)
    wake_at = None if ending else run_deadline(run, plan)
    return replace(step, status=status, after=(*step.after, *creates), wake_at=wake_at)


@functools.lru_cache(maxsize=256)
def _weights(spec_json: str) -> Mapping[str, int]:
    """The effective weights, which all runs of a revision share and every start asks for."""
    plan = judge_spec(spec_json).plan
    return priorities(plan) if plan is not None else {}


def _create(run: DagRun, plan: Plan, task: str, weight: int) -> CreateTaskRun:
    planned = plan.tasks[task]
    spec = TaskRunSpec(
        dag_run_ref=Reference(name=run.meta.name),
        dag_ref=run.spec.dag_ref,
        task=task,
        logical_date=run.spec.logical_date,
        pool=planned.pool,
        pool_slots=planned.pool_slots,
        priority=max(-INT64_MAX, min(INT64_MAX, weight)),
    )
    return CreateTaskRun(run.meta, task_run_name(run.meta.name, task), spec)


def _finish(run: DagRun, status: DagRunStatus, outcome: RunOutcome, now: datetime) -> _Step:
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
            "conditions": _conditions(run, outcome, now),
        }
    )
    failed = outcome.state is RunState.FAILED
    told = (Tell(Kind.DAG_RUN, run.meta, "RunFailed", outcome.message, warning=True),) if failed else ()
    return _Step(final, after=told)


def _failed(run: DagRun, reason: str, message: str, now: datetime) -> _Step:
    """The end of a run that never began."""
    return _finish(run, run.status, RunOutcome(RunState.FAILED, reason, message), now)


def _waits(snapshot: RunSnapshot, reason: str, message: str, now: datetime) -> _Step:
    """The same status with a reason to wait; a wait shorter than `tell_after` is not worth a write."""
    status = snapshot.run.status
    told_at = snapshot.run.meta.created_at + snapshot.policy.tell_after
    if now < told_at:
        return _Step(status, wake_at=told_at)
    before = status.waiting_for[0] if status.waiting_for else None
    if before and before.reason == reason:
        return _Step(status)  # numbers in the message change often, and a write for each would help nobody
    waiting = Waiting(reason=reason, message=message, since=now)
    return _Step(status.model_copy(update={"waiting_for": (waiting,)}))


def _conditions(run: DagRun, outcome: RunOutcome | None, now: datetime) -> Any:
    ending = None if outcome is None else (outcome.state is RunState.SUCCESS, outcome.reason, outcome.message)
    return ending_conditions(run.status.conditions, now, generation=run.meta.generation, ending=ending)


def _plan(snapshot: RunSnapshot) -> Plan | None:
    return judge_spec(snapshot.revision.spec_json).plan if snapshot.revision is not None else None


def _written(snapshot: RunSnapshot, step: _Step, now: datetime) -> Decision:
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


def _is_progress_only(patch: dict[str, Any], step: _Step) -> bool:
    return patch.keys() <= {"tasks", "counts"} and step.status.state not in RUN_FINAL


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
