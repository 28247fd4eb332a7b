"""A task of a Dag, and the settings that a Dag's `defaults` can give to all of its tasks."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, Strict, StringConstraints

from controller.model.schema import Duration, Int, Label, OpenObject, Quantity, Text, Written

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
