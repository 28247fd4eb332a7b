"""What a podless kind says of a task at one look."""

from dataclasses import dataclass
from datetime import datetime

from controller.decide.attempt import Outcome
from controller.model.action import Action


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of the attempt, or what it waits for."""

    outcome: Outcome | None = None
    """How the attempt ended; None while it goes on."""
    reason: str = ""
    """What it waits for, in a CamelCase word."""
    message: str = ""
    """The same in one sentence."""
    wake_at: datetime | None = None
    """When to look again."""
    actions: tuple[Action, ...] = ()
    """What is to be done meanwhile."""
