"""A JSON Schema and a value -> what is wrong with it, in a bounded number of steps.

Whoever may create a Dag writes schemas, and one scheduler judges them all. So regular expressions are RE2's, whose time
grows with the text and not with its powers (no look-around, no back-references), and every keyword that is looked at is
counted: references can double the work at each level.
"""

import functools
import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Final

MOST_STEPS: Final = 20_000
"""Of one value; more than a second is nobody's schema."""
_PER_STEP: Final = 2_000
"""So many characters, times instructions of a regular expression, are a step."""

_steps: Final[ContextVar[list[int]]] = ContextVar("_steps")


class _TooMuch(Exception):
    """The schema takes too many steps."""


def schema_fault(schema: Any) -> str | None:
    """What is wrong with a schema itself."""
    jsonschema = _jsonschema()
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return f"is not a JSON Schema: {error.message}"
    except RecursionError:
        return "is nested too deeply"
    return None


def value_fault(schema: Any, value: Any) -> str | None:
    """What is wrong with a value by its schema."""
    from referencing import Registry

    jsonschema = _jsonschema()
    # The registry is empty because the one by default fetches a `$ref` to another host.
    validator = _validator()(schema, registry=Registry(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    before = _steps.set([MOST_STEPS])
    try:
        fault = jsonschema.exceptions.best_match(validator.iter_errors(value))
    except Exception as error:  # an unresolvable $ref or a bad pattern surfaces as many types
        return f"can't be judged by its schema: {error}"
    finally:
        _steps.reset(before)
    return f"is wrong: {fault.message}" if fault else None


def _jsonschema() -> ModuleType:
    """The library, imported late as it is slow to import and many Dags have no params."""
    import jsonschema

    return jsonschema


@functools.cache
def _validator() -> Any:
    """The draft's validator with our own keywords, each of them counted."""
    draft = _jsonschema().Draft202012Validator
    ours: dict[str, Any] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "unevaluatedProperties": _unevaluated_properties(draft.VALIDATORS["unevaluatedProperties"]),
        "uniqueItems": _unique_items,
    }
    counted = {name: _counted(judge) for name, judge in {**draft.VALIDATORS, **ours}.items()}
    return _jsonschema().validators.extend(draft, validators=counted)


def _counted(judge: Callable[..., Any]) -> Callable[..., Any]:
    def count(validator: Any, wanted: Any, value: Any, schema: Any) -> Any:
        _spend(1)
        return judge(validator, wanted, value, schema)

    return count


def _spend(steps: int) -> None:
    left = _steps.get()
    left[0] -= steps
    if left[0] < 0:
        raise _TooMuch(f"it takes more than {MOST_STEPS:,} steps")


def _matches(pattern: str, text: str) -> bool:
    expression = _expression(pattern)
    _spend(len(text) * expression.programsize // _PER_STEP)
    return expression.search(text) is not None


@functools.lru_cache(maxsize=1024)
def _expression(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"pattern {pattern!r} is not one of RE2: {said}") from error


def _wrong(message: str) -> Any:
    return _jsonschema().ValidationError(message)


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[Any]:
    if isinstance(value, str) and not _matches(pattern, value):
        yield _wrong(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, value: Any, _: Any) -> Iterator[Any]:
    for pattern, schema in patterns.items() if isinstance(value, dict) else ():
        for name, inner in value.items():
            if _matches(pattern, name):
                yield from validator.descend(inner, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(value, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name in sorted(value.keys() - known.keys()):
        if any(_matches(pattern, name) for pattern in patterns):
            continue
        if wanted is False:
            yield _wrong(f"{name!r} is not one of its properties")
        elif isinstance(wanted, dict):
            yield from validator.descend(value[name], wanted, path=name)


def _unevaluated_properties(judge: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(validator: Any, wanted: Any, value: Any, schema: Any) -> Any:
        if "patternProperties" in json.dumps(schema):
            raise ValueError("unevaluatedProperties does not go with patternProperties here")
        return judge(validator, wanted, value, schema)

    return guarded


def _unique_items(_: Any, wanted: Any, value: Any, __: Any) -> Iterator[Any]:
    if wanted and isinstance(value, list) and len({_as_text(item) for item in value}) < len(value):
        yield _wrong("it has an item more than once")


def _as_text(value: Any) -> str:
    """Equal text for values that JSON Schema calls equal: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return {name: _whole(item) for name, item in value.items()} if isinstance(value, dict) else value
