"""The Backfill resource: runs for a stretch of a Dag's past, planned first, then made a few at a time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from controller.model.dagrun import Cancel
from controller.model.metadata import Meta
from controller.model.schema import (
    Anything,
    Bool,
    Condition,
    Int,
    Recorded,
    Reference,
    Text,
    Timestamp,
    Waiting,
    Written,
)

SLOTS_LISTED: Final = 50
"""Slots of a plan that its status lists."""


class Reprocess(StrEnum):
    """What becomes of a slot whose run has ended."""

    NONE = "none"
    FAILED = "failed"
    COMPLETED = "completed"


class BackfillState(StrEnum):
    """Where a backfill stands."""

    PLANNING = "Planning"
    PLANNED = "Planned"
    RUNNING = "Running"
    SUCCESS = "Success"
    FAILED = "Failed"


BACKFILL_FINAL: Final = frozenset({BackfillState.SUCCESS, BackfillState.FAILED})


class SlotPlan(StrEnum):
    """What a backfill does about one slot of the schedule."""

    CREATE = "create"
    REPROCESS = "reprocess"
    EXISTS = "exists"
    IN_FLIGHT = "inFlight"


class BackfillSpec(Written):
    """Which runs are asked for. Only maxActiveRuns, approved, paused and cancel may be changed."""

    dag_ref: Reference
    """The Dag, in the same namespace; it needs a schedule."""
    from_: Annotated[Timestamp, Field(alias="from")]
    """The earliest logical date, included. Example 2026-01-01T00:00:00Z."""
    to: Timestamp
    """The latest logical date, included; intervals that had not ended when the backfill was planned are left out."""
    run_backwards: Bool = False
    """Whether the newest slot comes first. Default false."""
    max_active_runs: Annotated[Int, Field(ge=1, le=1000)] = 10
    """Runs of the backfill that are unfinished at once; they do not count into the Dag's own limit. Default 10."""
    reprocess: Reprocess = Reprocess.NONE
    """What becomes of a slot whose run has ended: `none` leaves it, `failed` clears the run if it failed, `completed`
    clears it in any case. Default none."""
    gaps: Bool = False
    """Whether only slots are taken in whose interval the Dag has no run of any kind. Not together with reprocess.
    Default false."""
    params: Annotated[dict[str, Anything], Field(max_length=100)] = {}
    """Values for the Dag's params in the runs that are made; a run that is cleared keeps its own."""
    approved: Bool = True
    """While false the backfill is only planned: see status.plan. Default true."""
    paused: Bool = False
    """While true nothing new is started; runs at work go on. Default false."""
    cancel: Cancel | None = None
    """Ends the backfill as Failed: `graceful` lets runs that have begun go on to their end, `force` ends them too."""
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    """Anything a person wants to say about the backfill."""


class PlannedSlot(Recorded):
    """What the plan says of one slot."""

    logical_date: Timestamp
    """The slot's logical date."""
    run: Text
    """The name of its run."""
    plan: SlotPlan
    """create, reprocess, exists or inFlight."""


class BackfillPlan(Recorded):
    """How many slots the backfill is about, and what is to become of them, as it was when it was planned."""

    total: Int = 0
    """Slots of the range whose interval had ended."""
    create: Int = 0
    """Slots without a run: one is created."""
    reprocess: Int = 0
    """Slots whose run has ended and is cleared."""
    exists: Int = 0
    """Slots whose run has ended and is left as it is; with `gaps` also those that another run covers."""
    in_flight: Int = 0
    """Slots whose run has not ended: it is left alone."""
    slots: Annotated[tuple[PlannedSlot, ...], Field(max_length=SLOTS_LISTED)] = ()
    """The first 50 slots, in the order in which they are taken."""


class BackfillStatus(Recorded):
    """What became of a backfill."""

    observed_generation: Int = 0
    """The generation of the spec that this status is about."""
    state: BackfillState = BackfillState.PLANNING
    """Planning, Planned (it waits for approval), Running, Success or Failed."""
    revision: Text | None = None
    """The ControllerRevision whose schedule the slots are taken from; the runs themselves take the Dag as it is."""
    planned_at: Timestamp | None = None
    """When the plan was begun: intervals that had ended by then are in."""
    planned_through: Timestamp | None = None
    """The logical date of the last slot that was planned."""
    plan: BackfillPlan | None = None
    """What is to be done; it is whole once the state is no longer Planning."""
    first: Timestamp | None = None
    """The logical date of the first slot: its run does not wait for a run before it."""
    handled_through: Timestamp | None = None
    """The logical date of the last slot that was handled: the cursor, which never goes back."""
    started: Int = 0
    """Runs that were created or cleared so far."""
    done: Annotated[str, StringConstraints(max_length=32)] | None = None
    """Runs that have ended, of all that are made or cleared: `12/40`."""
    failed: Int = 0
    """Runs of the backfill that stand as Failed."""
    started_at: Timestamp | None = None
    """When the first run could be made."""
    finished_at: Timestamp | None = None
    """When the last run had ended."""
    reason: Text | None = None
    """Why it ended as it did, in a CamelCase word."""
    message: Annotated[str, StringConstraints(max_length=4096)] | None = None
    """The same in one sentence."""
    waiting_for: Annotated[tuple[Waiting, ...], Field(max_length=16)] = ()
    """What the backfill waits for; empty while it makes progress."""
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    """Succeeded: True or False at the end. Finished: True in every end state. Paused: `spec.paused` is set."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """One Backfill object."""

    meta: Meta
    spec: BackfillSpec
    status: BackfillStatus

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status.state in BACKFILL_FINAL

    @property
    def request_id(self) -> str:
        """The id of the request with which it clears a run."""
        return f"backfill-{self.meta.uid}"[:63]


def parse_backfill(meta: Meta, raw: dict[str, Any]) -> Backfill:
    """The object's spec and status; pydantic's ValidationError when the API server let a fault through."""
    spec, status = BackfillSpec.model_validate(raw["spec"]), raw.get("status") or {}
    return Backfill(meta, spec, BackfillStatus.model_validate(status))
