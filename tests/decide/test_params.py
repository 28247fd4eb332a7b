"""Params: schemas and values -> the values of a run, or what is wrong."""

from typing import Any

import pytest

from controller.decide.params import ParamsFault, params_faults, resolve_params

SCHEMAS: dict[str, Any] = {
    "day": {"type": "string", "format": "date", "default": "2026-01-01"},
    "rows": {"type": "integer", "minimum": 1},
}


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"rows": 3}, {"day": "2026-01-01", "rows": 3}),
        ({"rows": 3, "day": "2026-02-02"}, {"day": "2026-02-02", "rows": 3}),
    ],
)
def test_values_that_fit(given: dict[str, Any], values: dict[str, Any]) -> None:
    """Absent ones take their default, and the order is that of declaration."""
    resolved = resolve_params(SCHEMAS, given)
    assert (resolved, list(resolved)) == (values, list(SCHEMAS))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "param rows is required, as it has no default"),
        ({"rows": 0}, "param rows is wrong: 0 is less than the minimum of 1"),
        ({"rows": "3"}, "param rows is wrong: '3' is not of type 'integer'"),
        ({"rows": True}, "param rows is wrong: True is not of type 'integer'"),
        ({"rows": None}, "param rows is wrong: None is not of type 'integer'"),
        ({"rows": 3, "day": "first of May"}, "param day is wrong: 'first of May' is not a 'date'"),
        ({"rows": 3, "z": 1, "b": 1}, "param b is not one of the Dag's params (day, rows)"),
    ],
)
def test_values_that_do_not_fit(given: dict[str, Any], message: str) -> None:
    """The first wrong one is named, an unknown one before all."""
    with pytest.raises(ParamsFault) as raised:
        resolve_params(SCHEMAS, given)
    assert str(raised.value) == message


def test_a_dag_without_params() -> None:
    """It takes none."""
    assert resolve_params({}, {}) == {}
    with pytest.raises(ParamsFault, match=r"\(none\)"):
        resolve_params({}, {"day": 1})


def test_a_value_of_null() -> None:
    """It counts as given."""
    assert resolve_params({"x": {"type": ["string", "null"], "default": "y"}}, {"x": None}) == {"x": None}


@pytest.mark.parametrize(
    ("schemas", "faults"),
    [
        (SCHEMAS, []),
        (
            {"x": {"type": "strin"}},
            [("x", "is not a JSON Schema: 'strin' is not valid under any of the given schemas")],
        ),
        ({"x": {"pattern": "("}}, [("x", "is not a JSON Schema: '(' is not a 'regex'")]),
        ({"x": {"type": "string", "default": 3}}, [("x.default", "is wrong: 3 is not of type 'string'")]),
        ({"1x": {}}, [("1x", "is not a name: use letters, digits and _, 63 at most, and no digit first")]),
        ({"x-y": {}}, [("x-y", "is not a name: use letters, digits and _, 63 at most, and no digit first")]),
        ({"x" * 64: {}}, [("x" * 64, "is not a name: use letters, digits and _, 63 at most, and no digit first")]),
        ({"day": {}, "DAY": {}}, [("DAY", "is day but for capitals: both would be SLIPWAY_PARAM_DAY")]),
    ],
)
def test_a_declaration(schemas: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    """Every fault is told by the param's name."""
    assert list(params_faults(schemas, need_defaults=False)) == faults


def test_a_dag_that_runs_by_itself() -> None:
    """It needs a default for every param."""
    assert list(params_faults(SCHEMAS, need_defaults=True)) == [
        ("rows", "needs a default, as scheduled runs give no params")
    ]


@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:1/schema", "https://127.0.0.1:1/schema", "file:///etc/hostname"]
)
def test_a_schema_that_points_elsewhere(reference: str) -> None:
    """Nothing is fetched from another host, and no file is read."""
    faults = list(params_faults({"x": {"$ref": reference, "default": 1}}, need_defaults=False))
    assert faults == [("x.default", f"can't be judged by its schema: Unresolvable: {reference}")]


def test_a_schema_within_itself() -> None:
    """A reference inside of the schema works, and an endless one is a fault."""
    inner = {"$defs": {"n": {"type": "integer"}}, "$ref": "#/$defs/n"}
    assert resolve_params({"x": inner}, {"x": 3}) == {"x": 3}
    assert [path for path, _ in params_faults({"x": {"$ref": "#", "default": 1}}, need_defaults=False)] == ["x.default"]


def test_a_schema_nested_very_deep() -> None:
    """It is a fault like any other."""
    schema: dict[str, Any] = {}
    for _ in range(900):
        schema = {"not": schema}
    assert list(params_faults({"x": schema}, need_defaults=False)) == [("x", "is nested too deeply")]
