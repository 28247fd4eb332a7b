"""The Pool resource: a number of slots that tasks of any Dag in the namespace share."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from controller.model.metadata import Meta
from controller.model.schema import Condition, Int, Recorded, Text, Written

DEFAULT_POOL: Final = "default"
DEFAULT_POOL_SLOTS: Final = 128
HOLDERS_TOLD: Final = 20


class PoolSpec(Written):
    """How many slots there are."""

    slots: Annotated[Int, Field(ge=-1, le=1_000_000)]
    """Slots that tasks may take at once; -1 = without limit, 0 = nothing starts."""
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """What the slots stand for, such as connections of a database."""


class PoolStatus(Recorded):
    """How full the pool is."""

    used: Int = 0
    """Slots taken by tasks that hold a Pod."""
    queued: Int = 0
    """Tasks that wait for a slot."""
    holders: Annotated[tuple[Text, ...], Field(max_length=HOLDERS_TOLD)] = ()
    """The first 20 TaskRuns that hold slots, by name."""
    observed_generation: Int = 0
    """The generation of the spec that this status is about."""
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] = ()
    """Ready: tasks may start in the pool. Exhausted: all slots are taken and tasks wait, or did so
    in the last ten minutes; absent while that never was so."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One Pool object."""

    meta: Meta
    spec: PoolSpec
    status: PoolStatus


def parse_pool(meta: Meta, raw: dict[str, Any]) -> Pool:
    """The object's spec and status; pydantic's ValidationError when the API server let a fault through."""
    return Pool(meta, PoolSpec.model_validate(raw["spec"]), PoolStatus.model_validate(raw.get("status") or {}))
