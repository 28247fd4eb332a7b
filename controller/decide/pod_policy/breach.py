"""What is wrong with a Pod, and how its parts are found in data that may have any shape."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_LONGEST: Final = 60
_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that the Pod policy does not allow."""

    path: str
    """Where in the Pod, such as `spec.containers[0].securityContext.privileged`."""
    message: str
    """What is wrong there, in the words after the path."""

    def __str__(self) -> str:
        return f"{self.path} {self.message}"


def object_in(value: Any, field: str) -> Mapping[str, Any]:
    """The object in this field of an object; empty where there is none."""
    found = value.get(field) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else _NOTHING


def objects_in(value: Any, field: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of the list in this field, with their places; what is no object is told by `fields.py`."""
    found = value.get(field) if isinstance(value, Mapping) else None
    for place, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, Mapping):
            yield place, item


def containers_in(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All containers and their paths."""
    for field in ("containers", "initContainers", "ephemeralContainers"):
        for place, container in objects_in(spec, field):
            yield f"spec.{field}[{place}]", container


def contexts_in(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All security contexts and their paths: the Pod's, then the containers'."""
    yield "spec.securityContext", object_in(spec, "securityContext")
    for path, container in containers_in(spec):
        yield f"{path}.securityContext", object_in(container, "securityContext")


def shown(value: Any) -> str:
    """A value in at most 60 characters."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
