"""A Dag and its runs -> its revision, the runs its schedule asks for, and what its status says.

Runs are created before the cursor moves: a crash between the two meets the same name again, and nothing is doubled.
"""

import functools
from datetime import UTC, datetime
from typing import Any, Final

from controller.decide.calendar import Due, Seen, Slot, Timetable, describe, due
from controller.decide.validity import Fault, Judgement, judge_spec
from controller.model.action import Action, CreateRevision, CreateRun, Decision, Kind, WriteStatus
from controller.model.conditions import with_condition
from controller.model.dag import Dag, DagStatus
from controller.model.dagrun import DagRunSpec, RunType
from controller.model.names import revision_name, scheduled_run_name
from controller.model.plan import Plan
from controller.model.schema import Condition, Reference
from controller.model.snapshot import DagSnapshot
from controller.model.status_patch import status_patch

FAULTS_TOLD: Final = 10
_PROGRESS: Final = frozenset({"activeRuns", "lastRun", "lastState"})
_NOTHING_DUE: Final = Due((), None)


def decide_dag(snapshot: DagSnapshot, now: datetime) -> Decision:
    """What becomes of the Dag now."""
    dag = snapshot.dag
    if dag.meta.deleting_since is not None:
        return Decision()
    judgement = judge_spec(dag.spec_json)
    status = _described(snapshot, judgement, now)
    if judgement.plan is None:
        return Decision(_write(snapshot, status.model_copy(update={"next_run": None}), now))
    asked = _asked(snapshot, judgement.plan, status, now)
    if asked.slots:
        status = status.model_copy(update={"last_scheduled": asked.slots[-1].logical_date})
    status = status.model_copy(update={"next_run": asked.next_at})
    actions: tuple[Action, ...] = ()
    if not snapshot.has_revision:
        actions = (CreateRevision(dag.meta, revision_name(dag.meta.name, dag.spec_json), dag.spec_json),)
    creates = tuple(_create(dag, slot) for slot in asked.slots)
    wake_at = asked.next_at if asked.next_at is not None and asked.next_at > now else None
    written = _write(snapshot, status, now)
    if not written and status_patch(dag.status, status):
        turn = (snapshot.status_written_at or now) + snapshot.policy.progress_every
        wake_at = turn if wake_at is None else min(turn, wake_at)
    return Decision((*actions, *creates, *written), wake_at)


def _described(snapshot: DagSnapshot, judgement: Judgement, now: datetime) -> DagStatus:
    """The status without the schedule's part."""
    dag, plan = snapshot.dag, judgement.plan
    newest = snapshot.newest_run
    update: dict[str, Any] = {
        "observed_generation": dag.meta.generation,
        "active_runs": snapshot.active_runs,
        "last_run": newest.meta.name if newest else dag.status.last_run,
        "last_state": newest.status.state.value if newest else dag.status.last_state,
        "conditions": _conditions(dag, judgement, now),
    }
    if plan is not None:
        schedule = plan.spec.schedule
        update["revision"] = revision_name(dag.meta.name, dag.spec_json)
        update["task_count"] = len(plan.tasks)
        update["schedule"] = describe(schedule) if schedule is not None else None
        if schedule is not None and not dag.paused and dag.status.enabled_at is None:
            update["enabled_at"] = now
    return dag.status.model_copy(update=update)


def _asked(snapshot: DagSnapshot, plan: Plan, status: DagStatus, now: datetime) -> Due:
    """The slots to run now, no more than the Dag's run limit leaves room for, and when the next one is due."""
    schedule = plan.spec.schedule
    if schedule is None or snapshot.dag.paused:
        return _NOTHING_DUE
    seen = Seen(
        now=now,
        last=status.last_scheduled,
        enabled_at=status.enabled_at,
        awake_since=max(snapshot.awake_since, _unpaused_at(status)),
    )
    room = plan.spec.concurrency.max_active_runs - snapshot.active_runs
    return due(_timetable(snapshot.dag.spec_json), seen, max(0, room))


@functools.lru_cache(maxsize=4096)
def _timetable(spec_json: str) -> Timetable:
    plan = judge_spec(spec_json).plan
    if plan is None or plan.spec.schedule is None:
        raise ValueError("only a valid Dag with a schedule has a timetable")
    return Timetable.of(plan.spec.schedule)


def _unpaused_at(status: DagStatus) -> datetime:
    """When the Dag was last unpaused; the beginning of time for one that never was paused."""
    paused = next((condition for condition in status.conditions if condition.type == "Paused"), None)
    return paused.last_transition_time if paused is not None else datetime.min.replace(tzinfo=UTC)


def _create(dag: Dag, slot: Slot) -> CreateRun:
    spec = DagRunSpec(
        dag_ref=Reference(name=dag.meta.name),
        run_type=RunType.SCHEDULED,
        run_id=f"scheduled__{slot.run_after.astimezone(UTC).isoformat()}",
        logical_date=slot.logical_date,
        interval_start=slot.start,
        interval_end=slot.end,
    )
    return CreateRun(dag.meta, scheduled_run_name(dag.meta.name, slot.logical_date), spec)


def _conditions(dag: Dag, judgement: Judgement, now: datetime) -> tuple[Condition, ...]:
    ready = judgement.plan is not None
    told = (
        ("Ready", ready, "Valid" if ready else "Invalid", _told(judgement.faults)),
        ("Paused", dag.paused, "Paused" if dag.paused else "Active", ""),
    )
    conditions = dag.status.conditions
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


def _told(faults: tuple[Fault, ...]) -> str:
    shown = "; ".join(str(fault) for fault in faults[:FAULTS_TOLD])
    more = f"; and {len(faults) - FAULTS_TOLD} more faults" if len(faults) > FAULTS_TOLD else ""
    return (shown + more)[:4096]


def _write(snapshot: DagSnapshot, status: DagStatus, now: datetime) -> tuple[Action, ...]:
    """The write of what changed; counts and the last run's state alone wait for their turn."""
    patch = status_patch(snapshot.dag.status, status)
    turn = snapshot.status_written_at and snapshot.status_written_at + snapshot.policy.progress_every
    if not patch or (turn is not None and now < turn and patch.keys() <= _PROGRESS):
        return ()
    return (WriteStatus(Kind.DAG, snapshot.dag.meta, patch),)
