"""The Dag resource: what a user writes under `spec`, and what the controller answers under `status`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, Strict, StringConstraints

from controller.model.metadata import Meta
from controller.model.schema import (
    Bool,
    Condition,
    Duration,
    Int,
    Label,
    OpenObject,
    Quantity,
    Recorded,
    Text,
    Timestamp,
    Written,
)

MAX_TASKS: Final = 10_000
MAX_SCRIPT_BYTES: Final = 65_536


class TriggerRule(StrEnum):
    """When a task may start, judged on its direct upstream tasks."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_SKIPPED = "none_skipped"
    ALL_SKIPPED = "all_skipped"
    ALWAYS = "always"


class WeightRule(StrEnum):
    """How a task's effective priority follows from the weights around it."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"


class PullPolicy(StrEnum):
    """When a container's image is pulled, in Kubernetes' words."""

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"
    NEVER = "Never"


class ScheduleMode(StrEnum):
    """What a slot of the schedule means."""

    TRIGGER = "trigger"
    INTERVAL = "interval"


class OnEnable(StrEnum):
    """What happens when a Dag without catch-up is first seen."""

    WAIT = "wait"
    RUN_LATEST = "run-latest"


class MissedRuns(StrEnum):
    """What becomes of the slots that passed while nothing could run."""

    LATEST = "latest"
    NONE = "none"
    ALL = "all"


class Gap(StrEnum):
    """What a local time that a clock change leaves out becomes."""

    SHIFT = "shift"
    SKIP = "skip"


class Overlap(StrEnum):
    """Which of the two instants a doubled local time means."""

    LATER = "later"
    EARLIER = "earlier"
    BOTH = "both"


class DstPolicy(Written):
    """How fixed local times meet a clock change. An hour field that covers all 24 hours is not concerned."""

    gap: Gap = Gap.SHIFT
    """A local time that does not exist: `shift` runs it later by the gap, `skip` leaves it out. Default shift."""
    overlap: Overlap = Overlap.LATER
    """A local time that exists twice: run the `later` one, the `earlier` one or `both`. Default later."""


CronText = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Schedule(Written):
    """When runs are created by themselves. Exactly one of cron, crons and every."""

    cron: CronText | None = None
    """Five cron fields, or a preset: @hourly @daily @weekly @monthly @quarterly @yearly. Example `0 6 * * *`."""
    crons: Annotated[tuple[CronText, ...], Field(min_length=1, max_length=100)] | None = None
    """Several cron texts; an instant that two of them name makes one run."""
    every: Duration | None = None
    """A fixed span such as `6h`, counted from `start`, which it needs."""
    timezone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "UTC"
    """The IANA zone that cron's local times are in, such as Europe/Zurich. Default UTC."""
    start: Timestamp | None = None
    """The earliest logical date, included."""
    end: Timestamp | None = None
    """The latest logical date, included. Absent = no end."""
    mode: ScheduleMode = ScheduleMode.TRIGGER
    """`trigger`: a run starts at its slot and the logical date is that time. `interval`: a run starts when the data
    interval between two slots has ended and the logical date is its beginning. Default trigger."""
    catchup: Bool = False
    """Whether every slot since `start` gets a run, the oldest first. Needs `start`. Default false."""
    on_enable: OnEnable = OnEnable.WAIT
    """Without catch-up, when the Dag is first seen: `wait` for the next slot, or `run-latest` past slot at once.
    Default wait."""
    missed_runs: MissedRuns = MissedRuns.LATEST
    """Without catch-up, slots missed while the Dag was paused or the controller down: run the `latest` of them, `none`
    or `all`. Default latest."""
    dst: DstPolicy = DstPolicy()
    """How local times meet a clock change."""


class Concurrency(Written):
    """Limits of this Dag."""

    max_active_runs: Annotated[Int, Field(ge=1, le=10_000)] = 16
    """Runs that are running at once; more wait as Queued. Default 16."""
    max_active_tasks: Annotated[Int, Field(ge=1, le=100_000)] = 16
    """Tasks of one run that hold a Pod at once. Default 16."""


class Noop(Written):
    """Nothing is run: the task succeeds as soon as its trigger rule holds. Useful to join branches."""


class EnvVar(Written):
    """One environment variable of the task's container."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    """The variable's name. Names that begin with SLIPWAY_ are ours and refused."""
    value: Annotated[str, StringConstraints(max_length=32_768)] | None = None
    """The text. `{{ params.day }}` and `{{ tasks.load.output.rows }}` are filled in."""
    value_from: OpenObject | None = None
    """A source as in a Pod: secretKeyRef, configMapKeyRef, fieldRef or resourceFieldRef."""


class Resources(Written):
    """What the container asks for and may use at most, as in a Pod."""

    requests: Annotated[dict[str, Quantity], Field(max_length=32)] | None = None
    """Quantities to reserve, such as `cpu: 500m` and `memory: 1Gi`."""
    limits: Annotated[dict[str, Quantity], Field(max_length=32)] | None = None
    """Quantities not to exceed."""
    claims: Annotated[tuple[OpenObject, ...], Field(max_length=32)] | None = None
    """Names of resource claims of the Pod."""


