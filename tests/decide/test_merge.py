"""Merge: a Pod spec and a fragment of one, joined as the API server joins them."""

from typing import Any

import pytest

from controller.decide.merge import MERGE_KEYS, merge

BASE: dict[str, Any] = {
    "securityContext": {"runAsUser": 65532, "runAsNonRoot": True},
    "containers": [{"name": "main", "image": "x", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}],
    "tolerations": [{"key": "gpu"}],
}

CASES: dict[str, tuple[Any, Any]] = {
    "a new field": ({"hostname": "h"}, {**BASE, "hostname": "h"}),
    "a map is merged by field": (
        {"securityContext": {"runAsUser": 0}},
        {**BASE, "securityContext": {"runAsUser": 0, "runAsNonRoot": True}},
    ),
    "null removes": (
        {"securityContext": {"runAsUser": None}, "tolerations": None, "absent": None},
        {"securityContext": {"runAsNonRoot": True}, "containers": BASE["containers"]},
    ),
    "a list without a merge key is replaced": (
        {"tolerations": [{"key": "a"}]},
        {**BASE, "tolerations": [{"key": "a"}]},
    ),
    "a list with a merge key is joined": (
        {"containers": [{"name": "side", "image": "y"}]},
        {**BASE, "containers": [*BASE["containers"], {"name": "side", "image": "y"}]},
    ),
    "lists within joined lists": (
        {"containers": [{"name": "main", "env": [{"name": "B", "value": "9"}, {"name": "C", "value": "3"}]}]},
        {
            **BASE,
            "containers": [
                {
                    "name": "main",
                    "image": "x",
                    "env": [
                        {"name": "A", "value": "1"},
                        {"name": "B", "value": "9"},
                        {"name": "C", "value": "3"},
                    ],
                }
            ],
        },
    ),
    "an item without the key": (
        {"containers": [{"image": "z"}]},
        {**BASE, "containers": [*BASE["containers"], {"image": "z"}]},
    ),
    "a value in place of a map": ({"securityContext": 3}, {**BASE, "securityContext": 3}),
    "a map in place of a value": ({"tolerations": {"a": {"b": 1}}}, {**BASE, "tolerations": {"a": {"b": 1}}}),
}


@pytest.mark.parametrize(("fragment", "merged"), CASES.values(), ids=CASES)
def test_a_fragment(fragment: Any, merged: Any) -> None:
    """It is laid over the spec, and neither is changed."""
    before = repr((BASE, fragment))
    assert merge(BASE, fragment) == merged
    assert repr((BASE, fragment)) == before


def test_an_empty_fragment() -> None:
    """Nothing changes."""
    assert merge(BASE, {}) == BASE


def test_the_order_of_a_list() -> None:
    """What was there keeps its place; what is new follows in its own order."""
    base = {"volumes": [{"name": "a"}, {"name": "b"}]}
    merged = merge(base, {"volumes": [{"name": "d"}, {"name": "a", "emptyDir": {}}, {"name": "c"}]})
    assert [volume["name"] for volume in merged["volumes"]] == ["a", "b", "d", "c"]


def test_every_merge_key() -> None:
    """Each list of the table is joined by its key."""
    for field, key in MERGE_KEYS.items():
        merged = merge({field: [{key: 1, "x": 1}]}, {field: [{key: 1, "y": 2}, {key: 2}]})
        assert merged == {field: [{key: 1, "x": 1, "y": 2}, {key: 2}]}, field
