"""The API server's refusal of a Pod -> what it means for the task: wait, or fail with the server's own words."""

import re
from datetime import datetime, timedelta
from typing import Final

from controller.errors import Refused
from controller.model.snapshot import PodRefusal

_LATER: Final = (
    (re.compile(r"exceeded quota"), "Quota", timedelta(seconds=10)),
    (
        re.compile(r"serviceaccount .* not found|error looking up service account"),
        "ServiceAccount",
        timedelta(seconds=3),
    ),
)
"""Refusals that may end by themselves: the text, the reason users read, and when to ask again."""


def pod_refusal(error: Refused, before: PodRefusal | None, now: datetime) -> PodRefusal:
    """How the task stands after this refusal; `before` is the one it already had."""
    message = " ".join(str(error).split())[:1000]
    for pattern, reason, wait in _LATER:
        if pattern.search(message):
            since = before.since if before is not None and before.reason == reason else now
            return PodRefusal(reason, message, since, now + wait)
    return PodRefusal("PodRefused", message, now, None)
