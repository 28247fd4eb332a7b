"""Who asks, and service accounts -> those of them that this person may use.

Whoever may create Pods in the namespace may run one as any account there, so a Dag adds nothing to their power; others
need the right `use` on the account itself.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

MOST_ASKED: Final = 20
"""Accounts of one Dag that are asked for one by one; attribution-policy.yaml takes no more either."""


class Judge(Protocol):
    """Who answers SubjectAccessReviews."""

    async def is_allowed(self, namespace: str, review: Mapping[str, Any]) -> bool:
        """Whether somebody may do something in the namespace."""


async def usable(judge: Judge, namespace: str, accounts: Sequence[str], user: Mapping[str, Any]) -> frozenset[str]:
    """The accounts that the user may use, of the first 20; the errors of the API server are the caller's."""
    if not accounts:
        return frozenset()
    who = _subject(user)
    if await judge.is_allowed(namespace, {**who, **_may(namespace, "create", "pods", "")}):
        return frozenset(accounts)
    asked = accounts[:MOST_ASKED]
    reviews = [{**who, **_may(namespace, "use", "serviceaccounts", account)} for account in asked]
    answers = await asyncio.gather(*(judge.is_allowed(namespace, review) for review in reviews))
    return frozenset(account for account, allowed in zip(asked, answers, strict=True) if allowed)


def _subject(user: Mapping[str, Any]) -> dict[str, Any]:
    """The user of an admission request in a SubjectAccessReview's words."""
    told = {
        "user": user.get("username"),
        "uid": user.get("uid"),
        "groups": user.get("groups"),
        "extra": user.get("extra"),
    }
    return {field: value for field, value in told.items() if value}


def _may(namespace: str, verb: str, resource: str, name: str) -> dict[str, Any]:
    attributes = {"namespace": namespace, "verb": verb, "group": "", "resource": resource, "name": name}
    return {"resourceAttributes": attributes}
