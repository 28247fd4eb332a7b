"""A slot of the schedule and the runs there are -> what a backfill does about it.

no run                      create; with gaps, and a run of any kind in the interval: exists
a run that has not ended    inFlight
a run that has ended        reprocess where it may (none | failed | completed), else exists
a run of this backfill      started already: a crash came between the run and the cursor
"""

import functools
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from controller.decide.calendar import Slot, Timetable
from controller.decide.calendar.ranges import Stretch, slots_between
from controller.decide.validity import judge_spec
from controller.model.backfill import Backfill, Reprocess, SlotPlan
from controller.model.dagrun import DagRun, DagRunSpec, RunType
from controller.model.metadata import Key
from controller.model.names import LABEL_BACKFILL, scheduled_run_name
from controller.model.snapshot import BackfillSnapshot
from controller.model.states import RUN_FINAL, RunState


@dataclass(frozen=True, slots=True)
class Seen:
    """A slot, and what there is in it."""

    slot: Slot
    name: str
    """The name that the slot's run has or would have."""
    run: DagRun | None
    is_ours: bool
    plan: SlotPlan


def slots_after(
    snapshot: BackfillSnapshot, timetable: Timetable, ended_by: datetime, cursor: datetime | None
) -> Iterator[Seen]:
    """The backfill's slots after the cursor, in its order."""
    spec = snapshot.backfill.spec
    stretch = Stretch(spec.from_, spec.to, ended_by, spec.run_backwards)
    return (_seen(snapshot, slot) for slot in slots_between(timetable, stretch, cursor))


@functools.lru_cache(maxsize=1024)
def timetable_of(spec_json: str) -> Timetable | None:
    """The timetable of a Dag's spec; None where that is not valid, or has no schedule by time."""
    plan = judge_spec(spec_json).plan
    schedule = plan.spec.schedule if plan is not None else None
    return Timetable.of(schedule) if schedule is not None and schedule.has_times else None


def run_spec(backfill: Backfill, slot: Slot) -> DagRunSpec:
    """The run of a slot."""
    return DagRunSpec(
        dag_ref=backfill.spec.dag_ref,
        run_type=RunType.BACKFILL,
        run_id=f"backfill__{slot.run_after.astimezone(UTC).isoformat()}",
        logical_date=slot.logical_date,
        interval_start=slot.start,
        interval_end=slot.end,
        params=backfill.spec.params,
    )


def _seen(snapshot: BackfillSnapshot, slot: Slot) -> Seen:
    backfill = snapshot.backfill
    name = scheduled_run_name(backfill.spec.dag_ref.name, slot.logical_date)
    run = snapshot.runs.get(Key(backfill.meta.namespace, name))
    return Seen(slot, name, run, run is not None and _is_ours(backfill, run), _plan(snapshot, slot, run))


def _plan(snapshot: BackfillSnapshot, slot: Slot, run: DagRun | None) -> SlotPlan:
    spec = snapshot.backfill.spec
    if run is None:
        return SlotPlan.EXISTS if spec.gaps and _is_covered(snapshot, slot) else SlotPlan.CREATE
    if run.status.state not in RUN_FINAL:
        return SlotPlan.IN_FLIGHT
    failed = run.status.state is RunState.FAILED
    again = spec.reprocess is Reprocess.COMPLETED or (spec.reprocess is Reprocess.FAILED and failed)
    return SlotPlan.REPROCESS if again else SlotPlan.EXISTS


def _is_covered(snapshot: BackfillSnapshot, slot: Slot) -> bool:
    """Whether a run of the Dag, of any kind, has its logical date in the slot."""
    place = bisect_left(snapshot.dates, slot.start, key=lambda date: date[0])
    if place >= len(snapshot.dates):
        return False
    date: datetime = snapshot.dates[place][0]
    return date == slot.logical_date or date < slot.end


def _is_ours(backfill: Backfill, run: DagRun) -> bool:
    """Whether this backfill made the run or has asked to clear it; a namesake of an earlier time does not count."""
    request, asked = run.spec.request, backfill.request_id
    if (request is not None and request.id == asked) or any(handled.id == asked for handled in run.status.requests):
        return True
    labelled = run.meta.labels.get(LABEL_BACKFILL) == backfill.meta.name
    return labelled and run.spec.run_type is RunType.BACKFILL and run.meta.created_at >= backfill.meta.created_at
