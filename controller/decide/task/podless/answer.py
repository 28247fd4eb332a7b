"""What a podless kind says of a task at one look."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.decide.attempt import Outcome
from controller.model.action import Action
from controller.model.states import TaskState
from controller.model.taskrun import Fault


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of the attempt, or what it waits for."""

    outcome: Outcome | None = None
    """How the attempt ended; None while it goes on."""
    reason: str = ""
    """What it waits for, in a CamelCase word."""
    message: str = ""
    """The same in one sentence; empty = as it was told before."""
    wake_at: datetime | None = None
    """When to look again."""
    actions: tuple[Action, ...] = ()
    """What is to be done meanwhile."""
    begins: bool = True
    """Whether the attempt has begun with this; False while it is only being made possible."""


def succeeded(reason: str, message: str, output: Any = None) -> Answer:
    """The attempt did what it was there for; None = no output."""
    text = None if output is None else json.dumps(output, separators=(",", ":"), ensure_ascii=False)
    return Answer(Outcome(TaskState.SUCCESS, reason, message[:1024], output=text))


def failed(reason: str, message: str, *, output: Any = None, retriable: bool = False) -> Answer:
    """The attempt failed by its own fault, for good unless told otherwise."""
    text = None if output is None else json.dumps(output, separators=(",", ":"), ensure_ascii=False)
    fault = Fault.APPLICATION
    return Answer(Outcome(TaskState.FAILED, reason, message[:1024], fault, output=text, retriable=retriable))


def skipped(reason: str, message: str) -> Answer:
    """The attempt makes the task skipped."""
    return Answer(Outcome(TaskState.SKIPPED, reason, message[:1024], retriable=False))
