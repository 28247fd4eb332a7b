"""A run that has not begun -> pinned to a revision with its params fixed, and begun as soon as it may."""

from dataclasses import replace
from datetime import datetime

from controller.decide.params import ParamsFault, resolve_params
from controller.decide.readiness import readiness
from controller.decide.run.step import Step, failed, plan_of, run_conditions, waits_for, without_plan
from controller.model.dag import canonical_json
from controller.model.snapshot import RunSnapshot
from controller.model.states import RunState


def adopt(snapshot: RunSnapshot, now: datetime) -> Step:
    """Pin the run to the Dag's revision of today and fix its params."""
    run, dag = snapshot.run, snapshot.dag
    if run.spec.cancel is not None:
        return failed(run, "Cancelled", "The run was cancelled before it began", now)
    if dag is None:
        return waits_for(snapshot, "DagMissing", f"Dag {run.spec.dag_ref.name} does not exist", now)
    plan = readiness(dag, snapshot.policy).plan
    if plan is None:
        return waits_for(snapshot, "DagNotReady", f"Dag {dag.meta.name} is not valid: see its condition Ready", now)
    if snapshot.revision is None:
        return Step(run.status)  # the Dag's decider is about to create it
    try:
        params = resolve_params(plan.spec.params, run.spec.params)
    except ParamsFault as fault:
        return failed(run, "ParamsInvalid", _capitalised(str(fault)), now)
    status = run.status.model_copy(
        update={
            "revision": snapshot.revision.meta.name,
            "params": canonical_json(params),
            "tasks": f"0/{len(plan.tasks)}",
            "waiting_for": (),
            "conditions": run_conditions(run, None, now),
        }
    )
    return Step(status)


def start(snapshot: RunSnapshot, step: Step, now: datetime) -> Step:
    """Let the run begin, unless the Dag's other runs or a pause stand before it."""
    run, plan = snapshot.run, plan_of(snapshot)
    if plan is None:
        return without_plan(snapshot, step, now)
    if run.spec.cancel is not None:
        return failed(run, "Cancelled", "The run was cancelled before it began", now)
    if run.status.marked is not None:  # it only has to end, which no limit forbids
        return replace(step, status=step.status.model_copy(update={"state": RunState.RUNNING, "started_at": now}))
    backfill, paused = snapshot.backfill, _paused(snapshot)
    limit = backfill.spec.max_active_runs if backfill is not None else plan.spec.concurrency.max_active_runs
    if paused is not None:
        waits = waits_for(snapshot, "Paused", f"{paused} is paused", now)
    elif snapshot.running_runs >= limit or not snapshot.is_next:
        whose = "the Dag" if backfill is None else f"backfill {backfill.meta.name}"
        message = f"{snapshot.running_runs} of {limit} runs of {whose} are active (maxActiveRuns)"
        waits = waits_for(snapshot, "RunLimit", message, now)
    else:
        update = {"state": RunState.RUNNING, "started_at": now, "waiting_for": ()}
        return replace(step, status=step.status.model_copy(update=update))
    status = step.status.model_copy(update={"waiting_for": waits.status.waiting_for})
    return replace(step, status=status, wake_at=waits.wake_at)


def _paused(snapshot: RunSnapshot) -> str | None:
    """What is paused, so that the run may not begin."""
    if snapshot.run.spec.paused:
        return "The run"
    if snapshot.dag is not None and snapshot.dag.is_paused:
        return "The Dag"
    return "The backfill" if snapshot.backfill is not None and snapshot.backfill.spec.paused else None


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
