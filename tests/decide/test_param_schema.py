"""Schemas of params: whatever a Dag's author writes, the judgement ends soon."""

from itertools import pairwise
from typing import Any

import pytest

from controller.decide.param_schema import MOST_STEPS, value_fault

TOO_MUCH = f"can't be judged by its schema: it takes more than {MOST_STEPS:,} steps"


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", r"^(\w+\s?)*$", "(.*a){20}$"])
def test_a_pattern_that_would_take_for_ever(pattern: str) -> None:
    """Backtracking would need 2 to the 5000th steps; here it is an ordinary no."""
    fault = value_fault({"pattern": pattern}, "a" * 5000 + "!")
    assert fault is not None
    assert "does not match" in fault or fault == TOO_MUCH or pattern == "(.*a){20}$"


def test_work_that_doubles() -> None:
    """Thirty references, each of them twice, would be a thousand million steps."""
    names = [f"d{number}" for number in range(31)]
    schemas: dict[str, Any] = {name: {"allOf": [{"$ref": f"#/$defs/{then}"}] * 2} for name, then in pairwise(names)}
    assert value_fault({"$defs": {**schemas, "d30": {}}, "$ref": "#/$defs/d0"}, 1) == TOO_MUCH


def test_much_text_and_a_large_pattern() -> None:
    """Text times pattern counts, too."""
    assert value_fault({"items": {"pattern": "[a-z]{1000}x"}}, ["a" * 30_000] * 9) == TOO_MUCH


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "message"),
    [
        ({"pattern": "^[a-z]+$"}, "abc", "a1", "'a1' does not match '^[a-z]+$'"),
        ({"pattern": "b"}, "abc", "aac", "'aac' does not match 'b'"),
        (
            {"patternProperties": {"^n": {"type": "integer"}}},
            {"n1": 1, "x": "y"},
            {"n1": "1"},
            "'1' is not of type 'integer'",
        ),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"a": 1},
            {"b": 1},
            "'b' is not one of its properties",
        ),
        ({"additionalProperties": {"type": "string"}}, {"a": "b"}, {"a": 1}, "1 is not of type 'string'"),
        (
            {"unevaluatedProperties": False, "properties": {"a": {}}},
            {"a": 1},
            {"b": 1},
            "Unevaluated properties are not allowed",
        ),
        (
            {"uniqueItems": True},
            [1, True, "1", {"a": 1}, {"a": 2}],
            [{"a": [1]}, {"a": [1.0]}],
            "it has an item more than once",
        ),
        (
            {"patternProperties": {"^n": {}}, "additionalProperties": False},
            {"n1": 1},
            {"n1": 1, "x": 1},
            "'x' is not one of its properties",
        ),
    ],
)
def test_keywords_of_our_own(schema: Any, right: Any, wrong: Any, message: str) -> None:
    """They mean what the draft says."""
    assert value_fault(schema, right) is None
    assert str(value_fault(schema, wrong)).startswith(f"is wrong: {message}")


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "x"},
        {"patternProperties": {"x": False}},
        {"additionalProperties": False},
        {"uniqueItems": True},
        {"additionalProperties": True},
    ],
)
@pytest.mark.parametrize("value", [None, 3, True])
def test_values_of_other_types(schema: Any, value: Any) -> None:
    """A keyword says nothing of what it is not about."""
    assert value_fault(schema, value) is None


def test_items_that_may_come_twice() -> None:
    """As long as nobody says otherwise."""
    assert value_fault({"uniqueItems": False}, [1, 1]) is None
    assert value_fault({"additionalProperties": True}, {"a": 1}) is None


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "(?<!a)b"])
def test_what_re2_does_not_know(pattern: str) -> None:
    """Look-around and back-references are told, not guessed."""
    assert str(value_fault({"pattern": pattern}, "ab")).startswith(
        f"can't be judged by its schema: pattern {pattern!r} is not one of RE2: invalid"
    )


def test_unevaluated_beside_patterns() -> None:
    """What the library would judge by backtracking is not judged."""
    schema = {"patternProperties": {"^(a+)+$": {}}, "unevaluatedProperties": False}
    assert value_fault(schema, {"a": 1}) == (
        "can't be judged by its schema: unevaluatedProperties does not go with patternProperties here"
    )
