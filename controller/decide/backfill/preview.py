"""A backfill that does not exist yet, its Dag and the runs there are -> the plan that it would have.

The rules are those of `plan.py`; here they are asked until the plan is whole, or large enough to be looked at.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from controller.decide.backfill.plan import plan_more
from controller.decide.backfill.slots import Seen, slots_after, timetable_of
from controller.model.backfill import BackfillState, BackfillStatus
from controller.model.snapshot import BackfillSnapshot


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a backfill."""

    status: BackfillStatus
    """Failed with a message where it is refused; without a plan where its Dag is not valid."""
    slots: tuple[Seen, ...] = ()
    """The first slots, in the order in which they would be taken."""
    is_whole: bool = True
    """Whether all slots are counted; false where there are more than were to be looked at."""


def preview(snapshot: BackfillSnapshot, now: datetime, *, most: int, listed: int) -> Preview:
    """The plan of at least `most` slots, or all, with the first `listed` of them."""
    asked = snapshot.backfill
    while True:
        before = snapshot.backfill.status
        status = plan_more(snapshot, now).status
        if status.state is not BackfillState.PLANNING or status.planned_through == before.planned_through:
            break
        snapshot = replace(snapshot, backfill=replace(asked, status=status))
        if status.plan is not None and status.plan.total >= most:
            break
    revision = snapshot.revision
    timetable = timetable_of(revision.spec_json) if revision is not None and status.plan is not None else None
    if timetable is None or status.planned_at is None:
        return Preview(status)
    first = tuple(islice(slots_after(snapshot, timetable, status.planned_at, None), listed))
    return Preview(status, first, is_whole=status.state is not BackfillState.PLANNING)
