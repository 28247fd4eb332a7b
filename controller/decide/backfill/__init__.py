"""A Backfill, its Dag and the Dag's runs -> the plan, then the runs that are made or cleared, a few at a time.

    Planning --> Planned --> Running --> Success | Failed
       |  (approved: false)                 ^
       +--------- refused -------------------+

plan.py       what becomes of each slot, counted before anything is made
refusals.py   why there is nothing to plan
progress.py   the next slots, as many as there is room for, and the end

The cursor moves only after the runs before it exist, and their names follow from their slots: a crash between the two
meets the same runs again. A year of minutes is planned a stretch at a time, so that no look takes long.
"""

from datetime import datetime

from controller.decide.backfill.plan import plan_more
from controller.decide.backfill.progress import go_on
from controller.decide.backfill.step import Step, conditions
from controller.model.action import Decision, Kind, WriteStatus
from controller.model.backfill import BackfillState
from controller.model.snapshot import BackfillSnapshot
from controller.model.status_patch import status_patch

__all__ = ["decide_backfill"]

_PROGRESS = frozenset({"done", "failed"})


def decide_backfill(snapshot: BackfillSnapshot, now: datetime) -> Decision:
    """What becomes of the backfill now."""
    backfill = snapshot.backfill
    if backfill.meta.deleting_since is not None or backfill.is_final:
        return Decision()
    step = plan_more(snapshot, now) if backfill.status.state is BackfillState.PLANNING else go_on(snapshot, now)
    return _written(snapshot, step, now)


def _written(snapshot: BackfillSnapshot, step: Step, now: datetime) -> Decision:
    """The step as actions: what is made first, then the status; counts alone wait for their turn."""
    backfill = snapshot.backfill
    update = {"observed_generation": backfill.meta.generation, "conditions": conditions(backfill, step.status, now)}
    patch = status_patch(backfill.status, step.status.model_copy(update=update))
    turn = snapshot.status_written_at and snapshot.status_written_at + snapshot.policy.progress_every
    if turn is not None and now < turn and patch and patch.keys() <= _PROGRESS:
        return Decision(step.before, turn if step.wake_at is None else min(turn, step.wake_at))
    writes = (WriteStatus(Kind.BACKFILL, backfill.meta, patch),) if patch else ()
    return Decision((*step.before, *writes, *step.after), step.wake_at)
