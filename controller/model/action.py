"""What a decider wants done: one frozen record per deed, each idempotent. `act` has one function for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from controller.model.alerts import SendAlert
from controller.model.approval import ApprovalSpec
from controller.model.dagrun import Cancel, DagRunSpec
from controller.model.gate import Kept
from controller.model.metadata import Key, Meta
from controller.model.pod import Pod
from controller.model.request import Request
from controller.model.taskrun import TaskRunSpec, Verdict


class Kind(StrEnum):
    """The kinds that Slipway watches."""

    DAG = "Dag"
    DAG_RUN = "DagRun"
    TASK_RUN = "TaskRun"
    POOL = "Pool"
    APPROVAL = "Approval"
    BACKFILL = "Backfill"
    POD = "Pod"
    REVISION = "ControllerRevision"


@dataclass(frozen=True, slots=True)
class CreateRevision:
    """Snapshot a Dag's spec."""

    dag: Meta
    name: str
    spec_json: str


@dataclass(frozen=True, slots=True)
class CreateRun:
    """Create a DagRun that the Dag owns."""

    dag: Meta
    name: str
    spec: DagRunSpec
    labels: Mapping[str, str] = field(default_factory=dict)
    """What it is labelled with besides its Dag."""


@dataclass(frozen=True, slots=True)
class AskRun:
    """Ask something of a run, as a person would; any earlier request of its spec is replaced."""

    run: Meta
    request: Request
    labels: Mapping[str, str]
    """Labels that it gets."""
    lifts_cancel: bool = False
    """Whether spec.cancel is taken away, which would end the run again."""


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Cancel a run, as a person would."""

    run: Meta
    how: Cancel


@dataclass(frozen=True, slots=True)
class AdoptRun:
    """Make the Dag the owner of a run that a user created."""

    run: Meta
    dag: Meta


@dataclass(frozen=True, slots=True)
class CreateTaskRun:
    """Create a TaskRun that the run owns."""

    run: Meta
    name: str
    spec: TaskRunSpec


@dataclass(frozen=True, slots=True)
class DirectTask:
    """Tell a TaskRun what the run says about it, if it is still at the version that was judged."""

    task_run: Meta
    verdict: Verdict
    round: int | None = None
    """A higher round makes it begin anew; None = the same."""
    why: str | None = None
    item: str | None = None
    """The element that a mapped task is about now; None = the same."""


@dataclass(frozen=True, slots=True)
class CreatePod:
    """Create the Pod of an attempt."""

    task_run: Meta
    attempt: int
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CreateApproval:
    """Ask people a question for an attempt."""

    task_run: Meta
    name: str
    spec: ApprovalSpec


@dataclass(frozen=True, slots=True)
class Url:
    """Something to ask by HTTP."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ObjectName:
    """An object of the task's own namespace."""

    api_version: str
    resource: str
    """The kind's name in URLs, such as jobs."""
    name: str


@dataclass(frozen=True, slots=True)
class Look:
    """Look at something outside for a sensor; what is seen goes into memory, and the TaskRun is asked again."""

    task_run: Meta
    attempt: int
    at: Url | ObjectName


@dataclass(frozen=True, slots=True)
class ReadArtifact:
    """Read a list in the artifact store for a mapping; it goes into memory, and the run is asked again."""

    run: Meta
    round: int
    """The run's round: what was read in an earlier one is not used again."""
    key: str


@dataclass(frozen=True, slots=True)
class WriteStatus:
    """Merge into an object's status, if it is still at the version that was judged."""

    kind: Kind
    meta: Meta
    patch: Mapping[str, Any]
    """Only the fields that change; None removes one."""


@dataclass(frozen=True, slots=True)
class ReleasePod:
    """Take our finalizer off a Pod whose result is kept, once its log is archived or has had its time to be."""

    pod: Meta
    log_of: Pod | None = None
    """The Pod with what is known of it; None = its log is not archived."""


@dataclass(frozen=True, slots=True)
class DeletePod:
    """End a Pod."""

    pod: Meta
    grace_seconds: int | None
    """None = the Pod's own grace period."""


@dataclass(frozen=True, slots=True)
class Collect:
    """Delete what has had its time, if it is still at the version that was judged; what it owns goes with it."""

    kind: Kind
    meta: Meta


@dataclass(frozen=True, slots=True)
class Tell:
    """Publish a Kubernetes Event about an object."""

    kind: Kind
    about: Meta
    reason: str
    message: str
    warning: bool = False


Action = (
    CreateRevision
    | CreateRun
    | AskRun
    | CancelRun
    | AdoptRun
    | CreateTaskRun
    | DirectTask
    | CreatePod
    | CreateApproval
    | Look
    | ReadArtifact
    | SendAlert
    | WriteStatus
    | ReleasePod
    | DeletePod
    | Collect
    | Tell
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, in order, and when to look again if nothing changes before."""

    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """The gate's answer: the TaskRuns that may have a Pod now."""

    admitted: tuple[Key, ...] = ()
    wake_at: datetime | None = None
    kept: Mapping[Key, Kept] = field(default_factory=dict)
    """By pool, for whom slots are kept that come free."""
    again: bool = False
    """Whether there may be room for tasks that were not among the candidates."""
