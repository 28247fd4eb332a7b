"""What the models refuse -> faults, in the words of somebody who writes YAML."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from controller.decide.validity.fault import Fault, short


def shape_faults(error: ValidationError) -> Iterator[Fault]:
    """A fault for each thing that the models refuse."""
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # pydantic counts the items that are right, and the others have faults of their own
        path = "spec" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
        yield Fault(path, _message(detail))


def _message(detail: Any) -> str:
    given = detail.get("input")
    match detail["type"]:
        case "extra_forbidden":
            return "is not a field that exists here"
        case "missing":
            return "is required"
        case "tuple_type":
            return f"must be a list, but it is {short(given)}"
        case "dict_type" | "model_type":
            return f"must be an object, but it is {short(given)}"
        case "too_short":
            return "needs at least one item"
        case "too_long":
            return f"has more than {detail['ctx']['max_length']:,} items"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "string_pattern_mismatch":
            return f"{given!r} does not match {detail['ctx']['pattern']}"
        case "enum":
            return f"{given!r} is not one of {detail['ctx']['expected']}"
        case _:
            text = str(detail["msg"])
            return f"{text[0].lower()}{text[1:]}, but it is {short(given)}"
