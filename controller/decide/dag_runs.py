"""A Dag's schedule -> the runs that come of it now, and where its status then stands.

Runs of slots are created before the cursor moves: a crash between the two meets the same name again, and nothing is
doubled. Runs that follow assets are settled in the status before they are created: see asset_queue.py.
"""

import functools
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from controller.decide.asset_queue import with_run
from controller.decide.calendar import Due, Seen, Slot, Timetable, coming, due
from controller.decide.hold import is_paused
from controller.decide.validity import judge_spec
from controller.model.action import Action, CreateRun
from controller.model.assets import AssetRule, AssetRun
from controller.model.dag import NEXT_RUNS, Dag, DagStatus, NextRun
from controller.model.dagrun import DagRunSpec, RunType
from controller.model.names import scheduled_run_name
from controller.model.plan import Plan
from controller.model.schema import Reference
from controller.model.snapshot import DagSnapshot


def with_slots(
    snapshot: DagSnapshot, plan: Plan, status: DagStatus, room: int, now: datetime
) -> tuple[DagStatus, tuple[Action, ...]]:
    """The status after the slots that are due, no more of them than there is room for, and their runs."""
    schedule = plan.spec.schedule
    if schedule is None or not schedule.has_times or is_paused(status):
        return status.model_copy(update={"next_run": None, "next_runs": ()}), ()
    timetable, seen = _timetable(snapshot.dag.spec_json), _seen(snapshot, status, now)
    asked = due(timetable, seen, room)
    last = asked.slots[-1].logical_date if asked.slots else status.last_scheduled
    update = {
        "last_scheduled": last,
        "next_run": asked.next_at,
        "next_runs": _next_runs(snapshot, timetable, replace(seen, last=last), asked),
    }
    return status.model_copy(update=update), tuple(_create(snapshot.dag, slot) for slot in asked.slots)


def _next_runs(snapshot: DagSnapshot, timetable: Timetable, seen: Seen, asked: Due) -> tuple[NextRun, ...]:
    """The runs to come; while the next one stays, so do those after it, and they need not be searched again."""
    known = snapshot.dag.status
    is_same = known.observed_generation == snapshot.dag.meta.generation and known.next_run == asked.next_at
    if is_same and known.next_runs:
        return known.next_runs
    slots = islice(coming(timetable, seen), NEXT_RUNS)
    return tuple(NextRun(logical_date=slot.logical_date, run_after=slot.run_after) for slot in slots)


def with_asset_run(
    snapshot: DagSnapshot, plan: Plan, status: DagStatus, room: int, now: datetime
) -> tuple[DagStatus, tuple[Action, ...]]:
    """The status after the updates of assets, and the run that was settled before."""
    rule, queue = asset_rule(plan), status.assets
    if rule is None or queue is None or is_paused(status):
        return status, ()
    creates: tuple[Action, ...] = ()
    if queue.making is not None:
        creates = (_create_asset_run(snapshot.dag, queue.making),)
        queue = queue.model_copy(update={"making": None})
    elif room > 0:
        queue = with_run(queue, rule, snapshot.dag.meta.name, now)
    return status.model_copy(update={"assets": queue}), creates


def asset_rule(plan: Plan) -> AssetRule | None:
    """The assets that the Dag waits for; None for one that waits for none."""
    return plan.spec.schedule.assets if plan.spec.schedule is not None else None


def _seen(snapshot: DagSnapshot, status: DagStatus, now: datetime) -> Seen:
    return Seen(
        now=now,
        last=status.last_scheduled,
        enabled_at=status.enabled_at,
        awake_since=max(snapshot.awake_since, _unpaused_at(status)),
    )


@functools.lru_cache(maxsize=4096)
def _timetable(spec_json: str) -> Timetable:
    plan = judge_spec(spec_json).plan
    assert plan is not None and plan.spec.schedule is not None  # noqa: PT018, S101 the caller has just judged it
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


def _create_asset_run(dag: Dag, run: AssetRun) -> CreateRun:
    spec = DagRunSpec(
        dag_ref=Reference(name=dag.meta.name),
        run_type=RunType.ASSET_TRIGGERED,
        run_id=f"asset_triggered__{run.at.astimezone(UTC).isoformat()}_{run.name.rpartition('-')[2]}",
        updates=run.updates,
    )
    return CreateRun(dag.meta, run.name, spec)
