"""A task of a Dag, and the settings that a Dag's `defaults` can give to all of its tasks."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, Strict, StringConstraints

from controller.model.assets import MOST_ASSETS, AssetName
from controller.model.attempts import ExitCode, OnOOM, RetryRule
from controller.model.kinds import (
    Approval,
    Branch,
    DagSensor,
    HttpSensor,
    Noop,
    ResourceSensor,
    ShortCircuit,
    TriggerDag,
    Wait,
)
from controller.model.schema import Anything, Bool, Duration, Int, Label, OpenObject, Quantity, Text, Written

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


class Role(StrEnum):
    """What a task is to the tasks around it."""

    WORK = "work"
    SETUP = "setup"
    TEARDOWN = "teardown"


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


class MapAxis(Written):
    """One of several lists whose combinations a task is mapped over."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=63)]
    """What an element is called: `{{ item.file }}`."""
    over: Anything
    """A list, or one expression that gives a list, such as `{{ tasks.find.output }}`."""


class Map(Written):
    """Runs a task, or a group of tasks, once for each element of a list. Exactly one of over and product."""

    over: Anything = None
    """A list, or one expression that gives a list, such as `{{ tasks.find.output }}`; from an object each
    `{key, value}`. An element is `{{ item }}`, and as JSON text SLIPWAY_ITEM; its place from 0 is SLIPWAY_INDEX."""
    product: Annotated[tuple[MapAxis, ...], Field(min_length=1, max_length=10)] | None = None
    """Several lists: every combination of their elements, the last list varying fastest."""
    window: Annotated[Int, Field(ge=1, le=10_000)] = 100
    """TaskRuns of one mapped task that are unfinished at once; the next ones are made as these end. Default 100."""


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
    skip_exit_codes: Annotated[tuple[ExitCode, ...], Field(max_length=256)] | None = None
    """Exit codes with which the task asks to be skipped; an empty list = none. Default 99."""
    retry_rules: Annotated[tuple[RetryRule, ...], Field(max_length=50)] | None = None
    """What becomes of attempts that fail with some exit codes or reasons; the first rule that fits counts."""
    on_oom: Annotated[OnOOM | None, Field(alias="onOOM")] = None
    """More memory for the attempts after one that was OOMKilled. Absent = always the same."""
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
    depends_on_past: Bool | None = None
    """Whether the task waits until the same task of the run before, by logical date, succeeded or was skipped.
    Default false."""
    wait_for_downstream: Bool | None = None
    """Whether it also waits for the tasks directly after that one. Default false."""
    ignore_first_depends_on_past: Bool | None = None
    """Whether `dependsOnPast` lets the task run where the run before had no such task. Default false."""
    wait_for_past_before_skipping: Bool | None = None
    """Whether a task with `dependsOnPast` is skipped only once that is fulfilled. Default false."""
    max_active_per_run: Annotated[Int, Field(ge=1, le=100_000)] | None = None
    """Instances of this task in one run that hold a Pod at once. Absent = no limit."""
    max_active_per_dag: Annotated[Int, Field(ge=1, le=100_000)] | None = None
    """Instances of this task in all runs of the Dag that hold a Pod at once. Absent = no limit."""
    artifacts: Bool | None = None
    """Whether the Pod is given the artifact store, for values that are too large for an output. Default false."""
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
    branch: Branch | None = None
    """Chooses which of the tasks directly after it go on. Needs no Pod."""
    short_circuit: ShortCircuit | None = None
    """Skips what comes after it unless a condition holds. Needs no Pod."""
    wait: Wait | None = None
    """Waits for a time, without a Pod."""
    http_sensor: HttpSensor | None = None
    """Asks a URL until the answer is as wanted, without a Pod."""
    resource_sensor: ResourceSensor | None = None
    """Looks at a Kubernetes object until it is as wanted, without a Pod."""
    dag_sensor: DagSensor | None = None
    """Waits for another Dag's runs about the same time, without a Pod."""
    trigger_dag: TriggerDag | None = None
    """Makes a run of another Dag, without a Pod."""
    approval: Approval | None = None
    """Waits for a person's answer, without a Pod."""
    depends_on: Annotated[tuple[Label, ...], Field(max_length=MAX_TASKS)] = ()
    """The tasks, or groups of tasks, directly before this one. Default none."""
    updates: Annotated[tuple[AssetName, ...], Field(max_length=MOST_ASSETS)] = ()
    """The assets that the task has updated once it succeeds, by name or URI: Dags whose schedule waits for them run.
    Default none."""
    group: Label | None = None
    """The group that the task belongs to. Absent = none."""
    map: Map | None = None
    """Runs the task once for each element of a list. Absent = once."""
    role: Role = Role.WORK
    """`setup`: what the tasks behind it need. `teardown`: clears up after the setups directly before it, also when the
    tasks between have failed; its default trigger rule is all_done_setup_success. Default work."""
    fails_run: Bool = False
    """Of a teardown: whether its failure fails the run. Default false."""


class Group(Written):
    """Tasks that belong together: seen as one in `dependsOn`, with settings in common, and folded in views."""

    name: Label
    """Unique among the Dag's tasks and groups."""
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """What the group is for, in a sentence."""
    group: Label | None = None
    """The group around this one. Absent = none."""
    depends_on: Annotated[tuple[Label, ...], Field(max_length=MAX_TASKS)] = ()
    """What the group's first tasks depend on besides their own: tasks or groups. Default none."""
    defaults: TaskSettings = TaskSettings()
    """Settings for the tasks in it that do not say otherwise; they come before those of groups around it."""
    map: Map | None = None
    """Runs the whole group once for each element of a list. Absent = once."""
