"""A log -> put away; one that is not taken waits in memory, and is put away with a later one.

There is room for 32 MiB. Of a log that finds none only the loss is kept, so that it is told one day.
"""

import asyncio
from collections import deque
from dataclasses import replace
from typing import Final, Protocol

from controller.errors import SlipwayError
from controller.log import Logger
from controller.model.archive import PodLog

ROOM: Final = 32 * 1024 * 1024
_MOST_WAITING: Final = 10_000

_log = Logger(__name__)


class Shelf(Protocol):
    """Where logs are put: `metastore.logs.LogArchive`."""

    async def keep(self, log: PodLog) -> None:
        """Store the log; a SlipwayError where it is not taken."""


class PatientShelf:
    """A shelf that may be away for a while."""

    def __init__(self, shelf: Shelf, room: int = ROOM) -> None:
        self._shelf = shelf
        self._room = room
        self._waiting: deque[PodLog] = deque()

    async def keep(self, log: PodLog, until: float) -> None:
        """Put the log away before this time of the loop, and others that wait; else let it wait."""
        fault = await self._put(log, until)
        if fault is not None:
            if not self._waiting:
                _log.warning("logs are kept in memory", error=fault)
            self._let_wait(log, fault)
        while fault is None and self._waiting:
            late = self._waiting.popleft()
            self._room += _size(late)
            fault = await self._put(late, until)
            if fault is not None:
                self._let_wait(late, fault)

    async def _put(self, log: PodLog, until: float) -> str | None:
        """Why it was not taken; None when it was."""
        try:
            async with asyncio.timeout_at(until):
                await self._shelf.keep(log)
        except TimeoutError:
            return "it could not be put away in time"
        except SlipwayError as error:
            return str(error)
        return None

    def _let_wait(self, log: PodLog, fault: str) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            _log.warning("log is lost", pod=str(log.pod), error=fault)
            return
        if _size(log) > self._room:
            log = replace(log, content=None, left_out=0, lost=fault)
        self._room -= _size(log)
        self._waiting.append(log)


def _size(log: PodLog) -> int:
    return len(log.content or b"")
