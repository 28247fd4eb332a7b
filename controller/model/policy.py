"""Settings of the installation that decisions depend on."""

from dataclasses import dataclass, field
from datetime import timedelta

from controller.model.pod_policy import PodPolicy
from controller.model.retention import Limits


@dataclass(frozen=True, slots=True)
class ArtifactStore:
    """Where tasks keep values that are too large for an output: a claim, or a bucket."""

    claim: str = ""
    """A PersistentVolumeClaim in the task's namespace; empty = the bucket."""
    url: str = ""
    """s3://BUCKET or s3://BUCKET/PREFIX."""
    secret: str = ""
    """The Secret in the task's namespace whose keys become variables, such as AWS_ACCESS_KEY_ID; empty = none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator of this Slipway has set."""

    default_task_image: str
    """The image of a task that names none."""
    parallelism: int = 32
    """Tasks of all Dags that hold a Pod at once; 1 = the sequential executor."""
    keep_slots_after: timedelta = timedelta(seconds=60)
    """How long a task that needs several slots of a pool waits before those that come free are kept for it."""
    tell_after: timedelta = timedelta(seconds=2)
    """How long a task or run must wait before a write tells so."""
    tell_running_after: timedelta = timedelta(seconds=5)
    """How long a task must run before a write tells so; the kubelet tells of an end up to 3 s late."""
    tell_again_after: timedelta = timedelta(seconds=30)
    """The least time between two writes of waiting reasons of one task."""
    progress_every: timedelta = timedelta(seconds=3)
    """The least time between two writes of a run's counts."""
    resources: Limits = field(default_factory=Limits)
    """How many runs that have ended stay as resources, and how long, where their Dag says nothing."""
    alerts_url: str = ""
    """The UI's address, for links in alerts; empty = no links."""
    keep_revisions_for: timedelta | None = None
    """How old a revision is at least when it goes, once nothing refers to it; None = it stays."""
    artifacts: ArtifactStore | None = None
    """The artifact store; None = there is none."""
    tracing: bool = False
    """Whether spans of runs are sent, so that tasks may join their own to them."""
    pods: PodPolicy | None = None
    """What tasks' Pods may be; None = whatever the namespace lets them be."""
    closed_namespace: str = ""
    """The namespace whose Dags are not run, as the controller itself is there; empty = none."""
    trusts_authorship: bool = False
    """Whether what annotations say of authors counts, as the webhook writes them."""
