"""Whoever uses the command -> the annotation by which the audit names them beside what they asked for."""

from datetime import UTC, datetime
from typing import Protocol

from controller.model.asked import asked_annotation


class Caller(Protocol):
    """What is needed of a session with the API server."""

    async def caller(self) -> str:
        """Who we are to the API server; empty where it does not tell."""


async def signed(cluster: Caller, action: str) -> dict[str, str]:
    """The annotation; none where the API server does not tell who we are."""
    who = await cluster.caller()
    return asked_annotation(action, who, datetime.now(UTC)) if who else {}
