"""An AssetRule and the assets that were updated -> whether a run follows; and what is wrong with a rule.

    {all: [a, {any: [b, c]}]}      a, and b or c

A rule is a tree of `all` and `any` whose leaves are names. The API server's schema ends at its first level, as a CRD
can't describe a tree, so the rest is judged here.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from controller.model.assets import ASSET_PATTERN, MOST_ASSETS, AssetRule

MOST_DEEP: Final = 10
MOST_PARTS: Final = 1000
_LONGEST_NAME: Final = 256
_FORM: Final = "a rule is {all: [...]} or {any: [...]} of names and further rules"

Fault = tuple[str, str]


def rule_holds(rule: AssetRule, updated: Collection[str]) -> bool:
    """Whether the rule, in which `rule_faults` found none, holds with these assets updated."""
    return _holds(_plain(rule), updated)


def assets_of(rule: AssetRule) -> tuple[str, ...]:
    """The names in the rule, sorted, each once; of one with faults those that can be read."""
    return tuple(sorted({part for _, part, _ in _parts(_plain(rule)) if isinstance(part, str)}))


def rule_faults(rule: AssetRule) -> Iterator[Fault]:
    """What the user must mend, each as a path inside the rule and one sentence."""
    for count, (path, part, depth) in enumerate(_parts(_plain(rule))):
        if count >= MOST_PARTS or depth > MOST_DEEP:
            yield "", f"has more than {MOST_PARTS:,} parts, or is nested more than {MOST_DEEP} deep"
            return
        yield from ((path, message) for message in _part_faults(part))
    names = assets_of(rule)
    if len(names) > MOST_ASSETS:
        yield "", f"names {len(names):,} assets, more than {MOST_ASSETS}"


def describe_rule(rule: AssetRule) -> str:
    """The rule in words: `a and (b or c)`."""
    return _told(_plain(rule), outermost=True)


def _plain(rule: AssetRule) -> dict[str, Any]:
    """The rule as the user wrote it: objects, lists and text."""
    return {kind: list(parts) for kind, parts in (("all", rule.all), ("any", rule.any)) if parts is not None}


def _parts(part: Any) -> Iterator[tuple[str, Any, int]]:
    """Every part with its path and depth, the outer ones first; no more than a rule may have, and one."""
    ahead: list[tuple[str, Any, int]] = [("", part, 0)]
    place = 0
    while place < len(ahead) and place <= MOST_PARTS:
        path, found, depth = ahead[place]
        place += 1
        yield path, found, depth
        if isinstance(found, dict) and depth <= MOST_DEEP:
            for kind, inner in found.items():
                if isinstance(inner, list):
                    ahead.extend((f"{path}.{kind}[{n}]", each, depth + 1) for n, each in enumerate(inner))


def _part_faults(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        if len(part) > _LONGEST_NAME or not re.fullmatch(ASSET_PATTERN, part):
            shown = part if len(part) <= 60 else part[:59] + "…"
            yield f"{shown!r} is no name of an asset: write letters, digits and ._~:/?#@!$&*+=%-, 256 at most"
    elif not isinstance(part, dict) or len(part) != 1 or not part.keys() <= {"all", "any"}:
        yield f"{_short(part)} is neither a name nor a rule: {_FORM}"
    elif not all(isinstance(inner, list) and inner for inner in part.values()):
        yield f"{_short(part)} needs a list with at least one name or rule: {_FORM}"


def _holds(part: Any, updated: Collection[str]) -> bool:
    if isinstance(part, str):
        return part in updated
    return any((all if kind == "all" else any)(_holds(each, updated) for each in inner) for kind, inner in part.items())


def _told(part: Any, *, outermost: bool = False) -> str:
    if not isinstance(part, dict):
        return str(part)
    kind, inner = next(iter(part.items()), ("all", []))
    parts = inner if isinstance(inner, list) else [inner]
    text = (" and " if kind == "all" else " or ").join(_told(each) for each in parts)
    return text if outermost or len(parts) < 2 else f"({text})"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
