"""A Pod as the API server sends it -> the few facts that an attempt is judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from controller.model.metadata import Meta
from controller.model.names import LABEL_TRY, POD_FINALIZER
from controller.model.timestamps import parse_time

MAIN: Final = "main"


class Phase(StrEnum):
    """A Pod's phase, and `Gone` for one that vanished before its result was kept."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    GONE = "Gone"


@dataclass(frozen=True, slots=True)
class Reason:
    """A CamelCase word and the sentence with it."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Termination:
    """How container `main` ended."""

    exit_code: int
    reason: str
    message: str
    """The termination message: the output file's content, or the runtime's error."""
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pod:
    """One attempt's Pod."""

    meta: Meta
    phase: Phase
    reason: str
    message: str
    node: str | None
    host_started_at: datetime | None
    """When the kubelet took the Pod."""
    initialized_at: datetime | None
    started_at: datetime | None
    """When container `main` started."""
    termination: Termination | None
    waiting: Reason | None
    """Why container `main` has not started, in the kubelet's words."""
    unschedulable: Reason | None
    disruption: Reason | None
    """The DisruptionTarget condition: evicted, preempted, drained."""

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1; 0 when the label is not ours."""
        label = self.meta.labels.get(LABEL_TRY, "")
        return int(label) if label.isdecimal() else 0

    @property
    def has_ended(self) -> bool:
        """Whether nothing of the Pod runs any more, and what is known of it will not change."""
        if self.phase in {Phase.SUCCEEDED, Phase.FAILED, Phase.GONE}:
            return True
        # A Pod that is deleted before it got a node is never taken up by a kubelet, so nobody else ends it.
        return self.meta.deleting_since is not None and self.node is None

    @property
    def is_held(self) -> bool:
        """Whether our finalizer keeps the Pod."""
        return POD_FINALIZER in self.meta.finalizers


def parse_pod(meta: Meta, raw: Mapping[str, Any]) -> Pod:
    """The facts of one Pod; everything else is dropped so that a cached Pod stays small."""
    status = raw.get("status") or {}
    container = _main_status(status.get("containerStatuses") or ())
    state = container.get("state") or {}
    conditions = {condition["type"]: condition for condition in status.get("conditions") or ()}
    running = state.get("running") or state.get("terminated") or {}
    return Pod(
        meta=meta,
        phase=Phase(status.get("phase") or "Pending"),
        reason=status.get("reason") or "",
        message=status.get("message") or "",
        node=(raw.get("spec") or {}).get("nodeName"),
        host_started_at=_time(status.get("startTime")),
        initialized_at=_initialized_at(conditions),
        started_at=_time(running.get("startedAt")),
        termination=_termination(state.get("terminated")),
        waiting=_reason(state.get("waiting")),
        unschedulable=_unschedulable(conditions.get("PodScheduled")),
        disruption=_disruption(conditions.get("DisruptionTarget")),
    )


def _main_status(statuses: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((status for status in statuses if status.get("name") == MAIN), {})


def _time(text: str | None) -> datetime | None:
    # The runtime reports year 1 for a container that never started.
    at = parse_time(text) if text else None
    return at if at and at.year > 1970 else None


def _termination(raw: Mapping[str, Any] | None) -> Termination | None:
    if raw is None:
        return None
    return Termination(
        exit_code=raw.get("exitCode", 0),
        reason=raw.get("reason") or "",
        message=raw.get("message") or "",
        started_at=_time(raw.get("startedAt")),
        finished_at=_time(raw.get("finishedAt")),
    )


def _reason(raw: Mapping[str, Any] | None) -> Reason | None:
    return Reason(raw.get("reason") or "", raw.get("message") or "") if raw else None


def _initialized_at(conditions: Mapping[str, Mapping[str, Any]]) -> datetime | None:
    condition = conditions.get("Initialized")
    return _time(condition.get("lastTransitionTime")) if condition and condition.get("status") == "True" else None


def _unschedulable(condition: Mapping[str, Any] | None) -> Reason | None:
    refused = condition and condition.get("status") == "False" and condition.get("reason") == "Unschedulable"
    return _reason(condition) if refused else None


def _disruption(condition: Mapping[str, Any] | None) -> Reason | None:
    return _reason(condition) if condition and condition.get("status") == "True" else None