class TaskSettings(Written):
    """What can be said of one task, or of all tasks of a Dag under `defaults`."""

    trigger_rule: TriggerRule | None = None
    """When the task may start, judged on its direct upstream tasks. Default all_success."""
    image: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None = None
    """The container image. Default: the controller's setting defaultTaskImage."""
    image_pull_policy: PullPolicy | None = None
    """When the image is pulled: Always, IfNotPresent or Never. Default: as Kubernetes decides from the tag."""
    env: Annotated[tuple[EnvVar, ...], Field(max_length=500)] | None = None
    """Environment variables; those of `defaults` are joined by name, the task's own win."""
    env_from: Annotated[tuple[OpenObject, ...], Field(max_length=100)] | None = None
    """ConfigMaps and Secrets whose every key becomes a variable, as in a Pod."""
    resources: Resources | None = None
    """CPU, memory and other quantities, as in a Pod."""
    service_account_name: Annotated[str, StringConstraints(min_length=1, max_length=253)] | None = None
    """The service account of the Pod. Its token is not mounted unless `pod` asks for it. Default: default."""
    retries: Annotated[Int, Field(ge=0, le=1000)] | None = None
    """Attempts after the first that failed by the task's own fault. Default 0."""
    infrastructure_retries: Annotated[Int, Field(ge=0, le=1000)] | None = None
    """Attempts after one that was evicted, preempted, deleted or lost its node; they spend no retry. Default 3."""
    launch_retries: Annotated[Int, Field(ge=0, le=1000)] | None = None
    """Attempts after one whose container never started; they spend no retry. Default 3."""
    retry_delay: Duration | None = None
    """The wait before a retry, from the end of the failed attempt. Default 300s."""
    retry_backoff: Annotated[float, Strict(), Field(ge=1, le=100)] | None = None
    """What each further delay is multiplied by, 2 doubles it; the wait is then spread over [base, 2 x base).
    Absent = always the same delay."""
    max_retry_delay: Duration | None = None
    """The longest wait before a retry. Default and upper limit: 1d."""
    timeout: Duration | None = None
    """How long one attempt may take, from the start of its Pod; then it fails with reason Timeout. Absent = none."""
    launch_timeout: Duration | None = None
    """How long the container may take to start once the Pod has a node; then the attempt is given up. Default 5m."""
    priority_weight: Annotated[Int, Field()] | None = None
    """The task's own weight in the queue; higher is sooner. Default 1."""
    weight_rule: WeightRule | None = None
    """`downstream` adds the weights of all tasks after it, `upstream` of all before it, `absolute` none.
    Default downstream."""
    pool: Annotated[str, StringConstraints(min_length=1, max_length=63)] | None = None
    """The Pool whose slots the task takes. Default: default, with 128 slots unless a Pool of that name says else."""
    pool_slots: Annotated[Int, Field(ge=1, le=1_000_000)] | None = None
    """How many slots of the pool the task takes. Default 1."""
    pod: OpenObject | None = None
    """A fragment of a PodSpec that is merged into the task's Pod: nodeSelector, tolerations, volumes, securityContext
    and so on. Container `main` is the task's; its command, the restart policy and our labels can't be changed."""


class Task(TaskSettings):
    """One node of the graph. Exactly one of command, script, python and a podless kind such as noop."""

    name: Label
    """Unique in the Dag: lower-case letters, digits and dashes, 63 at most."""
    command: Annotated[tuple[Text, ...], Field(min_length=1, max_length=1000)] | None = None
    """The program and its first words, run as they stand."""
    args: Annotated[tuple[Annotated[str, StringConstraints(max_length=32_768)], ...], Field(max_length=1000)] | None = (
        None
    )
    """Further words for `command`. `{{ params.day }}` and `{{ tasks.load.output.rows }}` are filled in."""
    script: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SCRIPT_BYTES)] | None = None
    """A shell script, run by `sh -e`. Nothing is filled in: it reads the environment. At most 64 KiB."""
    python: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SCRIPT_BYTES)] | None = None
    """A Python program, run by `python3`. Nothing is filled in: it reads the environment. At most 64 KiB."""
    noop: Noop | None = None
    """`noop: {}` runs nothing and needs no Pod."""
    depends_on: Annotated[tuple[Label, ...], Field(max_length=MAX_TASKS)] = ()
    """The tasks directly before this one. Default none."""


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
    params: Annotated[dict[str, OpenObject], Field(max_length=100)] = {}
    """Parameters of a run: a name for each JSON Schema. One without `default` must be given by every run."""
    defaults: TaskSettings = TaskSettings()
    """Settings for all tasks that do not say otherwise."""
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
    """When the schedule was first seen unpaused and valid: slots before it are only run with catch-up or run-latest."""
    last_scheduled: Timestamp | None = None
    """The logical date of the newest run that the schedule made: the cursor, which never goes back."""
    next_run: Timestamp | None = None
    """When the next run is due; absent when none is."""
    last_run: Text | None = None
    """The name of the run that was created last."""
    last_state: Text | None = None
    """That run's state."""
    active_runs: Int = 0
    """Runs that are queued or running."""
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    """Ready: the spec is valid and can be run. Paused: `spec.paused` is set."""


@dataclass(frozen=True, slots=True)
class Dag:
    """One Dag object. The spec stays text, since it is compared, snapshotted and judged as a whole."""

    meta: Meta
    spec_json: str
    """The spec as canonical JSON (`canonical_json`), as the user wrote it, faults and all; without `paused`."""
    paused: bool
    """Whether the user wants no new runs and no new tasks: kept apart, so that pausing makes no new revision."""
    status: DagStatus


@dataclass(frozen=True, slots=True)
class Revision:
    """A ControllerRevision: an immutable snapshot of a Dag's spec, without `paused`."""

    meta: Meta
    spec_json: str
    max_active_tasks: int
    """The run limit that the gate asks for at every look, so it is taken out of the text once."""


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
    return Revision(meta, canonical_json(spec), limit)
