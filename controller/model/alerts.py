"""Alerts and deadlines: what a user writes in a Dag, and what is remembered of them in a status.

An alert is noted in the status by the write that makes its cause known, then sent, then ticked off: a controller that
is killed in between finds it noted, and sends it with the same key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from controller.model.metadata import Meta
from controller.model.request import TaskNames
from controller.model.schema import Duration, Int, Label, Recorded, Text, Timestamp, Written

MOST_RECORDS: Final = 100
"""Alerts that one object's status holds."""
ENDS_TOLD: Final = 20
"""Ends of tasks that one message names; the others are counted."""
DEFAULT_TARGET: Final = "default"
"""The target that hears of failures of Dags without alerts of their own, where the operator has made it."""
AT_RISK: Final = r"^([1-9][0-9]?%|[1-9][0-9]*(s|m|h|d))$"
AT: Final = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt].+)$"


class AlertEvent(StrEnum):
    """What an alert may tell of."""

    RUN_FAILED = "runFailed"
    RUN_SUCCEEDED = "runSucceeded"
    TASK_FAILED = "taskFailed"
    TASK_RETRIED = "taskRetried"
    TASK_SUCCEEDED = "taskSucceeded"
    DEADLINE_MISSED = "deadlineMissed"
    DEADLINE_AT_RISK = "deadlineAtRisk"
    DAG_INVALID = "dagInvalid"


TASK_EVENTS: Final = frozenset({AlertEvent.TASK_FAILED, AlertEvent.TASK_RETRIED, AlertEvent.TASK_SUCCEEDED})
DEADLINE_EVENTS: Final = frozenset({AlertEvent.DEADLINE_MISSED, AlertEvent.DEADLINE_AT_RISK})


class Alert(Written):
    """Whom to tell of what. The targets are the operator's: apprise URLs in a Secret of the installation."""

    name: Label
    """The alert's name, such as on-call."""
    events: Annotated[tuple[AlertEvent, ...], Field(min_length=1, max_length=len(AlertEvent))]
    """What to tell of: runFailed, runSucceeded, taskFailed (for good), taskRetried, taskSucceeded, deadlineMissed,
    deadlineAtRisk, dagInvalid."""
    targets: Annotated[tuple[Label, ...], Field(min_length=1, max_length=10)]
    """Names of targets, such as chat; the operator says which there are."""
    tasks: Annotated[tuple[Label, ...], Field(max_length=1000)] = ()
    """Only these tasks, or groups; for the events of tasks. Default all."""
    title: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    """The title, such as `{{ dag.name }} failed`; templates are filled in. Absent = Slipway's own."""
    message: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None
    """The text; templates are filled in, and `{{ alert.text }}` is Slipway's own. Absent = that."""


class DeadlineReference(StrEnum):
    """What a deadline counts from."""

    LOGICAL_DATE = "logicalDate"
    QUEUED_AT = "queuedAt"
    STARTED_AT = "startedAt"
    AVERAGE_RUNTIME = "averageRuntime"
    FIXED = "fixed"


class Deadline(Written):
    """By when a run should have succeeded. Missing it ends nothing: it is told, by an alert and as an Event."""

    name: Label
    """The deadline's name, such as by-breakfast."""
    reference: DeadlineReference
    """What it counts from: logicalDate, queuedAt (the run's creation, or its last clear), startedAt, averageRuntime
    (queuedAt, and how long the last runs took on average) or fixed (`at`)."""
    within: Duration | None = None
    """How long after the reference, such as 2h. Needed, but for averageRuntime and fixed."""
    at: Annotated[str, StringConstraints(pattern=AT, max_length=40)] | None = None
    """With fixed: a time of day such as `07:30`, in quotes, in the schedule's zone, after the run's data interval; or
    one instant such as 2026-01-31T06:00:00Z."""
    at_risk: Annotated[str, StringConstraints(pattern=AT_RISK, max_length=10)] | None = None
    """When it counts as at risk: so long before, such as 30m, or after that part of the time, such as 80%. Absent =
    never."""
    runs: Annotated[Int, Field(ge=1, le=100)] = 10
    """With averageRuntime: how many runs that succeeded count; with fewer there is no deadline. Default 10."""


class DeadlineState(StrEnum):
    """Where a deadline of a run stands."""

    SET = "Set"
    AT_RISK = "AtRisk"
    MISSED = "Missed"


class RunDeadline(Recorded):
    """One deadline of one run."""

    name: Text
    """Its name in the Dag."""
    at: Timestamp
    """When it is missed."""
    risk_at: Timestamp | None = None
    """When it counts as at risk."""
    state: DeadlineState = DeadlineState.SET
    """Set, AtRisk or Missed; one that was met is taken off the list."""


class AlertRecord(Recorded):
    """One alert that is to be sent, or was."""

    key: Text
    """What makes it this one: sent twice, it has the same key."""
    alert: Text
    """The alert's name in the Dag."""
    event: AlertEvent
    """What it tells of."""
    number: Int = 1
    """The how manieth of this alert and event it is in the object."""
    after: Timestamp
    """When it is sent; what comes before is told along."""
    ends: Annotated[tuple[Text, ...], Field(max_length=ENDS_TOLD)] = ()
    """Of an alert about tasks: the first 20 ends, such as `load[3]/2`, the second attempt."""
    count: Int = 1
    """How many ends it tells of."""
    deadline: Text | None = None
    """Of one about a deadline: its name."""
    sent: Annotated[tuple[Text, ...], Field(max_length=10)] = ()
    """The targets that have taken it."""
    failed: Annotated[dict[str, Text], Field(max_length=10)] = {}
    """The targets that were given up, and why."""
    done_at: Timestamp | None = None
    """When the last target was done with."""


class Alerting(Recorded):
    """What a run remembers of its alerts."""

    told: Annotated[dict[str, TaskNames], Field(max_length=1000)] = {}
    """The instances whose ends were noted for an alert, folded, by the number of the last such attempt."""
    count: Int = 0
    """How many alerts there were."""
    records: Annotated[tuple[AlertRecord, ...], Field(max_length=MOST_RECORDS)] = ()
    """The alerts that are open, and the last ones that are done, the oldest first."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom the operator lets Dags tell."""

    name: str
    namespaces: frozenset[str] = frozenset()
    """Whose Dags may; empty = all."""

    def serves(self, namespace: str) -> bool:
        """Whether a Dag of the namespace may use it."""
        return not self.namespaces or namespace in self.namespaces


Targets = Mapping[str, Target]


Tone = Literal["failure", "warning", "success", "info"]
"""How an alert sounds, in apprise's words."""


@dataclass(frozen=True, slots=True)
class SendAlert:
    """An action: tell a target of something; what comes of it goes into memory, and the object is asked again."""

    about: Meta
    """The run, or the Dag, that remembers the alert."""
    key: str
    """Sent twice, an alert has the same key."""
    target: str
    tone: Tone
    title: str
    text: str
    of_dag: bool = False
    """Whether it is the Dag that remembers it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of trying to send an alert to a target."""

    at: datetime
    """When it was tried last."""
    trouble: str = ""
    """What stood in the way; empty for one that was taken."""
    tries: int = 1
    """How often it was tried."""


Deliveries = Mapping[tuple[str, str], Delivery]
"""By the alert's key and the target."""
