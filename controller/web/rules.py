"""What the API server lists as a caller's rules in a namespace -> whether a need may be among them.

One SelfSubjectRulesReview tells of all needs at once, but it is no verdict: it may be incomplete, and it does not show
an authorizer that denies. So it only rules a namespace out; where it leaves the question open, an access review
decides.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.web.need import Need


def may_allow(status: Mapping[str, Any], need: Need) -> bool:
    """Whether the rules leave it open that the caller may; also where the list is not complete."""
    if status.get("incomplete") is not False:
        return True
    return any(_fits(rule, need) for rule in status.get("resourceRules") or ())


def _fits(rule: Mapping[str, Any], need: Need) -> bool:
    names = {need.resource, "*"}
    if need.subresource:
        names = {f"{need.resource}/{need.subresource}", f"*/{need.subresource}", "*"}
    return (
        _has(rule.get("verbs"), {need.verb, "*"})
        and _has(rule.get("apiGroups"), {need.group, "*"})
        and _has(rule.get("resources"), names)
    )


def _has(listed: Iterable[str] | None, wanted: set[str]) -> bool:
    return not wanted.isdisjoint(listed or ())
