"""One reason why something does not run."""

from dataclasses import dataclass
from datetime import datetime


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
