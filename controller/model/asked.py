"""A change of a spec that has no place for its author -> an annotation beside it, and back.

    slipway.dev/asked-cancel: "2026-01-31T06:00:00Z ada"

Who clears, marks or answers is told in the spec itself. Whoever triggers, pauses or cancels is told here, by the API
and by the command; it is only a claim, as `spec.request.by` is. `kubectl` alone leaves none: the API server's audit log
knows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from controller.model.names import GROUP
from controller.model.timestamps import format_time, parse_time

_PREFIX: Final = f"{GROUP}/asked-"
_NOTHING: Final[Mapping[str, str]] = {}
_LONGEST: Final = 400
"""Of a value; a longer one is not ours."""


def asked_annotation(action: str, who: str, at: datetime) -> dict[str, str]:
    """The annotation for one action, such as cancel; the next of the same kind takes its place."""
    return {f"{_PREFIX}{action}": f"{format_time(at)} {who[:253]}"}


def asked_in(annotations: Mapping[str, Any] | None) -> Mapping[str, str]:
    """What the annotations tell, by action; see `when_and_who`."""
    if not annotations:
        return _NOTHING
    found = {name[len(_PREFIX) :]: value for name, value in annotations.items() if name.startswith(_PREFIX)}
    return {action: value for action, value in found.items() if action and len(str(value)) <= _LONGEST} or _NOTHING


def when_and_who(value: str) -> tuple[datetime, str] | None:
    """The parts of a value; None for one that nobody of ours wrote."""
    time, _, who = value.partition(" ")
    try:
        return (parse_time(time), who) if who else None
    except ValueError:
        return None
