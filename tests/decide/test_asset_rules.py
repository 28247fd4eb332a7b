"""Rules over assets: when they hold, how they read, and what is wrong with them."""

from typing import Any

import pytest

from controller.decide.asset_rules import assets_of, describe_rule, rule_faults, rule_holds
from controller.model.assets import AssetRule

_BOTH = {"all": ["a", {"any": ["b", "c"]}]}


def _rule(**written: Any) -> AssetRule:
    return AssetRule.model_validate(written)


@pytest.mark.parametrize(
    ("rule", "updated", "holds"),
    [
        ({"all": ["a"]}, "", False),
        ({"all": ["a"]}, "a", True),
        ({"any": ["a", "b"]}, "b", True),
        ({"any": ["a", "b"]}, "c", False),
        ({"all": ["a", "b"]}, "a", False),
        ({"all": ["a", "b"]}, "ab", True),
        (_BOTH, "a", False),
        (_BOTH, "bc", False),
        (_BOTH, "ac", True),
        ({"any": [{"all": ["a", "b"]}, {"all": ["c", "d"]}]}, "bc", False),
        ({"any": [{"all": ["a", "b"]}, {"all": ["c", "d"]}]}, "cd", True),
        ({"all": [{"any": [{"all": ["a"]}]}]}, "a", True),
    ],
)
def test_when_a_rule_holds(rule: dict[str, Any], updated: str, holds: bool) -> None:
    """`all` needs every part, `any` one of them, however they are nested."""
    assert rule_holds(_rule(**rule), set(updated)) is holds


@pytest.mark.parametrize(
    ("rule", "told", "assets"),
    [
        ({"all": ["a"]}, "a", ("a",)),
        ({"any": ["b", "a"]}, "b or a", ("a", "b")),
        (_BOTH, "a and (b or c)", ("a", "b", "c")),
        ({"any": [{"all": ["a", "b"]}, "a"]}, "(a and b) or a", ("a", "b")),
        ({"all": [{"any": ["s3://lake/orders?v=1"]}]}, "s3://lake/orders?v=1", ("s3://lake/orders?v=1",)),
        ({}, "", ()),
        ({"all": [3, {"any": "b"}, {}]}, "3 and b and ", ()),
    ],
)
def test_a_rule_in_words(rule: dict[str, Any], told: str, assets: tuple[str, ...]) -> None:
    """Read by people in a column, also where it has faults; each asset is known once."""
    assert (describe_rule(_rule(**rule)), assets_of(_rule(**rule))) == (told, assets)


@pytest.mark.parametrize(
    ("rule", "path", "told"),
    [
        ({}, "", "{} is neither a name nor a rule"),
        ({"all": ["a"], "any": ["b"]}, "", "is neither a name nor a rule"),
        ({"all": [3]}, ".all[0]", "3 is neither a name nor a rule"),
        ({"all": ["a", None]}, ".all[1]", "None is neither"),
        ({"all": [["a"]]}, ".all[0]", "['a'] is neither"),
        ({"any": [{"al": ["a"]}]}, ".any[0]", "{'al': ['a']} is neither"),
        ({"any": [{"all": []}]}, ".any[0]", "needs a list with at least one name"),
        ({"any": [{"all": "a"}]}, ".any[0]", "needs a list with at least one name"),
        ({"all": ["a b"]}, ".all[0]", "'a b' is no name of an asset"),
        ({"all": [""]}, ".all[0]", "'' is no name of an asset"),
        ({"all": ["a" * 257]}, ".all[0]", "…' is no name of an asset"),
        ({"all": [{"any": ["x" * 80]} for _ in range(2)] + [{"x" * 90: 1}]}, ".all[2]", "…"),
    ],
)
def test_a_rule_that_can_not_be(rule: dict[str, Any], path: str, told: str) -> None:
    """One sentence at the part that its user has to change."""
    [(where, message)] = rule_faults(_rule(**rule))
    assert where == path
    assert told in message


def test_a_rule_that_is_too_deep() -> None:
    """Ten levels are enough for anybody; what lies deeper is not looked at."""
    part: Any = "a"
    for _ in range(11):
        part = {"all": [part]}
    assert list(rule_faults(_rule(all=[part]))) == [("", "has more than 1,000 parts, or is nested more than 10 deep")]
    assert list(rule_faults(_rule(all=part["all"][0]["all"]))) == []


def test_a_rule_of_many_parts() -> None:
    """A hundred lists of a hundred names are refused without being read to their end."""
    wide = _rule(all=[{"any": ["a"] * 100}] * 100)
    assert list(rule_faults(wide)) == [("", "has more than 1,000 parts, or is nested more than 10 deep")]


def test_a_rule_of_many_assets() -> None:
    """A hundred different ones at most, as each of them stands in the status."""
    many = _rule(all=[{"any": [f"a{n}" for n in range(60)]}, {"any": [f"b{n}" for n in range(60)]}])
    assert list(rule_faults(many)) == [("", "names 120 assets, more than 100")]
