"""Why something does not run, as it is told to a caller."""

from typing import Final

from controller.decide.why import Reason
from controller.web.answer import Answer, Time

_KINDS: Final = {
    "backfill": "Backfill",
    "dag": "Dag",
    "dagrun": "DagRun",
    "taskrun": "TaskRun",
    "task": "Task",
    "pool": "Pool",
    "pod": "Pod",
}


class Thing(Answer):
    """Something to look at."""

    kind: str
    """Dag, DagRun, TaskRun, Pool, Backfill or Pod; Task for one that has no TaskRun."""
    namespace: str
    """Where it lives."""
    name: str
    """Its name; of a Task its name in the Dag, as `load[3]` for an instance."""


class WhyReason(Answer):
    """One reason."""

    code: str
    """A CamelCase word."""
    text: str
    """One sentence with the value that matters."""
    task: str | None
    """The task or instance that does not run because of it; absent where it is the whole run."""
    object: Thing | None
    """What to look at."""
    since: Time | None
    """Since when, where somebody has noted it."""
    until: Time | None
    """When it ends by itself, where that is known."""
    way_on: str | None
    """What to do about it, where there is something."""


class Why(Answer):
    """Why something does not run."""

    running: bool
    """Whether it is at work."""
    reasons: list[WhyReason]
    """What stands in its way, or how it stands; the first is what to look at first."""


def told(reason: Reason, namespace: str) -> WhyReason:
    """The reason as it is told."""
    kind, _, name = reason.object.partition("/")
    return WhyReason(
        code=reason.reason,
        text=reason.message,
        task=reason.instance,
        object=Thing(kind=_KINDS[kind], namespace=namespace, name=name),
        since=reason.since,
        until=reason.until,
        way_on=reason.way_on,
    )
