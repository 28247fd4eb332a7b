"""The Dag resource: what a user writes under `spec`, and what the controller answers under `status`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from controller.model.alerts import Alert, AlertEvent, Alerting, Deadline, DeadlineReference
from controller.model.assets import AssetQueue
from controller.model.metadata import Meta
from controller.model.retention import Retention
from controller.model.schedule import Schedule
from controller.model.schema import Bool, Condition, Duration, Int, OpenObject, Recorded, Text, Timestamp, Written
from controller.model.task import MAX_TASKS, Group, Task, TaskSettings

NEXT_RUNS: Final = 5
"""Runs to come that are listed in status."""
FAILURES_COUNTED: Final = 100
"""The most failed runs in a row that are told apart."""
HELD: Final = "TooManyFailures"
"""The reason of condition Paused where the controller itself holds the Dag."""
_AVERAGE: Final = DeadlineReference.AVERAGE_RUNTIME.value


class Concurrency(Written):
    """Limits of this Dag."""

    max_active_runs: Annotated[Int, Field(ge=1, le=10_000)] = 16
    """Runs that are running at once; more wait as Queued. Default 16."""
    max_active_tasks: Annotated[Int, Field(ge=1, le=100_000)] = 16
    """Tasks of one run that hold a Pod at once. Default 16."""


class DagSpec(Written):
    """A graph of tasks and when to run it."""

    description: Annotated[str, StringConstraints(max_length=4096)] | None = None
    """What the Dag is for, in a sentence."""
    owner: Annotated[str, StringConstraints(max_length=253)] | None = None
    """Who to ask: a team or a person."""
    tags: Annotated[tuple[Annotated[str, StringConstraints(max_length=63)], ...], Field(max_length=50)] = ()
    """Words to find the Dag by."""
    paused: Bool = False
    """While true no run is created and no task started; what runs goes on. Default false."""
    schedule: Schedule | None = None
    """When runs are created by themselves. Absent = only by hand."""
    concurrency: Concurrency = Concurrency()
    """Limits of this Dag."""
    run_timeout: Duration | None = None
    """How long a run may take from its start; then it fails and its unfinished tasks are skipped. Absent = no limit."""
    pause_after_failed_runs: Annotated[Int, Field(ge=0, le=FAILURES_COUNTED)] = 0
    """After so many failed runs in a row the Dag is held as if it were paused, until it is changed, or paused and
    unpaused. Cancelled runs don't count. Default 0 = never."""
    params: Annotated[dict[str, OpenObject], Field(max_length=100)] = {}
    """Parameters of a run: a name for each JSON Schema. One without `default` must be given by every run."""
    defaults: TaskSettings = TaskSettings()
    """Settings for all tasks that do not say otherwise."""
    fail_fast: Bool = False
    """Whether the first task that fails for good ends the run: tasks at work are failed, the others skipped, teardowns
    left alone. All trigger rules must then be all_success. Default false."""
    retention: Retention = Retention()
    """How long runs that have ended are kept. Default: as the installation says."""
    alerts: Annotated[tuple[Alert, ...], Field(max_length=10)] | None = None
    """Whom to tell of what. Absent = the operator's target `default`, if there is one, of failed runs, missed deadlines
    and an invalid Dag; an empty list = nobody."""
    deadlines: Annotated[tuple[Deadline, ...], Field(max_length=10)] = ()
    """By when each run should have succeeded."""
    groups: Annotated[tuple[Group, ...], Field(max_length=1000)] = ()
    """Groups of tasks, in any order."""
    tasks: Annotated[tuple[Task, ...], Field(min_length=1, max_length=MAX_TASKS)]
    """The nodes of the graph, in any order."""


class NextRun(Recorded):
    """One slot to come."""

    logical_date: Timestamp
    """The run's logical date."""
    run_after: Timestamp
    """The earliest instant at which the run is created."""


