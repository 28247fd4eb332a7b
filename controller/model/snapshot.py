"""What a decider sees: one frozen record per question, gathered by observe, judged by decide.

Mappings in a snapshot are read-only views of the store and are valid only during the decision.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.model.alerts import Deliveries, Targets
from controller.model.artifacts import Artifact
from controller.model.assets import Update
from controller.model.backfill import Backfill
from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun
from controller.model.gate import Candidate, Use
from controller.model.metadata import Key
from controller.model.outside import Outside
from controller.model.pod import Pod
from controller.model.policy import Policy
from controller.model.pool import Pool
from controller.model.standing import Standing
from controller.model.states import RunState
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
    failed_in_a_row: int = 0
    """How many of the last runs that ended failed, since the Dag was last let go on."""
    pools: Mapping[Key, Pool] = field(default_factory=dict)
    """All Pool objects."""
    updates: tuple[Update, ...] = ()
    """Updates of assets that the Dag waits for, as long as their TaskRuns do not say that they are noted."""
    last_revision: Revision | None = None
    """The one that new runs were pinned to last; None while there is none, or that was not seen."""
    targets: Targets = field(default_factory=dict)
    """Whom alerts may be sent to."""
    deliveries: Deliveries = field(default_factory=dict)
    """What came of sending the Dag's own alerts."""


@dataclass(frozen=True, slots=True)
class PreviousRun:
    """The run before, by logical date, of the same Dag."""

    name: str
    standing: Standing
    revision: Revision | None
    """The revision that it is pinned to; None while it is not, or that was not seen."""
    expansions: Mapping[str, int]
    """How many elements its mapped tasks and groups have, where that is known."""


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
    """Running runs of the same Dag, this one left out; of a backfill's run those of the backfill."""
    is_next: bool
    """Whether no other queued run of these comes before this one."""
    status_written_at: datetime | None
    """When this controller last wrote the run's status."""
    policy: Policy
    backfill: Backfill | None = None
    """The backfill that the run belongs to, whose limit and pause hold for it; None = there is none (any more)."""
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    """What was read of the artifact store for its mappings, by key."""
    targets: Targets = field(default_factory=dict)
    """Whom alerts may be sent to."""
    deliveries: Deliveries = field(default_factory=dict)
    """What came of sending the run's alerts."""
    runtimes: tuple[timedelta, ...] = ()
    """How long the last runs of the Dag took that succeeded, where a deadline that is to be set asks for them."""


@dataclass(frozen=True, slots=True)
class BackfillSnapshot:
    """Everything that decides what becomes of a backfill."""

    backfill: Backfill
    dag: Dag | None
    revision: Revision | None
    """The one whose schedule it takes, before it is planned the one of the Dag's spec; None while it was not seen."""
    others: tuple[Backfill, ...]
    """Other backfills of the Dag that have not ended."""
    runs: Mapping[Key, DagRun]
    """All runs."""
    dates: Sequence[tuple[datetime, datetime, Key]]
    """The logical dates of the Dag's runs, rising, with the runs' ages and keys."""
    active: tuple[DagRun, ...]
    """The backfill's runs that have not ended, or are to be cleared."""
    failed: int
    """How many of its runs stand as Failed."""
    status_written_at: datetime | None
    """When this controller last wrote the backfill's status."""
    policy: Policy


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
    awaited: Collection[str] = ()
    """The assets that Dags of the namespace wait for."""
    noted: bool = False
    """Whether all Dags that wait for what the task has updated have noted that."""
    outside: Outside = field(default_factory=Outside)
    """What a task without a Pod sees beyond its run."""
    granted: frozenset[str] = frozenset()
    """The service accounts that the author of the revision's spec may use, as admission has found."""


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """Everything that a Pool's status says."""

    pool: Pool
    used: int
    queued: int
    holders: tuple[str, ...]
    """The first TaskRuns that hold slots, by name."""
    status_written_at: datetime | None
    """When this controller last wrote the Pool's status."""
    policy: Policy


@dataclass(frozen=True, slots=True)
class RetentionSnapshot:
    """Everything that decides what of a Dag has had its time. The collections are views, asked about few runs."""

    dag: Dag | None
    """None = it is gone, or was never there."""
    ended: Mapping[RunState, Sequence[tuple[datetime, Key]]]
    """The Dag's runs that have ended, by state, with their ends, the oldest first."""
    last_ended: Sequence[tuple[datetime, Key]]
    """The runs that count when failed runs in a row are counted, the one that ended last at the end."""
    runs: Mapping[Key, DagRun]
    """All runs."""
    recorded: Container[Key]
    """Runs of which every row is committed, with their tasks, and whose Pods are released."""
    needed: Container[Key]
    """Runs that something at work still looks at."""
    needed_from: datetime | None
    """From this logical date on all runs are looked at: by a backfill of the Dag, or a dagSensor of another one."""
    revisions: tuple[Revision, ...]
    """The Dag's revisions that no run and no unfinished backfill refers to."""
    backfills: tuple[Backfill, ...]
    """The Dag's backfills that have ended, and none of whose runs is there."""
    recorded_others: Container[Key]
    """The revisions and backfills of which every row is committed."""
    policy: Policy


@dataclass(frozen=True, slots=True)
class OrphanSnapshot:
    """A Pod of ours whose TaskRun is gone, terminating or another one of that name."""

    pod: Pod
