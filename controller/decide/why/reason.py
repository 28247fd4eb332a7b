"""One reason why something does not run, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

_WAYS_ON: Final = {
    "Approval": "Answer the question",
    "Cancelled": "Trigger a new run, or clear this one once it has ended",
    "DagMissing": "Apply the Dag",
    "DagNotReady": "Mend the Dag: its condition Ready says what is wrong",
    "ImagePull": "Look at the Events of the Pod, and at the name of the image and its pull secret",
    "MappingWindow": "Raise the mapping's window",
    "Parallelism": "Raise the setting parallelism",
    "Paused": "Set spec.paused to false",
    "Pool": "Raise the slots of the pool, or wait until some come free",
    "PreviousRun": "Clear or mark the task in the run before",
    "Quota": "Raise the namespace's quota, or wait until something else has ended",
    "RunLimit": "Raise concurrency.maxActiveRuns of the Dag, or end another run",
    "TaskInstanceLimit": "Raise the task's maxActivePerRun or maxActivePerDag",
    "TaskLimit": "Raise concurrency.maxActiveTasks of the Dag",
    "Unschedulable": "Look at the Events of the Pod: no node has room for it, or none that it may run on",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What stands in the way, or why nothing does."""

    reason: str
    """A CamelCase word, of resources where they have one for it."""
    object: str
    """What to look at, as kubectl names it: `pool/etl`; of a task that has no TaskRun, `task/load`."""
    message: str
    """One sentence."""
    since: datetime | None = None
    """None where nobody has noted it."""
    instance: str | None = None
    """The instance that does not run because of it; None where it is the whole run."""
    until: datetime | None = None
    """When it ends by itself; None where that is not known."""

    @property
    def way_on(self) -> str | None:
        """What to do about it; None where there is nothing to do but to wait."""
        return _WAYS_ON.get(self.reason)
