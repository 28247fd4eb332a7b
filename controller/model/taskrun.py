"""The TaskRun resource: one task of one run, with the account of every attempt."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from controller.model.assets import MOST_ASSETS, Update
from controller.model.instance import instance_id
from controller.model.metadata import Meta
from controller.model.schema import (
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
from controller.model.states import TASK_FINAL, TaskState

ATTEMPTS_KEPT: Final = 10
"""Attempts listed in status; the metastore keeps all."""


POD: Final = "pod"
"""The kind of a task that runs in a Pod."""


class Fault(StrEnum):
    """Whose fault an attempt's end is: each has a retry budget of its own."""

    APPLICATION = "Application"
    INFRASTRUCTURE = "Infrastructure"
    LAUNCH = "Launch"
    CANCELLED = "Cancelled"


class Verdict(StrEnum):
    """What the run says about a task that has a TaskRun."""

    RUN = "Run"
    HOLD = "Hold"
    SUCCESS = "Success"
    FAILED = "Failed"
    SKIPPED = "Skipped"
    UPSTREAM_FAILED = "UpstreamFailed"
    REMOVED = "Removed"
    STOP = "Stop"


class TaskRunSpec(Written):
    """Which task of which run. Written by the controller; only verdict, round and why change."""

    dag_run_ref: Reference
    """The run, in the same namespace."""
    dag_ref: Reference
    """The Dag of the run."""
    task: Label
    """The task's name in the run's revision."""
    index: Annotated[Int, Field(ge=0)] | None = None
    """The place in a mapped task, from 0; absent for a task that is not mapped."""
    logical_date: Timestamp | None = None
    """The run's logical date, by which the queue is ordered."""
    pool: Annotated[str, StringConstraints(max_length=63)] = "default"
    """The pool whose slots the task takes."""
    pool_slots: Int = 1
    """How many slots it takes."""
    priority: Int = 1
    """The effective weight; higher is sooner. Cut to 64 bits."""
    backfill: Bool = False
    """Whether the run is one of a backfill: its tasks come after all others. Default false."""
    kind: Annotated[str, StringConstraints(max_length=32)] = POD
    """`pod`, or the podless kind of the task, such as wait: then it has no Pod and takes no slot."""
    item: Annotated[str, StringConstraints(max_length=32_768)] | None = None
    """The element of a mapped task as JSON text."""
    max_active_per_run: Int | None = None
    """Instances of the task in one run that hold a Pod at once."""
    max_active_per_dag: Int | None = None
    """Instances of the task in all runs that hold a Pod at once."""
    verdict: Verdict = Verdict.RUN
    """`Run`; `Hold` after a clear, until the trigger rule holds again; the end state that the run or a person gave the
    task, which ends a Pod at work; or `Stop`: Failed for a task at work, else Skipped."""
    round: Int = 0
    """How often the task was cleared, as a number that rises: a higher one than in status makes it begin anew."""
    why: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """The reason of a verdict, in one sentence."""


class Attempt(Recorded):
    """How one attempt ended."""

    number: Int
    """The attempt's number, from 1."""
    pod: Text
    """The Pod's name."""
    state: TaskState
    """Success, Failed or Skipped."""
    fault: Fault | None = None
    """Whose fault the end was; absent for a success."""
    reason: Text | None = None
    """A CamelCase word: Error, OOMKilled, Timeout, Evicted, StartError and so on."""
    message: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """One sentence."""
    exit_code: Int | None = None
    """The exit code of container `main`; absent if it never ended by itself."""
    node: Text | None = None
    """The node the Pod ran on."""
    started_at: Timestamp | None = None
    """When the container started; absent if it never did."""
    finished_at: Timestamp
    """When the attempt ended."""
    memory: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The memory limit that the attempt had, of a task with onOOM."""
    updates: Annotated[tuple[Text, ...], Field(max_length=MOST_ASSETS)] | None = None
    """The assets that the attempt updated, by its success."""


class Failures(Recorded):
    """Failed attempts by whose fault they were."""

    application: Int = 0
    """By the task's own fault: these spend `retries`."""
    infrastructure: Int = 0
    """Evicted, preempted, deleted, node lost."""
    launch: Int = 0
    """The container never started."""
    before: Int = 0
    """The task's own attempts before it was last cleared; they only make the back-off longer."""
    oom: Int = 0
    """Attempts that were OOMKilled, also before a clear; onOOM counts them."""


