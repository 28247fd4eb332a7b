"""A backfill that is not planned -> its plan, a stretch at a time, or why it is refused or must wait."""

from collections import Counter
from datetime import datetime
from itertools import islice
from typing import Any, Final

from controller.decide.backfill.refusals import EMPTY, refusal_of
from controller.decide.backfill.slots import Seen, slots_after, timetable_of
from controller.decide.backfill.step import Step, finished, waits, without_schedule
from controller.decide.calendar import Timetable
from controller.decide.validity import judge_spec
from controller.model.backfill import SLOTS_LISTED, BackfillPlan, BackfillState, PlannedSlot, SlotPlan
from controller.model.dag import Revision
from controller.model.schema import Waiting
from controller.model.snapshot import BackfillSnapshot

SLOTS_AT_ONCE: Final = 2000
"""Slots that one look plans: about a fifth of a second for a cron."""


def plan_more(snapshot: BackfillSnapshot, now: datetime) -> Step:
    """Begin the plan, or go on with it, until every slot has its place in it."""
    backfill, dag = snapshot.backfill, snapshot.dag
    status, name = backfill.status, backfill.spec.dag_ref.name
    if backfill.spec.cancel is not None:
        why = ("Cancelled", "The backfill was cancelled before it began")
        return finished(backfill, status, BackfillState.FAILED, why, now)
    if dag is None or dag.meta.deleting_since is not None:
        return waits(snapshot, status, Waiting(reason="DagMissing", message=f"Dag {name} does not exist"), now)
    plan = judge_spec(dag.spec_json).plan
    if status.planned_at is None:
        if plan is None:
            message = f"Dag {name} is not valid: see its condition Ready"
            return waits(snapshot, status, Waiting(reason="DagNotReady", message=message), now)
        refused = refusal_of(snapshot, plan, now)
        if refused is not None:
            return finished(backfill, status, BackfillState.FAILED, ("Refused", refused), now)
    if snapshot.revision is None:
        return Step(status)  # the Dag's decider is about to create it
    timetable = timetable_of(snapshot.revision.spec_json)
    if timetable is None:
        return without_schedule(backfill, status, now)
    return _planned(snapshot, snapshot.revision, timetable, now)


def _planned(snapshot: BackfillSnapshot, revision: Revision, timetable: Timetable, now: datetime) -> Step:
    backfill, status = snapshot.backfill, snapshot.backfill.status
    planned_at = status.planned_at or now
    slots = slots_after(snapshot, timetable, planned_at, status.planned_through)
    found = list(islice(slots, SLOTS_AT_ONCE + 1))
    taken, is_whole = found[:SLOTS_AT_ONCE], len(found) <= SLOTS_AT_ONCE
    plan = _counted(status.plan or BackfillPlan(), taken)
    if is_whole and not plan.total:
        return finished(backfill, status, BackfillState.FAILED, ("Refused", EMPTY), now)
    update: dict[str, Any] = {
        "revision": revision.meta.name,
        "planned_at": planned_at,
        "planned_through": taken[-1].slot.logical_date if taken else status.planned_through,
        "first": status.first or taken[0].slot.logical_date,
        "plan": plan,
        "waiting_for": (),
    }
    if is_whole:  # it waits for approval, or is begun
        update |= {"state": BackfillState.PLANNED, "done": f"0/{plan.create + plan.reprocess}"}
        update |= {"state": BackfillState.RUNNING, "started_at": now} if backfill.spec.approved else {}
    return Step(status.model_copy(update=update))


def _counted(plan: BackfillPlan, found: list[Seen]) -> BackfillPlan:
    counts = Counter(each.plan for each in found)
    listed = (
        PlannedSlot(logical_date=each.slot.logical_date, run=each.name, plan=each.plan)
        for each in found[: SLOTS_LISTED - len(plan.slots)]
    )
    return BackfillPlan(
        total=plan.total + len(found),
        create=plan.create + counts[SlotPlan.CREATE],
        reprocess=plan.reprocess + counts[SlotPlan.REPROCESS],
        exists=plan.exists + counts[SlotPlan.EXISTS],
        in_flight=plan.in_flight + counts[SlotPlan.IN_FLIGHT],
        slots=(*plan.slots, *listed),
    )
