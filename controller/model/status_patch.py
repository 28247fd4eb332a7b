"""A status as it is and as it should be -> the merge patch between them (RFC 7386)."""

from collections.abc import Mapping
from typing import Any

from controller.model.schema import Recorded


def status_patch(before: Recorded, after: Recorded) -> dict[str, Any]:
    """The fields that differ, None for those to remove; empty when a write would change nothing."""
    return _difference(before.dump(), after.dump())


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for field in sorted(before.keys() | after.keys()):
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            patch[field] = _difference(old, new)
        else:
            patch[field] = new
    return patch
