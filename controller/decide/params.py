"""A Dag's params (JSON Schemas) and the values of a run -> the values the run works with, or what is wrong.

Unknown names are refused, absent ones take their `default`, and every value must fit its schema (JSON Schema 2020-12,
formats checked).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from controller.decide.param_schema import schema_fault, value_fault

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class ParamsFault(ValueError):
    """The values can't be used; the text is one sentence."""

    def __init__(self, param: str, fault: str) -> None:
        super().__init__(f"param {param} {fault}")
        self.param = param


def resolve_params(schemas: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared param's value, in order of declaration; ParamsFault names the first that is wrong."""
    unknown = sorted(given.keys() - schemas.keys())
    if unknown:
        known = ", ".join(schemas) or "none"
        raise ParamsFault(unknown[0], f"is not one of the Dag's params ({known})")
    values: dict[str, Any] = {}
    for name, schema in schemas.items():
        if name not in given and "default" not in schema:
            raise ParamsFault(name, "is required, as it has no default")
        values[name] = given.get(name, schema.get("default"))
        fault = value_fault(schema, values[name])
        if fault:
            raise ParamsFault(name, fault)
    return values


def params_faults(schemas: Mapping[str, Mapping[str, Any]], *, need_defaults: bool) -> Iterator[tuple[str, str]]:
    """Every fault of the declarations, as the param's name and one sentence.

    A Dag that runs by itself needs a valid default everywhere.
    """
    variables: dict[str, str] = {}
    for name, schema in schemas.items():
        if not _NAME.fullmatch(name):
            yield name, "is not a name: use letters, digits and _, 63 at most, and no digit first"
        elif variables.setdefault(name.upper(), name) != name:
            yield name, f"is {variables[name.upper()]} but for capitals: both would be SLIPWAY_PARAM_{name.upper()}"
        fault = schema_fault(schema)
        if fault:
            yield name, fault
        elif "default" in schema:
            wrong = value_fault(schema, schema["default"])
            if wrong:
                yield f"{name}.default", wrong
        elif need_defaults:
            yield name, "needs a default, as scheduled runs give no params"
