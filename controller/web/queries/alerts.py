"""The deadlines of a run and the alerts about it, as its row has them."""

from typing import Any

from controller.web.answer import Answer


class RunDeadline(Answer):
    """One deadline of a run."""

    name: str
    """Its name in the Dag."""
    at: str
    """When it is missed."""
    risk_at: str | None = None
    """When it counts as at risk."""
    state: str
    """Set, AtRisk or Missed; one that was met is not listed."""


class RunAlert(Answer):
    """One alert that is to be sent, or was."""

    alert: str
    """Its name in the Dag."""
    event: str
    """What it tells of: runFailed, taskFailed, deadlineMissed and so on."""
    deadline: str | None = None
    """Of one about a deadline: its name."""
    count: int
    """How many ends of tasks it tells of."""
    after: str
    """When it is sent, at the earliest."""
    sent: list[str]
    """The targets that have taken it."""
    failed: dict[str, str]
    """The targets that were given up, and why."""
    done_at: str | None = None
    """When the last target was done with; absent = it is under way."""


def deadline_of(told: dict[str, Any]) -> RunDeadline:
    """A deadline as the row has it."""
    return RunDeadline(**{name: told[name] for name in ("name", "at", "riskAt", "state") if name in told})


def alert_of(told: dict[str, Any]) -> RunAlert:
    """An alert as the row has it, without what only the controller needs."""
    known = ("alert", "event", "deadline", "after", "doneAt")
    more = {"count": told.get("count", 1), "sent": told.get("sent", []), "failed": told.get("failed", {})}
    return RunAlert(**{name: told[name] for name in known if name in told}, **more)
