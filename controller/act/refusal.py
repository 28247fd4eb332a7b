"""The API server's refusal of a Pod -> what it means for the task: wait, or fail with the server's own words."""

import re
from datetime import datetime, timedelta
from typing import Final

from controller.errors import NameTaken, Refused
from controller.model.snapshot import PodRefusal

_TAKEN_WAIT: Final = timedelta(seconds=10)
_LATER: Final = (
    (re.compile(r"exceeded quota"), "Quota", timedelta(seconds=10)),
    (
        re.compile(r"serviceaccount .* not found|error looking up service account"),
        "ServiceAccount",
        timedelta(seconds=3),
    ),
)
"""Refusals that may end by themselves: the text, the reason users read, and when to ask again."""


def pod_refusal(error: Refused | NameTaken, before: PodRefusal | None, now: datetime) -> PodRefusal:
    """How the task stands after this refusal; `before` is the one it already had."""
    message = " ".join(str(error).split())[:1000]
    reason, wait = _reason(error, message)
    since = before.since if before is not None and before.reason == reason else now
    return PodRefusal(reason, message, since, None if wait is None else now + wait)


def _reason(error: Refused | NameTaken, message: str) -> tuple[str, timedelta | None]:
    """The reason, and when to ask again; None where that would bring the same answer."""
    if isinstance(error, NameTaken):
        return "NameTaken", _TAKEN_WAIT
    found = ((reason, wait) for pattern, reason, wait in _LATER if pattern.search(message))
    return next(found, ("PodRefused", None))
