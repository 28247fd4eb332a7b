"""What a decider sees: one frozen record per question, gathered by observe, judged by decide.

Mappings in a snapshot are read-only views of the store and are valid only during the decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.pod import Pod
from controller.model.policy import Policy
from controller.model.standing import Standing
from controller.model.taskrun import TaskRun


@dataclass(frozen=True, slots=True)
class DagSnapshot:
    """Everything that decides what becomes of a Dag."""

    dag: Dag
    has_revision: bool
    """Whether the ControllerRevision of today's spec exists."""
    active_runs: int
    """Runs of the Dag that are queued or running, backfills left out."""
    newest_run: DagRun | None
    """The run that was created last."""
    status_written_at: datetime | None
    """When this controller last wrote the Dag's status."""
    policy: Policy
    awake_since: datetime
    """When this controller began to watch: slots that came due before it are missed ones."""


@dataclass(frozen=True, slots=True)
class PreviousRun:
    """The run before, by logical date, of the same Dag."""

    name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """Everything that decides what becomes of a run."""

    run: DagRun
    dag: Dag | None
    revision: Revision | None
    """The pinned revision, or before adoption the one of the Dag's spec; None while it was not seen."""
    task_runs: Mapping[str, TaskRun]
    """The run's TaskRuns by instance."""
    standing: Standing
    """Where the run's instances stand: its TaskRuns, and what is settled without one."""
    previous: PreviousRun | None
    """The run before, for a Dag with tasks that depend on it; None = there is none."""
    changed: frozenset[str] | None
    """Instances whose state may have changed since the last decision that was carried out; None = look at all."""
    running_runs: int
    """Running runs of the same Dag, this one left out."""
    is_next: bool
    """Whether no other queued run of the Dag comes before this one."""
    status_written_at: datetime | None
    """When this controller last wrote the run's status."""
    policy: Policy


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool and how much of it is taken."""

    name: str
    slots: int | None
    """None = the pool does not exist; -1 = without limit."""
    used: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A TaskRun that waits for its Pod."""

    key: Key
    run: Key
    pool: str
    slots: int
    retry_at: datetime | None
    paused: str | None
    """What is paused, in words, such as `Dag etl`; None when nothing is."""
    run_limit: int
    """maxActiveTasks of the run."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of the limits is taken by live Pods and by Pods about to be created."""

    total: int
    parallelism: int
    by_run: Mapping[Key, int]
    pools: Mapping[tuple[str, str], PoolUse]
    """By namespace and pool name."""


@dataclass(frozen=True, slots=True)
class GateSnapshot:
    """The heads of the queue and the use of every limit."""

    candidates: tuple[Candidate, ...]
    """Tasks that could be next, in queue order: priority, then logical date, then age."""
    next_retry_at: datetime | None
    """When the next task that waits for its time joins the queue."""
    use: Use


@dataclass(frozen=True, slots=True)
class PodRefusal:
    """The API server's answer to a Pod that it did not accept."""

    reason: str
    """Quota, ServiceAccount or NameTaken for one that may be accepted later, else PodRefused."""
    message: str
    since: datetime
    """When the API server first said so."""
    try_again_at: datetime | None
    """None when trying again would bring the same answer."""


@dataclass(frozen=True, slots=True)
class TaskSnapshot:
    """Everything that decides what becomes of a TaskRun."""

    task_run: TaskRun
    run: DagRun | None
    """None when the run is gone."""
    revision: Revision | None
    pods: tuple[Pod, ...]
    """The Pods of its attempts, the oldest first."""
    kubelet_lag: timedelta
    """How late kubelets tell of ends at present."""
    task_runs: Mapping[str, TaskRun]
    """The run's TaskRuns by instance, whose outputs templates may read."""
    refused: PodRefusal | None
    """What the API server said to the last Pod, if it refused it."""
    admitted: bool
    """Whether the gate has let this task through."""
    candidate: Candidate | None
    """The task as the gate sees it, while it waits for a Pod."""
    use: Use
    policy: Policy


@dataclass(frozen=True, slots=True)
class OrphanSnapshot:
    """A Pod of ours whose TaskRun is gone, terminating or another one of that name."""

    pod: Pod
