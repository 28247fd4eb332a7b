"""A Dag's params (JSON Schemas) and the values of a run -> the values the run works with, or what is wrong.

Unknown names are refused, absent ones take their `default`, and every value must fit its schema (JSON Schema 2020-12,
formats checked).
"""

import re
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Final

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
        fault = _value_fault(schema, values[name])
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
        fault = _schema_fault(schema)
        if fault:
            yield name, fault
        elif "default" in schema:
            wrong = _value_fault(schema, schema["default"])
            if wrong:
                yield f"{name}.default", wrong
        elif need_defaults:
            yield name, "needs a default, as scheduled runs give no params"


def _schema_fault(schema: Mapping[str, Any]) -> str | None:
    jsonschema = _jsonschema()
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return f"is not a JSON Schema: {error.message}"
    except RecursionError:
        return "is nested too deeply"
    return None


def _value_fault(schema: Mapping[str, Any], value: Any) -> str | None:
    jsonschema = _jsonschema()
    draft = jsonschema.Draft202012Validator
    # The registry is empty because the one by default fetches a `$ref` to another host.
    validator = draft(schema, registry=_empty_registry(), format_checker=draft.FORMAT_CHECKER)
    try:
        fault = jsonschema.exceptions.best_match(validator.iter_errors(value))
    except Exception as error:  # an unresolvable $ref or a bad pattern surfaces as many types
        return f"can't be judged by its schema: {error}"
    return f"is wrong: {fault.message}" if fault else None


def _jsonschema() -> ModuleType:
    """The library, imported late as it is slow to import and many Dags have no params."""
    import jsonschema

    return jsonschema


def _empty_registry() -> Any:
    from referencing import Registry

    return Registry()
