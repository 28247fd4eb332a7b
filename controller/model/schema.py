"""The ground that the resource models share: how user input is read and which shapes recur.

A field's docstring is its description in the CRD, so `kubectl explain` is the manual.
"""

import functools
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Any, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict, StringConstraints
from pydantic.alias_generators import to_camel

from controller.model.durations import DURATION_PATTERN, parse_duration
from controller.model.timestamps import format_time, parse_time


class Written(BaseModel):
    """Something a user writes: frozen, camelCase, and unknown fields are refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Recorded(BaseModel):
    """Something Slipway writes (a status): what an older or newer version added is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)

    def dump(self, fields: set[str] | None = None) -> dict[str, Any]:
        """The API server's JSON, of these fields or all; those that are not yet known, and empty ones, are left out."""
        filled = self.model_dump(mode="json", by_alias=True, exclude_none=True, include=fields)
        return _filled(filled, _maps_in(type(self)))


@functools.cache
def _maps_in(model: type[BaseModel]) -> frozenset[str]:
    """The fields that are maps of names, as they are called in JSON."""
    maps = (name for name, info in model.model_fields.items() if get_origin(info.annotation) is dict)
    return frozenset(model.model_fields[name].alias or name for name in maps)


def _filled(fields: dict[str, Any], maps: Collection[str] = ()) -> dict[str, Any]:
    """Without empty lists and maps, so that a column such as `.waitingFor[0]` never meets an empty list.

    What stands in a map of names, one of `maps`, stays as it is: there an empty list has a meaning.
    """
    nested = {
        name: _filled(value) if isinstance(value, dict) and name not in maps else value
        for name, value in fields.items()
    }
    return {name: value for name, value in nested.items() if value not in ([], {})}


def _span(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("is not a duration: write text such as 90s or 6h")
    return parse_duration(value)


def _time(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("is not a time: write text such as 2026-01-31T06:00:00Z")
    return parse_time(value)


def _print_span(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    unit, size = next((u, s) for u, s in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)) if seconds % s == 0)
    return f"{seconds // size}{unit}"


def _quantity(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("is not a quantity: write a whole number, or text such as '0.5', 500m or 1Gi")
    return value


Int = Annotated[int, Strict(), Field(ge=-(2**63), le=2**63 - 1)]
Bool = Annotated[bool, Strict()]
Text = Annotated[str, StringConstraints(max_length=1024)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", min_length=1, max_length=63)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_span, json_schema_input_type=str),
    PlainSerializer(_print_span, return_type=str),
    Field(json_schema_extra={"type": "string", "pattern": DURATION_PATTERN, "maxLength": 10}),
]
Timestamp = Annotated[
    datetime,
    BeforeValidator(_time, json_schema_input_type=str),
    PlainSerializer(format_time, return_type=str),
    Field(json_schema_extra={"type": "string", "format": "date-time", "maxLength": 64}),
]
Quantity = Annotated[str | int, BeforeValidator(_quantity, json_schema_input_type=str | int)]
"""An amount of CPU, memory and so on; a fraction is text, as the API server takes whole numbers and text alone."""
Anything = Annotated[Any, Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})]
OpenObject = Annotated[
    dict[str, Any], Field(json_schema_extra={"type": "object", "x-kubernetes-preserve-unknown-fields": True})
]


class Reference(Written):
    """The name of another object in the same namespace."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    """The object's name."""


class Condition(Recorded):
    """One observation about the object, in Kubernetes' own form."""

    type: Annotated[str, StringConstraints(max_length=64)]
    """What is judged, such as Ready or Finished."""
    status: Annotated[str, StringConstraints(max_length=7)]
    """True, False or Unknown."""
    reason: Annotated[str, StringConstraints(max_length=128)]
    """A CamelCase word for programs."""
    message: Annotated[str, StringConstraints(max_length=4096)] = ""
    """One sentence for people."""
    last_transition_time: Timestamp
    """When the status last changed."""
    observed_generation: Int = 0
    """The generation of the spec that was judged."""


class Waiting(Recorded):
    """One thing that an object waits for."""

    reason: Annotated[str, StringConstraints(max_length=64)]
    """A CamelCase word. Of a run: DagMissing, DagNotReady, RunLimit or Paused. Of a task: RetryAt, Paused, TaskLimit,
    TaskInstanceLimit, Pool, Parallelism, Quota, ServiceAccount, NameTaken, Unschedulable, ImagePull, ContainerConfig or
    Starting; of one without a Pod: Time, Http, Resource, Dag, Run, DagMissing, DagNotReady or Approval."""
    message: Annotated[str, StringConstraints(max_length=1024)]
    """One sentence with the value that matters."""
    since: Timestamp | None = None
    """When the wait for this reason was first written."""
