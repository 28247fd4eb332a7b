"""The DagRun resource: one execution of a Dag, pinned to the revision it began with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from controller.model.metadata import Meta
from controller.model.schema import (
    Anything,
    Bool,
    Condition,
    Int,
    Label,
    Recorded,
    Reference,
    Text,
    Timestamp,
    Waiting,
    Written,
)
from controller.model.states import RunState, TaskState


class RunType(StrEnum):
    """What made the run."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    BACKFILL = "backfill"


class Cancel(StrEnum):
    """How a run is ended before its time."""

    GRACEFUL = "graceful"
    FORCE = "force"


class DagRunSpec(Written):
    """What is asked for. Immutable but for paused, cancel and note; `params` count as they are at the adoption."""

    dag_ref: Reference
    """The Dag, in the same namespace."""
    run_type: RunType = RunType.MANUAL
    """What made the run: manual, scheduled or backfill. Default manual."""
    run_id: Annotated[str, StringConstraints(max_length=250)] | None = None
    """Airflow's name for the run, such as scheduled__2026-01-01T00:00:00+00:00."""
    logical_date: Timestamp | None = None
    """The time the run is about; absent for a run that is about none."""
    interval_start: Timestamp | None = None
    """The beginning of the data interval."""
    interval_end: Timestamp | None = None
    """The end of the data interval."""
    params: Annotated[dict[str, Anything], Field(max_length=100)] = {}
    """Values for the Dag's params; those not named take their defaults. Changes after the start have no effect."""
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    """Anything a person wants to say about the run."""
    paused: Bool = False
    """While true no task of the run is started. Default false."""
    cancel: Cancel | None = None
    """Ends the run as Failed: `graceful` gives running Pods their grace period, `force` kills them at once."""


TaskNames = Annotated[tuple[Label, ...], Field(max_length=10_000)]


class Settled(Recorded):
    """Tasks that ended without a TaskRun of their own."""

    success: TaskNames = ()
    """Podless tasks that are done."""
    skipped: TaskNames = ()
    """Tasks whose rule said skip."""
    upstream_failed: TaskNames = ()
    """Tasks whose upstream failed."""

    def by_task(self) -> dict[str, TaskState]:
        """Each settled task's state."""
        return {
            **dict.fromkeys(self.success, TaskState.SUCCESS),
            **dict.fromkeys(self.skipped, TaskState.SKIPPED),
            **dict.fromkeys(self.upstream_failed, TaskState.UPSTREAM_FAILED),
        }


class DagRunStatus(Recorded):
    """What became of a run."""

    observed_generation: Int = 0
    """The generation of the spec that this status is about."""
    state: RunState = RunState.QUEUED
    """Queued, Running, Success or Failed."""
    revision: Text | None = None
    """The ControllerRevision of the Dag's spec that the run is pinned to."""
    params: Annotated[str, StringConstraints(max_length=262_144)] | None = None
    """The values the run works with as JSON text, defaults included; only this copy counts."""
    started_at: Timestamp | None = None
    """When the first task could start."""
    finished_at: Timestamp | None = None
    """When the last task had ended."""
    duration: Annotated[str, StringConstraints(max_length=32)] | None = None
    """From start to end, such as 3m12s; written when the run ends."""
    tasks: Annotated[str, StringConstraints(max_length=32)] | None = None
    """Tasks that have ended, of all: `3/7`."""
    counts: Annotated[dict[str, Int], Field(max_length=16)] = {}
    """How many tasks stand in each state."""
    settled: Settled = Settled()
    """Tasks that ended without a TaskRun."""
    failed_tasks: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    """The first tasks that failed, 20 at most, in topological order."""
    reason: Text | None = None
    """Why the run ended as it did, in a CamelCase word."""
    message: Annotated[str, StringConstraints(max_length=4096)] | None = None
    """Why the run stands as it does, in one sentence."""
    waiting_for: Annotated[tuple[Waiting, ...], Field(max_length=16)] = ()
    """What the run waits for; empty while it makes progress."""
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    """Succeeded: True or False once the run has ended. Finished: True in every end state."""


@dataclass(frozen=True, slots=True)
class DagRun:
    """One DagRun object."""

    meta: Meta
    spec: DagRunSpec
    status: DagRunStatus
    unreadable: str | None = None
    """Why the spec can't be read; then `spec` names the Dag at most. None for a readable one."""


def parse_dag_run(meta: Meta, raw: dict[str, Any]) -> DagRun:
    """The object's spec and status; pydantic's ValidationError when the API server let a fault through."""
    return DagRun(meta, DagRunSpec.model_validate(raw["spec"]), DagRunStatus.model_validate(raw.get("status") or {}))
