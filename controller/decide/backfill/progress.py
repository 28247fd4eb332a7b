"""A planned backfill -> the next runs, no more unfinished at once than it may have, and its end when all have ended."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from controller.decide.backfill.slots import Seen, run_spec, slots_after, timetable_of
from controller.decide.backfill.step import Step, finished, waits, without_schedule
from controller.model.action import Action, AskRun, CancelRun, CreateRun
from controller.model.backfill import Backfill, BackfillState, BackfillStatus, SlotPlan
from controller.model.dag import Dag
from controller.model.dagrun import Cancel
from controller.model.names import LABEL_BACKFILL
from controller.model.request import Clear, Request
from controller.model.schema import Waiting
from controller.model.snapshot import BackfillSnapshot
from controller.model.states import RunState

SLOTS_AT_ONCE: Final = 2000
"""Slots that one look passes over at most."""


@dataclass(slots=True)
class _Walk:
    """How far one look came."""

    handled_through: datetime | None
    started: int
    is_over: bool = True
    actions: list[Action] = field(default_factory=list)


def go_on(snapshot: BackfillSnapshot, now: datetime) -> Step:
    """Start what there is room for, or end."""
    backfill, dag = snapshot.backfill, snapshot.dag
    status = backfill.status
    if backfill.spec.cancel is not None:
        return _cancelled(snapshot, backfill.spec.cancel, now)
    if dag is None or dag.meta.deleting_since is not None:
        why = ("DagMissing", f"Dag {backfill.spec.dag_ref.name} was deleted")
        return finished(backfill, status, BackfillState.FAILED, why, now)
    if status.state is BackfillState.PLANNED:
        if not backfill.spec.approved:
            return Step(status)
        status = status.model_copy(update={"state": BackfillState.RUNNING, "started_at": now})
    if snapshot.revision is None or status.planned_at is None:
        return Step(status)
    timetable = timetable_of(snapshot.revision.spec_json)
    if timetable is None:
        return without_schedule(backfill, status, now)
    if backfill.spec.paused or dag.paused:
        what = "The backfill" if backfill.spec.paused else f"Dag {dag.meta.name}"
        counted = _counted(snapshot, status, fresh=0, is_over=False)
        return waits(snapshot, counted, Waiting(reason="Paused", message=f"{what} is paused"), now)
    slots = slots_after(snapshot, timetable, status.planned_at, status.handled_through)
    walk = _Walk(status.handled_through, status.started)
    _take(snapshot, dag, walk, slots)
    update = {"handled_through": walk.handled_through, "started": walk.started, "waiting_for": ()}
    status = _counted(snapshot, status.model_copy(update=update), fresh=len(walk.actions), is_over=walk.is_over)
    if walk.is_over and not walk.actions and not snapshot.active:
        return _ended(backfill, status, now)
    return Step(status, before=tuple(walk.actions))


def _take(snapshot: BackfillSnapshot, dag: Dag, walk: _Walk, slots: Iterator[Seen]) -> None:
    room = snapshot.backfill.spec.max_active_runs - len(snapshot.active)
    for number, seen in enumerate(slots):
        action = None if seen.is_ours else _action(snapshot.backfill, dag, seen)
        if number >= SLOTS_AT_ONCE or (action is not None and room <= 0):
            walk.is_over = False
            return
        if action is not None:
            room -= 1
            walk.actions.append(action)
        walk.started += 1 if action is not None or seen.is_ours else 0
        walk.handled_through = seen.slot.logical_date


def _action(backfill: Backfill, dag: Dag, seen: Seen) -> Action | None:
    """What is done about a slot; None for one whose run is left as it is."""
    labels = {LABEL_BACKFILL: backfill.meta.name}
    if seen.plan is SlotPlan.CREATE:
        return CreateRun(dag.meta, seen.name, run_spec(backfill, seen.slot), labels)
    if seen.plan is SlotPlan.REPROCESS and seen.run is not None:
        by = f"backfill {backfill.meta.name}"
        request = Request(id=backfill.request_id, by=by, clear=Clear())
        return AskRun(seen.run.meta, request, labels, lifts_cancel=seen.run.spec.cancel is not None)
    return None


def _counted(snapshot: BackfillSnapshot, status: BackfillStatus, *, fresh: int, is_over: bool) -> BackfillStatus:
    """With the runs that have ended; `fresh` ones are only about to be made or cleared."""
    planned = status.plan.create + status.plan.reprocess if status.plan is not None else 0
    total = status.started if is_over else max(planned, status.started)
    done = max(0, status.started - fresh - len(snapshot.active))
    return status.model_copy(update={"done": f"{done}/{total}", "failed": snapshot.failed})


def _ended(backfill: Backfill, status: BackfillStatus, now: datetime) -> Step:
    status = status.model_copy(update={"done": f"{status.started}/{status.started}"})
    if status.failed:
        why = ("RunsFailed", f"{status.failed} of {status.started} runs failed")
        return finished(backfill, status, BackfillState.FAILED, why, now)
    return finished(backfill, status, BackfillState.SUCCESS, ("Completed", f"{status.started} runs ended"), now)


def _cancelled(snapshot: BackfillSnapshot, how: Cancel, now: datetime) -> Step:
    """Runs that have not begun are cancelled, by force also those that have; it ends when all of them have."""
    backfill = snapshot.backfill
    status = _counted(snapshot, backfill.status, fresh=0, is_over=False)
    if not snapshot.active:
        why = ("Cancelled", "The backfill was cancelled")
        return finished(backfill, status, BackfillState.FAILED, why, now)
    cancels = tuple(
        CancelRun(run.meta, how)
        for run in snapshot.active
        if run.spec.cancel is None and (how is Cancel.FORCE or run.status.state is not RunState.RUNNING)
    )
    return Step(status, before=cancels)