class DagStatus(Recorded):
    """What the controller says of a Dag."""

    observed_generation: Int = 0
    """The generation of the spec that this status is about."""
    revision: Text | None = None
    """The ControllerRevision with this spec; new runs are pinned to it."""
    schedule: Annotated[str, StringConstraints(max_length=512)] | None = None
    """The schedule in one line."""
    task_count: Int | None = None
    """How many tasks the graph has."""
    enabled_at: Timestamp | None = None
    """When the schedule, as it is now, was first seen unpaused and valid: slots before it are only run with catch-up or
    run-latest."""
    timetable: Text | None = None
    """A fingerprint of the schedule's slots: another one is another schedule."""
    last_scheduled: Timestamp | None = None
    """The logical date of the newest run that the schedule made: the cursor, which never goes back."""
    next_run: Timestamp | None = None
    """When the next run is due; absent when none is."""
    next_runs: Annotated[tuple[NextRun, ...], Field(max_length=NEXT_RUNS)] = ()
    """The next 5 runs of the schedule, as far as can be told now; none while the Dag is paused."""
    assets: AssetQueue | None = None
    """Of a Dag that waits for assets: which of them were updated since its last run."""
    last_run: Text | None = None
    """The name of the run that was created last."""
    last_state: Text | None = None
    """That run's state."""
    active_runs: Int = 0
    """Runs that are queued or running."""
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    """Ready: the spec is valid and can be run. Paused: `spec.paused` is set, or too many runs failed in a row. Pools:
    the pools that the tasks need exist and are large enough; Alerts: so do the targets of alerts; both are absent while
    that was never otherwise."""
    alerting: Alerting | None = None
    """The alerts about the Dag itself."""
    failures_since: Timestamp | None = None
    """Since when failed runs are counted: when the Dag last went on after too many of them."""


@dataclass(frozen=True, slots=True)
class Dag:
    """One Dag object. The spec stays text, since it is compared, snapshotted and judged as a whole."""

    meta: Meta
    spec_json: str
    """The spec as canonical JSON (`canonical_json`), as the user wrote it, faults and all; without `paused`."""
    paused: bool
    """Whether the user wants no new runs and no new tasks: kept apart, so that pausing makes no new revision."""
    status: DagStatus

    @property
    def is_held(self) -> bool:
        """Whether too many runs failed in a row, and nobody has changed, or paused and unpaused, the Dag since."""
        told = next((condition for condition in self.status.conditions if condition.type == "Paused"), None)
        return told is not None and told.reason == HELD and told.observed_generation == self.meta.generation

    @property
    def is_paused(self) -> bool:
        """Whether no run is created and no task started, for whatever reason."""
        return self.paused or self.is_held


@dataclass(frozen=True, slots=True)
class Revision:
    """A ControllerRevision: an immutable snapshot of a Dag's spec, without `paused`."""

    meta: Meta
    spec_json: str
    max_active_tasks: int
    """The run limit that the gate asks for at every look, so it is taken out of the text once."""
    uses_past: bool = False
    """Whether a task depends on the run before."""
    catchup: bool = False
    """Whether the run before is the one before of the schedule: manual ones don't count then."""
    tells_retries: bool = False
    """Whether an alert tells of each attempt that is tried again."""
    runtimes: int = 0
    """Of how many runs that succeeded a deadline needs the durations."""


def canonical_json(value: Any) -> str:
    """Equal text for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def parse_dag(meta: Meta, raw: Mapping[str, Any]) -> Dag:
    """The object as the API server sends it; the spec is judged later, a status is always readable."""
    spec = dict(raw.get("spec") or {})
    paused = spec.pop("paused", False) is True
    return Dag(meta, canonical_json(spec), paused, DagStatus.model_validate(raw.get("status") or {}))


def parse_revision(meta: Meta, raw: Mapping[str, Any]) -> Revision:
    """The object as the API server sends it."""
    spec = raw.get("data") or {}
    limit = (spec.get("concurrency") or {}).get("maxActiveTasks", Concurrency().max_active_tasks)
    groups = (group.get("defaults") for group in spec.get("groups") or ())
    settings = [spec.get("defaults"), *groups, *spec.get("tasks", ())]
    deadlines = spec.get("deadlines") or ()
    return Revision(
        meta,
        canonical_json(spec),
        limit,
        uses_past=any(each and (each.get("dependsOnPast") or each.get("waitForDownstream")) for each in settings),
        catchup=(spec.get("schedule") or {}).get("catchup") is True,
        tells_retries=any(AlertEvent.TASK_RETRIED in each.get("events", ()) for each in spec.get("alerts") or ()),
        runtimes=max((each.get("runs", 10) for each in deadlines if each.get("reference") == _AVERAGE), default=0),
    )
