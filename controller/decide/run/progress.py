"""A running run -> what starts, what settles without a Pod, and the end when nothing is left."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from controller.decide.advance import Advance, Start, advance
from controller.decide.ending import ending_of, run_deadline
from controller.decide.outcome import RunOutcome, run_outcome
from controller.decide.priority import priorities
from controller.decide.run.reads import is_troubled, reads, told_in
from controller.decide.run.step import Step, finish, plan_of, waits_for, without_plan
from controller.decide.validity import judge_spec
from controller.model.action import CreateTaskRun, DirectTask
from controller.model.dagrun import DagRun, DagRunStatus, RunType, Settled
from controller.model.instance import task_and_index
from controller.model.names import task_run_name
from controller.model.plan import Plan
from controller.model.schema import Reference
from controller.model.snapshot import RunSnapshot
from controller.model.states import RunState
from controller.model.taskrun import TaskRunSpec, Verdict

INT64_MAX: Final = 2**63 - 1
NOTES_KEPT: Final = 1000
PREVIOUS_RUN: Final = "PreviousRun"
"""What a run waits for that goes on as soon as tasks of the run before have ended."""


def progress(snapshot: RunSnapshot, step: Step, now: datetime) -> Step:
    """Start what may start, settle what needs no Pod, and end the run when nothing is left."""
    run, plan = replace(snapshot.run, status=step.status), plan_of(snapshot)
    if plan is None:
        return without_plan(snapshot, step, now)
    ending = ending_of(run, plan, now)
    snapshot = replace(snapshot, run=run, changed=None if is_troubled(snapshot) else snapshot.changed)
    went = advance(snapshot, plan, ending)
    waits_on = snapshot.changed is not None and any(each.reason == PREVIOUS_RUN for each in step.status.waiting_for)
    if went.is_stuck and snapshot.changed is not None and not waits_on:
        went = advance(replace(snapshot, changed=None), plan, ending)
    status = step.status.model_copy(update=_progressed(step.status, went))
    if went.is_finished:
        return finish(run, status, run_outcome(plan, went.look, status, snapshot.task_runs, ending), now)
    wake_at = None if ending else run_deadline(run, plan)
    if went.is_stuck and not went.waits and not waits_on:
        return finish(run, status, RunOutcome(RunState.FAILED, "Deadlocked", "No task that is left can ever run"), now)
    if went.is_stuck:
        why = next((verdict.reason for verdict in went.waits.values()), "")
        waits = waits_for(snapshot, PREVIOUS_RUN, why, now)
        status = status.model_copy(update={"waiting_for": waits.status.waiting_for})
        times = [at for at in (waits.wake_at, wake_at) if at is not None]
        return replace(step, status=status, wake_at=min(times, default=None))
    weights = _weights(snapshot.revision.spec_json) if snapshot.revision and went.starts else {}
    in_queue_order = sorted(went.starts, key=lambda start: -weights[task_and_index(start.instance)[0]])
    creates = tuple(_create(run, plan, start, weights) for start in in_queue_order)
    tells = tuple(
        _tell(snapshot, went, instance, verdict)
        for instance, verdict in went.told.items()
        if snapshot.task_runs[instance].spec.verdict is not verdict
    )
    status = status.model_copy(update={"waiting_for": ()})
    gone_on = replace(step, status=status, after=(*step.after, *tells, *creates), wake_at=wake_at)
    return told_in(gone_on, snapshot, reads(snapshot, went.wanted, now), now) if went.wanted else gone_on


def _tell(snapshot: RunSnapshot, went: Advance, instance: str, verdict: Verdict) -> DirectTask:
    """A removed one that has an element again is of no round yet in which it could begin anew."""
    task_run = snapshot.task_runs[instance]
    is_back = verdict is Verdict.RUN and task_run.spec.verdict is Verdict.REMOVED
    round_ = snapshot.run.status.round if is_back else None
    return DirectTask(task_run.meta, verdict, round=round_, why=went.why, item=went.item_of(instance))


def _progressed(status: DagRunStatus, went: Advance) -> dict[str, Any]:
    """What the look changes; fields that stay keep their very objects, as thousands of names are slow to compare."""
    update: dict[str, Any] = {"counts": went.counts, "tasks": f"{went.done}/{went.total}"}
    if went.settled:
        update["settled"] = Settled.of({**status.settled.by_instance(), **went.settled})
    if went.notes:
        update["notes"] = dict(list({**status.notes, **went.notes}.items())[:NOTES_KEPT])
    update |= {"expansions": went.expansions} if went.expansions != status.expansions else {}
    return update | ({"followed": went.followed} if went.followed != status.followed else {})


@functools.lru_cache(maxsize=256)
def _weights(spec_json: str) -> Mapping[str, int]:
    """The effective weights, which all runs of a revision share and every start asks for."""
    plan = judge_spec(spec_json).plan
    return priorities(plan) if plan is not None else {}


def _create(run: DagRun, plan: Plan, start: Start, weights: Mapping[str, int]) -> CreateTaskRun:
    task, index = task_and_index(start.instance)
    planned, weight = plan.tasks[task], weights[task]
    spec = TaskRunSpec(
        dag_run_ref=Reference(name=run.meta.name),
        dag_ref=run.spec.dag_ref,
        task=task,
        index=index,
        item=start.item,
        kind=planned.kind,
        max_active_per_run=planned.settings.max_active_per_run,
        max_active_per_dag=planned.settings.max_active_per_dag,
        logical_date=run.spec.logical_date,
        pool=planned.pool,
        pool_slots=planned.pool_slots,
        priority=max(-INT64_MAX, min(INT64_MAX, weight)),
        backfill=run.spec.run_type is RunType.BACKFILL,
    )
    return CreateTaskRun(run.meta, task_run_name(run.meta.name, task, index), spec)
