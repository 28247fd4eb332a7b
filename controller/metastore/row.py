"""What the rows of all objects have in common."""

from collections.abc import Sequence
from typing import Any

from controller.model.metadata import Meta
from controller.model.schema import Recorded

Row = dict[str, Any]
"""Column -> value."""


def named(meta: Meta) -> Row:
    """Where the object lives."""
    return {"namespace": meta.namespace, "name": meta.name}


def mirrored(meta: Meta) -> Row:
    """The columns of `tables.Mirrored` but for the change counter, which the transaction fills in."""
    return {"resource_version": meta.resource_version, "created_at": meta.created_at, "deleted_at": None}


def dumped(values: Sequence[Recorded]) -> list[Row]:
    """The values as JSON."""
    return [value.dump() for value in values]
