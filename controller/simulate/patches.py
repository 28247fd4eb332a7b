"""An object and a patch -> the object after it; nothing is changed in place."""

from collections.abc import Mapping, Sequence
from typing import Any


class PatchFault(Exception):
    """A JSON patch that does not fit the object; the API server answers 422."""


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386: maps merge, None removes, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for field, value in patch.items():
        if value is None:
            merged.pop(field, None)
        else:
            merged[field] = merge_patch(merged.get(field), value)
    return merged


def json_patch(target: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """RFC 6902's `test`, `add`, `replace` and `remove`; PatchFault where one does not hold."""
    for operation in operations:
        path = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        target = _apply(target, path, operation)
    return target


def _apply(target: Any, path: list[str], operation: Mapping[str, Any]) -> Any:
    """The copy of `target` with the operation done at `path` below it."""
    step, rest = path[0], path[1:]
    if isinstance(target, list):
        return _apply_to_list(list(target), step, rest, operation)
    if not isinstance(target, Mapping):
        raise PatchFault(f"{operation['path']} does not exist")
    changed = dict(target)
    if rest:
        changed[step] = _apply(changed.get(step), rest, operation)
        return changed
    match operation["op"]:
        case "test":
            _expect(changed.get(step), operation)
        case "add" | "replace":
            changed[step] = operation["value"]
        case "remove":
            if step not in changed:
                raise PatchFault(f"{operation['path']} does not exist")
            del changed[step]
    return changed


def _apply_to_list(items: list[Any], step: str, rest: list[str], operation: Mapping[str, Any]) -> list[Any]:
    if operation["op"] == "add" and not rest:
        items.insert(len(items) if step == "-" else int(step), operation["value"])
        return items
    if int(step) >= len(items):
        raise PatchFault(f"{operation['path']} does not exist")
    if rest:
        items[int(step)] = _apply(items[int(step)], rest, operation)
        return items
    match operation["op"]:
        case "test":
            _expect(items[int(step)], operation)
        case "replace":
            items[int(step)] = operation["value"]
        case "remove":
            del items[int(step)]
    return items


def _expect(found: Any, operation: Mapping[str, Any]) -> None:
    if found != operation["value"]:
        raise PatchFault(f"{operation['path']} is {found!r}, not {operation['value']!r}")
