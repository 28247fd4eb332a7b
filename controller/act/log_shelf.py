"""A log -> put away; one that is not taken waits in memory, and is tried again every few seconds until it is.

There is room for 32 MiB. Of a log that finds none only the loss is kept, so that it is told one day. What still waits
when the process ends is lost: `close` tries once more, and says how many those are.
"""

import asyncio
from collections import deque
from dataclasses import replace
from typing import Final, Protocol

from controller.errors import SlipwayError
from controller.log import Logger
from controller.model.archive import PodLog

ROOM: Final = 32 * 1024 * 1024
NO_ROOM: Final = "it could not be put away, and there was no room left for it to wait"
"""What is told of a log that is lost; the shelf's own words are for the operator, as they may name hosts."""
_MOST_WAITING: Final = 10_000
_AGAIN_SECONDS: Final = 5.0
_PATIENCE: Final = 1.0
"""How long a log is offered to a shelf that has refused one which still waits."""

_log = Logger(__name__)


class Shelf(Protocol):
    """Where logs are put: `metastore.logs.LogArchive`."""

    async def keep(self, log: PodLog) -> None:
        """Store the log; a SlipwayError where it is not taken."""


class PatientShelf:
    """A shelf that may be away for a while. `close` it in the end."""

    def __init__(self, shelf: Shelf, room: int = ROOM, again_seconds: float = _AGAIN_SECONDS) -> None:
        self._shelf = shelf
        self._room = room
        self._again_seconds = again_seconds
        self._waiting: deque[PodLog] = deque()
        self._trying: asyncio.Task[None] | None = None
        self.lost = 0
        """How many logs were lost for want of room, or by a bug."""

    @property
    def waiting(self) -> int:
        """How many logs are in memory only."""
        return len(self._waiting)

    async def keep(self, log: PodLog, until: float) -> None:
        """Put the log away before this time of the loop, else let it wait."""
        if self._waiting:
            until = min(until, asyncio.get_running_loop().time() + _PATIENCE)
        fault = await self._put(log, until)
        if fault is not None:
            self._let_wait(log, fault)

    async def close(self, seconds: float) -> None:
        """Put away what waits, for so long; the rest is lost."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
        await self._put_waiting(asyncio.get_running_loop().time() + seconds)
        if self._waiting:
            _log.warning("logs are lost, as they could not be put away before the end", logs=len(self._waiting))

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
        if not self._waiting:
            _log.warning("logs are kept in memory", error=fault)
        if len(self._waiting) >= _MOST_WAITING:
            _log.warning("log is lost", error=fault, **_fields(log))
            self.lost += 1
            return
        if _size(log) > self._room:
            self.lost += 1
            log = replace(log, content=None, left_out=0, lost=NO_ROOM)
        self._room -= _size(log)
        self._waiting.append(log)
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._try_again())

    async def _try_again(self) -> None:
        """Until nothing waits any more."""
        while self._waiting:
            await asyncio.sleep(self._again_seconds)
            await self._put_waiting(asyncio.get_running_loop().time() + self._again_seconds)
        _log.info("no log waits in memory any more")

    async def _put_waiting(self, until: float) -> None:
        """One after the other, until one is not taken; that one comes last next time, so it holds up no other."""
        while self._waiting:
            log = self._waiting[0]
            try:
                fault = await self._put(log, until)
            except Exception:  # a bug of ours must cost this log and not those behind it
                _log.exception("log is lost", **_fields(log))
                self.lost += 1
                fault = None
            if fault is not None:
                self._waiting.rotate(-1)
                return
            self._waiting.popleft()
            self._room += _size(log)


def _size(log: PodLog) -> int:
    return len(log.content or b"")


def _fields(log: PodLog) -> dict[str, str]:
    """What a line says of the log; the same words as controller/log_fields.py has."""
    about = {"namespace": log.pod.namespace, "dag": log.dag, "run": log.run, "task": log.task, "pod": log.pod.name}
    return {**about, "attempt": str(log.attempt)}
