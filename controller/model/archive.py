"""What is kept of an attempt's Pod before it goes: its log, and the last that Kubernetes said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from controller.model.metadata import Key

NO_LOG: Final = b"unable to retrieve container logs for "
"""With these words, and no error, a kubelet says that it has thrown a log away."""

Told = Mapping[str, Any]
"""An Event of Kubernetes about a Pod: type, reason, message, count, first and last."""


@dataclass(frozen=True, slots=True)
class PodLog:
    """The log of one attempt."""

    pod: Key
    pod_uid: str
    dag: str
    run: str
    task: str
    attempt: int
    archived_at: datetime
    content: bytes | None = None
    """As the task wrote it, perhaps without its middle; None where there is none."""
    left_out: int = 0
    """Bytes of its middle that are not kept, at least."""
    reason: str | None = None
    """Why the container ended, or never began, in Kubernetes' own word."""
    message: str | None = None
    """The same in a sentence."""
    lost: str | None = None
    """Why nothing, or not all of it, could be kept, in one sentence without a full stop."""
    events: tuple[Told, ...] = ()
    """The Pod's last Events, where its container never spoke; the oldest first."""


def told_event(raw: Mapping[str, Any]) -> dict[str, Any]:
    """An Event as the API server sends it -> what is told of it."""
    series = raw.get("series") or {}
    at = raw.get("eventTime") or (raw.get("metadata") or {}).get("creationTimestamp")
    return {
        "type": raw.get("type") or "Normal",
        "reason": raw.get("reason") or "",
        "message": str(raw.get("message") or "")[:1024],
        "count": series.get("count") or raw.get("count") or 1,
        "first": raw.get("firstTimestamp") or at,
        "last": series.get("lastObservedTime") or raw.get("lastTimestamp") or at,
    }
