"""A status as it is and as it should be -> the merge patch between them (RFC 7386), and the forms that patches have."""

from collections.abc import Mapping
from typing import Any, Final

from controller.model.schema import Recorded

MERGE_PATCH: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"


def status_patch(before: Recorded, after: Recorded) -> dict[str, Any]:
    """The fields that differ, None for those to remove; empty when a write would change nothing.

    Only what is another object is compared, and only what differs is dumped: a status may hold thousands of names.
    """
    changed = {
        field
        for field in type(after).model_fields
        if (old := getattr(before, field)) is not (new := getattr(after, field)) and old != new
    }
    return _difference(before.dump(changed), after.dump(changed)) if changed else {}


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
