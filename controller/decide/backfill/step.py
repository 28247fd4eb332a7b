"""A backfill's status on the way to what it should be, and what several steps have in common."""

from dataclasses import dataclass
from datetime import datetime

from controller.model.action import Action, Kind, Tell
from controller.model.backfill import BACKFILL_FINAL, Backfill, BackfillState, BackfillStatus
from controller.model.conditions import ending_conditions, with_condition
from controller.model.schema import Condition, Waiting
from controller.model.snapshot import BackfillSnapshot


@dataclass(frozen=True, slots=True)
class Step:
    """The status as it should be, and what is to be done before and after it is written."""

    status: BackfillStatus
    before: tuple[Action, ...] = ()
    after: tuple[Action, ...] = ()
    wake_at: datetime | None = None


def finished(
    backfill: Backfill, status: BackfillStatus, state: BackfillState, why: tuple[str, str], now: datetime
) -> Step:
    """The end, with its reason and message; a failure is told as an Event too."""
    reason, message = why
    update = {"state": state, "reason": reason, "message": message, "finished_at": now, "waiting_for": ()}
    tell = Tell(Kind.BACKFILL, backfill.meta, f"Backfill{reason}", message, warning=True)
    return Step(status.model_copy(update=update), after=(tell,) if state is BackfillState.FAILED else ())


def without_schedule(backfill: Backfill, status: BackfillStatus, now: datetime) -> Step:
    """The end of one whose revision this version of Slipway can't read any more."""
    why = ("Invalid", f"The schedule of revision {status.revision} can't be read any more")
    return finished(backfill, status, BackfillState.FAILED, why, now)


def waits(snapshot: BackfillSnapshot, status: BackfillStatus, waiting: Waiting, now: datetime) -> Step:
    """The same status with what it waits for; a short wait is not worth a write."""
    told_at = snapshot.backfill.meta.created_at + snapshot.policy.tell_after
    if now < told_at:
        return Step(status, wake_at=told_at)
    known = status.waiting_for[0] if status.waiting_for else None
    if known is not None and known.reason == waiting.reason:
        return Step(status)
    return Step(status.model_copy(update={"waiting_for": (waiting.model_copy(update={"since": now}),)}))


def conditions(backfill: Backfill, status: BackfillStatus, now: datetime) -> tuple[Condition, ...]:
    """Succeeded, Finished and Paused."""
    generation, paused = backfill.meta.generation, backfill.spec.paused
    told = (status.state is BackfillState.SUCCESS, status.reason or "", status.message or "")
    ending = told if status.state in BACKFILL_FINAL else None
    found = ending_conditions(status.conditions, now, generation=generation, ending=ending)
    return with_condition(
        found,
        Condition(
            type="Paused",
            status=str(paused),
            reason="Paused" if paused else "Active",
            last_transition_time=now,
            observed_generation=generation,
        ),
    )
