"""A Dag and its runs -> its revision, the runs its schedule asks for, and what its status says.

    dag_runs.py      which runs come of slots and assets
    asset_queue.py   the updates of assets that a Dag has seen
    hold.py          the pause after too many failures

Each gives its part of the status, which is written once, after what the runs are created from.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from controller.decide.alerts.of_dag import dag_targets_missing, with_dag_alerts
from controller.decide.asset_queue import with_updates
from controller.decide.calendar import describe, fingerprint
from controller.decide.dag_runs import asset_rule, with_asset_run, with_slots
from controller.decide.dag_told import amiss_told
from controller.decide.hold import failures_since, hold_told, pause_told
from controller.decide.pool import pools_fall_short
from controller.decide.readiness import Readiness, readiness, told_faults
from controller.model.action import Action, CreateRevision, Decision, Kind, WriteStatus
from controller.model.conditions import with_condition
from controller.model.dag import DagStatus
from controller.model.names import revision_name
from controller.model.plan import Plan
from controller.model.schema import Condition
from controller.model.snapshot import DagSnapshot
from controller.model.status_patch import status_patch

_PROGRESS: Final = frozenset({"activeRuns", "lastRun", "lastState", "nextRun", "nextRuns"})
_ASSETS_PROGRESS: Final = frozenset({"queued", "noted"})


def decide_dag(snapshot: DagSnapshot, now: datetime) -> Decision:
    """What becomes of the Dag now."""
    dag = snapshot.dag
    if dag.meta.deleting_since is not None:
        return Decision()
    judgement = readiness(dag, snapshot.policy)
    status = _described(snapshot, judgement, now)
    if judgement.plan is None:
        status = status.model_copy(update={"next_run": None, "next_runs": ()})
        return _decided(snapshot, status, (), now)
    room = max(0, judgement.plan.spec.concurrency.max_active_runs - snapshot.active_runs)
    status, creates = with_slots(snapshot, judgement.plan, status, room, now)
    status, following = with_asset_run(snapshot, judgement.plan, status, room - len(creates), now)
    actions: tuple[Action, ...] = ()
    if not snapshot.has_revision:
        actions = (CreateRevision(dag.meta, revision_name(dag.meta.name, dag.spec_json), dag.spec_json),)
    return _decided(snapshot, status, (*actions, *creates, *following), now)


def _decided(snapshot: DagSnapshot, status: DagStatus, actions: tuple[Action, ...], now: datetime) -> Decision:
    """The actions, the write that follows them, and when to look again: the next slot, or the turn of the write."""
    wake_at = status.next_run if status.next_run is not None and status.next_run > now else None
    alerted = with_dag_alerts(snapshot, status, now)
    status = alerted.status
    if alerted.wake_at is not None:
        wake_at = alerted.wake_at if wake_at is None else min(alerted.wake_at, wake_at)
    written = _write(snapshot, status, now)
    if not written and status_patch(snapshot.dag.status, status):
        turn = (snapshot.status_written_at or now) + snapshot.policy.progress_every
        wake_at = turn if wake_at is None else min(turn, wake_at)
    told = [(*hold_told(snapshot, write.patch), *amiss_told(snapshot, write.patch)) for write in written]
    return Decision((*actions, *written, *(tell for tells in told for tell in tells), *alerted.actions), wake_at)


def _described(snapshot: DagSnapshot, judgement: Readiness, now: datetime) -> DagStatus:
    """The status without the schedule's part."""
    dag, plan = snapshot.dag, judgement.plan
    newest = snapshot.newest_run
    update: dict[str, Any] = {
        "observed_generation": dag.meta.generation,
        "active_runs": snapshot.active_runs,
        "last_run": newest.meta.name if newest else dag.status.last_run,
        "last_state": newest.status.state.value if newest else dag.status.last_state,
        "conditions": _conditions(snapshot, judgement, now),
        "failures_since": failures_since(snapshot, plan, now),
    }
    if plan is not None:
        update["revision"] = revision_name(dag.meta.name, dag.spec_json)
        update["task_count"] = len(plan.tasks)
        update |= _scheduled(snapshot, plan, now)
    rule = asset_rule(plan) if plan is not None else None
    if rule is not None or (plan is None and dag.status.assets is not None):
        update["assets"] = with_updates(dag.status.assets, rule, snapshot.updates)
    else:
        update["assets"] = None
    return dag.status.model_copy(update=update)


def _scheduled(snapshot: DagSnapshot, plan: Plan, now: datetime) -> dict[str, Any]:
    """What is told of the schedule. One that was edited is enabled anew: slots before the edit were never its own."""
    schedule, known = plan.spec.schedule, snapshot.dag.status
    if schedule is None:
        return {"schedule": None, "timetable": None, "enabled_at": None}
    timetable, enabled_at = fingerprint(schedule), known.enabled_at
    is_edited = known.timetable not in (None, timetable)
    if (enabled_at is None and not snapshot.dag.paused) or (enabled_at is not None and is_edited):
        enabled_at = now
    return {"schedule": describe(schedule), "timetable": timetable, "enabled_at": enabled_at}


def _conditions(snapshot: DagSnapshot, judgement: Readiness, now: datetime) -> tuple[Condition, ...]:
    dag, ready, conditions = snapshot.dag, judgement.plan is not None, snapshot.dag.status.conditions
    short = pools_fall_short(dag.spec_json, dag.meta.namespace, snapshot.pools)
    told = [
        ("Ready", ready, judgement.reason, told_faults(judgement.faults)),
        ("Paused", *pause_told(snapshot, judgement.plan)),
    ]
    if short or any(condition.type == "Pools" for condition in conditions):  # no write where nothing ever was amiss
        told.append(("Pools", not short, "TooFewSlots" if short else "Sufficient", short))
    missing = dag_targets_missing(snapshot, judgement.plan)
    if missing or any(condition.type == "Alerts" for condition in conditions):
        told.append(("Alerts", not missing, "TargetMissing" if missing else "TargetsKnown", missing))
    for type_, holds, reason, message in told:
        condition = Condition(
            type=type_,
            status=str(holds),
            reason=reason,
            message=message,
            last_transition_time=now,
            observed_generation=dag.meta.generation,
        )
        conditions = with_condition(conditions, condition)
    return conditions


def _write(snapshot: DagSnapshot, status: DagStatus, now: datetime) -> tuple[WriteStatus, ...]:
    """The write of what changed; what somebody may read a little later waits for its turn."""
    patch = status_patch(snapshot.dag.status, status)
    turn = snapshot.status_written_at and snapshot.status_written_at + snapshot.policy.progress_every
    if not patch or (turn is not None and now < turn and _is_progress(patch)):
        return ()
    return (WriteStatus(Kind.DAG, snapshot.dag.meta, patch),)


def _is_progress(patch: Mapping[str, Any]) -> bool:
    """Whether only counts, forecasts, the last run's state and updates without a run have changed."""
    assets = patch.get("assets", {})
    return patch.keys() <= {*_PROGRESS, "assets"} and assets is not None and assets.keys() <= _ASSETS_PROGRESS
