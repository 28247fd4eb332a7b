"""A Lease as the API server stores it -> what is read of it, and the patches that take, renew and release it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from controller.model.metadata import Key
from controller.model.timestamps import parse_time

API_VERSION: Final = "coordination.k8s.io/v1"
_RELEASED_SECONDS: Final = 1
"""What a released Lease says of its length, as the API server refuses 0."""
_A_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in a Lease. Two are equal when nothing in it has changed that the election is about."""

    uid: str
    version: str = field(compare=False)
    """The resourceVersion, as the condition of the next write; it also changes when somebody labels the Lease."""
    holder: str
    """Who leads; empty = nobody."""
    seconds: float | None
    """How long others wait after each renewal."""
    renewed_at: str
    """The holder's time of the last renewal, which others only compare with what they saw before."""
    transitions: int
    """How often the holder has changed."""


def read_record(raw: Mapping[str, Any]) -> Record:
    """The Lease, in which everything but its metadata may be missing."""
    spec = raw.get("spec") or {}
    return Record(
        uid=raw["metadata"]["uid"],
        version=raw["metadata"]["resourceVersion"],
        holder=spec.get("holderIdentity") or "",
        seconds=spec.get("leaseDurationSeconds"),
        renewed_at=spec.get("renewTime") or "",
        transitions=spec.get("leaseTransitions") or 0,
    )


def new_lease(key: Key, holder: str, seconds: int, at: datetime) -> dict[str, Any]:
    """A Lease that this holder has from its first moment on."""
    spec = {"acquireTime": _time(at), "renewTime": _time(at), "leaseTransitions": 0}
    return {
        "apiVersion": API_VERSION,
        "kind": "Lease",
        "metadata": {"namespace": key.namespace, "name": key.name},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": seconds, **spec},
    }


def holding(record: Record, holder: str, seconds: int, at: datetime) -> dict[str, Any]:
    """The patch that lets the holder take or renew the Lease, unless anybody wrote it since."""
    renewed = {"renewTime": _time(_later(record, at)), "leaseDurationSeconds": seconds}
    if record.holder == holder:
        return _patch(record, renewed)
    transitions = record.transitions + (1 if record.renewed_at else 0)
    taken = {"holderIdentity": holder, "acquireTime": _time(at), "leaseTransitions": transitions}
    return _patch(record, renewed | taken)


def released(record: Record, at: datetime) -> dict[str, Any]:
    """The patch after which nobody holds the Lease and nobody has to wait for it."""
    free = {"holderIdentity": "", "leaseDurationSeconds": _RELEASED_SECONDS, "renewTime": _time(_later(record, at))}
    return _patch(record, free)


def _patch(record: Record, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": record.version}, "spec": dict(spec)}


def _later(record: Record, at: datetime) -> datetime:
    """Later than what stands there, also where our clock stands still: a renewal that changes nothing is none."""
    try:
        return max(at, parse_time(record.renewed_at) + _A_MOMENT)
    except (ValueError, OverflowError):
        return at


def _time(at: datetime) -> str:
    """Kubernetes' MicroTime."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
