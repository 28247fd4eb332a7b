"""What a task without a Pod sees beyond its own run: gathered by observe, judged by decide/task/podless."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from controller.model.approval import Approval
from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun
from controller.model.states import TaskState


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look at something outside has found. Kept in memory alone: after a restart it is looked again."""

    at: datetime
    """When the look began."""
    attempt: int
    """The attempt that it was for."""
    values: Mapping[str, Any] | None
    """What the expression may read of it; None where nothing came, or where it was judged already and let go."""
    trouble: str = ""
    """What stood in the way, in one sentence without a full stop; empty when nothing did."""


@dataclass(frozen=True, slots=True)
class OtherRun:
    """A run of another Dag."""

    run: DagRun
    revision: Revision | None
    """The one that it is pinned to."""
    counts: Mapping[TaskState, int]
    """The states of the instances of the task that is waited for; empty where the whole run is."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """How an attempt ends where nothing outside exists: a simulation says so."""

    state: TaskState
    after: timedelta
    """How long it takes."""
    output: Any = None
    """What a success gives; None = nothing."""


@dataclass(frozen=True, slots=True)
class Outside:
    """All of it; each kind of task is given what it needs, and the rest stays empty."""

    paused: str | None = None
    """What keeps the task from being started, such as `Dag etl`; None when nothing does."""
    sight: Sight | None = None
    """The last look of a sensor."""
    dag: Dag | None = None
    """The other Dag; None where it does not exist."""
    runs: tuple[OtherRun, ...] = ()
    """For a dagSensor: that Dag's runs whose data intervals touch this run's, the oldest logical date first."""
    triggered: DagRun | None = None
    """For a triggerDag: the run that this attempt made."""
    approvals: tuple[Approval, ...] = ()
    """For an approval: the questions that the task has asked, the oldest attempt first."""
    foretold: Foretold | None = None
    """In a simulation alone: how this attempt ends."""
