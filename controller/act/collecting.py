"""Deletions of what has had its time -> when it is seen to be gone, it is known why."""

from datetime import datetime
from typing import Final

from controller.act.perform import Perform
from controller.model.action import Action, Collect

RETENTION: Final = "Retention"
"""Why an object went that a limit of retention let go."""


class Collecting:
    """Performs actions, and remembers the uids that it deletes until somebody takes them: the news may come first."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self._uids: set[str] = set()

    async def perform(self, action: Action, now: datetime) -> None:
        """Do it."""
        if not isinstance(action, Collect):
            return await self._perform(action, now)
        self._uids.add(action.meta.uid)
        try:
            await self._perform(action, now)
        except BaseException:
            self._uids.discard(action.meta.uid)
            raise

    def take(self, uid: str) -> str | None:
        """Why the object went, and it is forgotten; None where it was not deleted here."""
        if uid not in self._uids:
            return None
        self._uids.discard(uid)
        return RETENTION
