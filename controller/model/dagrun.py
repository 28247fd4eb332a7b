"""The DagRun resource: one execution of a Dag, pinned to the revision it began with."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from controller.model.alerts import Alerting, DeadlineState, RunDeadline
from controller.model.assets import MOST_ASSETS, AssetUpdate
from controller.model.instance import folded, unfolded
from controller.model.metadata import Meta
from controller.model.request import Request, TaskNames
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
from controller.model.states import RunState, TaskState

REQUESTS_KEPT: Final = 20
"""Requests listed in status."""


class RunType(StrEnum):
    """What made the run."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    BACKFILL = "backfill"
    ASSET_TRIGGERED = "asset_triggered"
    OPERATOR_TRIGGERED = "operator_triggered"


class Cancel(StrEnum):
    """How a run is ended before its time."""

    GRACEFUL = "graceful"
    FORCE = "force"


class DagRunSpec(Written):
    """What is asked for. Immutable but for paused, cancel, note and request; `params` count as they are at the
    adoption."""

    dag_ref: Reference
    """The Dag, in the same namespace."""
    run_type: RunType = RunType.MANUAL
    """What made the run: manual, scheduled, backfill, asset_triggered or operator_triggered. Default manual."""
    run_id: Annotated[str, StringConstraints(max_length=250)] | None = None
    """Airflow's name for the run, such as scheduled__2026-01-01T00:00:00+00:00."""
    logical_date: Timestamp | None = None
    """The time the run is about; absent for a run that is about none."""
    interval_start: Timestamp | None = None
    """The beginning of the data interval."""
    interval_end: Timestamp | None = None
    """The end of the data interval."""
    updates: Annotated[tuple[AssetUpdate, ...], Field(max_length=MOST_ASSETS)] | None = None
    """The updates of assets that the run answers for; the last 100 of them."""
    params: Annotated[dict[str, Anything], Field(max_length=100)] = {}
    """Values for the Dag's params; those not named take their defaults. Changes after the start have no effect."""
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    """Anything a person wants to say about the run."""
    paused: Bool = False
    """While true no task of the run is started. Default false."""
    cancel: Cancel | None = None
    """Ends the run as Failed: `graceful` gives running Pods their grace period and lets teardowns run, `force` kills
    everything at once."""
    request: Request | None = None
    """Something to be done to the run: clear or mark tasks."""


class Settled(Recorded):
    """Tasks that ended without a TaskRun of their own."""

    success: TaskNames = ()
    """Podless tasks that are done, and what was marked so; `load[3-17]` stands for instances of a mapped task."""
    skipped: TaskNames = ()
    """Tasks whose rule said skip."""
    upstream_failed: TaskNames = ()
    """Tasks whose upstream failed."""
    failed: TaskNames = ()
    """Tasks that failed before they could have a TaskRun: an expression or a mapping that can't be worked out."""

    def by_instance(self) -> dict[str, TaskState]:
        """Each settled instance's state."""
        return {instance: state for field, state in SETTLED_AS.items() for instance in unfolded(getattr(self, field))}

    @classmethod
    def of(cls, states: Mapping[str, TaskState]) -> "Settled":
        """The instances by state, in the order given."""
        by_state: dict[TaskState, list[str]] = {}
        for instance, state in states.items():
            by_state.setdefault(state, []).append(instance)
        return cls(**{field: folded(by_state.get(state, ())) for field, state in SETTLED_AS.items()})


SETTLED_AS: Final = {
    "success": TaskState.SUCCESS,
    "skipped": TaskState.SKIPPED,
    "upstream_failed": TaskState.UPSTREAM_FAILED,
    "failed": TaskState.FAILED,
}
"""The state of the instances in each list."""


class Handled(Recorded):
    """A request that was carried out."""

    id: Text
    """The request's id."""
    action: Text
    """clear or mark."""
    by: Text | None = None
    """Who asked."""
    at: Timestamp
    """When it was carried out."""
    dry_run: Bool = False
    """Whether it was only worked out."""
    refused: Bool = False
    """Whether it could not be carried out."""
    count: Int = 0
    """How many instances it touched."""
    tasks: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    """The first 100 of them, folded."""
    message: Annotated[str, StringConstraints(max_length=1024)] = ""
    """What was done, or why it could not be, in one sentence."""


class Redo(Recorded):
    """What a request does to TaskRuns, kept until each of them was told."""

    round: Int
    """The round that it makes."""
    verdicts: Annotated[dict[str, TaskNames], Field(max_length=8)] = {}
    """The instances to be told, folded, by verdict."""
    why: Annotated[str, StringConstraints(max_length=1024)] = ""
    """The reason, in one sentence."""


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
    expansions: Annotated[dict[str, Int], Field(max_length=10_000)] = {}
    """How many elements each mapped task or group has, once that is known."""
    followed: Annotated[dict[str, Annotated[tuple[Text, ...], Field(max_length=1000)]], Field(max_length=10_000)] = {}
    """Which tasks each branch lets go on; none for a short circuit that stopped."""
    notes: Annotated[dict[str, Text], Field(max_length=1000)] = {}
    """Why tasks failed before they could have a TaskRun."""
    round: Int = 0
    """How often something in the run was cleared or marked."""
    marked: RunState | None = None
    """What a person marked the run as a whole."""
    redo: Redo | None = None
    """A request that is being carried out."""
    requests: Annotated[tuple[Handled, ...], Field(max_length=REQUESTS_KEPT)] = ()
    """The last 20 requests, the oldest first."""
    failed_tasks: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    """The first tasks that failed, 20 at most, in topological order."""
    reason: Text | None = None
    """Why the run ended as it did, in a CamelCase word."""
    message: Annotated[str, StringConstraints(max_length=4096)] | None = None
    """Why the run stands as it does, in one sentence."""
    waiting_for: Annotated[tuple[Waiting, ...], Field(max_length=16)] = ()
    """What the run waits for; empty while it makes progress."""
    deadlines: Annotated[tuple[RunDeadline, ...], Field(max_length=10)] = ()
    """The deadlines that the run has to meet, and those it has missed."""
    alerting: Alerting | None = None
    """The alerts about the run and its tasks."""
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

    @property
    def open_request(self) -> Request | None:
        """What a person asked for and was not carried out yet."""
        request = self.spec.request
        if request is None or any(handled.id == request.id for handled in self.status.requests):
            return None
        return request

    @property
    def has_open_alerts(self) -> bool:
        """Whether there is an alert that is not sent to all of its targets, nor given up."""
        records = self.status.alerting.records if self.status.alerting is not None else ()
        return any(record.done_at is None for record in records)

    @property
    def is_watched(self) -> bool:
        """Whether something is still to be told of the run, even where it has ended: an alert, or a deadline."""
        return self.has_open_alerts or any(each.state is not DeadlineState.MISSED for each in self.status.deadlines)


def parse_dag_run(meta: Meta, raw: dict[str, Any]) -> DagRun:
    """The object's spec and status; pydantic's ValidationError when the API server let a fault through."""
    return DagRun(meta, DagRunSpec.model_validate(raw["spec"]), DagRunStatus.model_validate(raw.get("status") or {}))
