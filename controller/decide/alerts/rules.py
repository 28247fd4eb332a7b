"""A Dag's spec and the operator's targets -> which alerts hold, and in one sentence what they lack."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from controller.model.alerts import DEFAULT_TARGET, Alert, AlertEvent, Targets
from controller.model.dag import DagSpec

DEFAULT: Final = Alert(
    name=DEFAULT_TARGET,
    events=(AlertEvent.RUN_FAILED, AlertEvent.DEADLINE_MISSED, AlertEvent.DAG_INVALID),
    targets=(DEFAULT_TARGET,),
)
"""The alert of a Dag that has none, where the operator has made the target."""

_ALERTS: Final[TypeAdapter[tuple[Alert, ...] | None]] = TypeAdapter(tuple[Alert, ...] | None)


def alerts_of(spec: DagSpec, namespace: str, targets: Targets) -> tuple[Alert, ...]:
    """The alerts that hold for a Dag of the namespace."""
    return _or_default(spec.alerts, namespace, targets)


def alerts_in(spec_jsons: Iterable[str], namespace: str, targets: Targets) -> tuple[Alert, ...]:
    """The alerts of the first of these specs, faulty ones, whose alerts at least can be read."""
    for spec_json in spec_jsons:
        try:
            written = _ALERTS.validate_python(json.loads(spec_json).get("alerts"), by_alias=True, by_name=False)
        except ValidationError:
            continue
        return _or_default(written, namespace, targets)
    return _or_default(None, namespace, targets)


def by_name(alerts: Iterable[Alert]) -> Mapping[str, Alert]:
    """The alerts that records may be of: the operator's target may have gone since."""
    return {DEFAULT.name: DEFAULT, **{alert.name: alert for alert in alerts}}


def targets_missing(alerts: Iterable[Alert], namespace: str, targets: Targets) -> str:
    """What the alerts lack, in one sentence; empty when nothing."""
    found = list(_missing(alerts, namespace, targets))
    more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
    return "; ".join(found[:3]) + more


def _missing(alerts: Iterable[Alert], namespace: str, targets: Targets) -> Iterator[str]:
    for alert in alerts:
        for name in alert.targets:
            target = targets.get(name)
            if target is None:
                yield f"Alert {alert.name} has target {name}, which the operator has not set up"
            elif not target.serves(namespace):
                yield f"Alert {alert.name} has target {name}, which is not for namespace {namespace}"


def _or_default(written: tuple[Alert, ...] | None, namespace: str, targets: Targets) -> tuple[Alert, ...]:
    if written is not None:
        return written
    target = targets.get(DEFAULT_TARGET)
    return (DEFAULT,) if target is not None and target.serves(namespace) else ()