class TaskRunStatus(Recorded):
    """What became of a task."""

    state: TaskState = TaskState.SCHEDULED
    """Scheduled, Queued, Running, Success, Failed, Skipped, UpstreamFailed, UpForRetry, Deferred or Removed."""
    attempt: Annotated[Int, Field(alias="try")] = 0
    """The number of the newest attempt, from 1."""
    round: Int = 0
    """The round of the spec that this status is about."""
    pod: Text | None = None
    """The newest attempt's Pod."""
    pod_uid: Text | None = None
    """That Pod's uid."""
    node: Text | None = None
    """The node of that Pod."""
    started_at: Timestamp | None = None
    """When the newest attempt's container started."""
    finished_at: Timestamp | None = None
    """When the task ended, or its last failed attempt."""
    duration: Annotated[str, StringConstraints(max_length=32)] | None = None
    """How long the newest attempt ran, such as 3m12s; written when it ends."""
    exit_code: Int | None = None
    """The exit code of the newest attempt."""
    reason: Text | None = None
    """Why the newest attempt ended as it did, in a CamelCase word."""
    message: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """The same in one sentence."""
    output: Annotated[str, StringConstraints(max_length=4096)] | None = None
    """The JSON text that the task wrote to the file SLIPWAY_OUTPUT; text, so that a null in it survives a merge."""
    retry_at: Timestamp | None = None
    """When the next attempt may start."""
    waiting_for: Annotated[tuple[Waiting, ...], Field(max_length=16)] = ()
    """What the task waits for, the first reason first."""
    failures: Failures = Failures()
    """How much of each retry budget is spent."""
    attempts: Annotated[tuple[Attempt, ...], Field(max_length=ATTEMPTS_KEPT)] = ()
    """The last 10 attempts that ended, the oldest first."""
    noted: Int = 0
    """Up to this attempt, the Dags that wait for updates of assets have noted them."""
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    """Succeeded: True or False once the task has ended. Finished: True in every end state."""


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One TaskRun object."""

    meta: Meta
    spec: TaskRunSpec
    status: TaskRunStatus

    @property
    def ended_attempts(self) -> int:
        """The number of the last attempt whose result is kept; 0 before the first."""
        return self.status.attempts[-1].number if self.status.attempts else 0

    @property
    def instance(self) -> str:
        """The task, or `task[3]` of a mapped one."""
        return instance_id(self.spec.task, self.spec.index)

    @property
    def unnoted(self) -> tuple[Update, ...]:
        """The updates of assets that Dags may not have noted yet."""
        status = self.status
        return tuple(
            Update(f"{self.meta.uid}/{each.number}", self.meta.name, each.number, each.updates, each.finished_at)
            for each in status.attempts
            if each.updates and each.number > status.noted
        )

    @property
    def wants_pod(self) -> bool:
        """Whether the task waits for a Pod as soon as it has none."""
        spec, status = self.spec, self.status
        told = spec.verdict is Verdict.RUN and spec.round == status.round
        return told and spec.kind == POD and status.state not in TASK_FINAL

    @property
    def standing(self) -> TaskState | None:
        """Where the run may say that the task stands; None for one that was cleared and has not begun anew.

        What the run has asked for, and the task has not done yet, counts as still at work. A removed one, whose
        element the mapping has no more, counts for nothing.
        """
        spec, status = self.spec, self.status
        if spec.verdict in (Verdict.HOLD, Verdict.REMOVED):
            return None
        if spec.round != status.round:
            return TaskState.SCHEDULED
        told = spec.verdict is Verdict.RUN or status.state.value == spec.verdict.value
        stopped = spec.verdict is Verdict.STOP and status.state in TASK_FINAL
        return status.state if told or stopped else TaskState.RUNNING


def parse_task_run(meta: Meta, raw: dict[str, Any]) -> TaskRun:
    """The object's spec and status; pydantic's ValidationError when the API server let a fault through."""
    return TaskRun(meta, TaskRunSpec.model_validate(raw["spec"]), TaskRunStatus.model_validate(raw.get("status") or {}))
