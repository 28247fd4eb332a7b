"""The change counter -> event streams: one look at the database for all of them, each told what its caller may see.

    event: changes     id: <counter>     data: {"dags": [...], "runs": [...], "tasks": [...], "pools": [...]}
    event: reset       id: <counter>     too much has changed, or another database answers: fetch anew
    event: lost        data: one sentence   the database does not answer; what is shown is the last that was known

The counter is read every half a second while somebody listens, and not at all otherwise. A stream resumes at its
`Last-Event-ID`; one that has fallen behind asks the database for what it missed, so nothing is kept for it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from controller.errors import Unavailable
from controller.web.queries.changes import Changes, change_count, changes_since
from controller.web.reading import Reader

LOOK_SECONDS: Final = 0.5
ALIVE_SECONDS: Final = 15.0
"""A comment is sent after so long without an event, so that no proxy thinks the stream dead."""
RETRY_MS: Final = 2000

Allowed = Callable[[], Awaitable[Sequence[str] | None]]
"""The namespaces that the listener may see now; None = all."""


class Hub:
    """Looks at the change counter on behalf of all streams."""

    def __init__(self, reader: Reader, look_seconds: float = LOOK_SECONDS) -> None:
        self._reader = reader
        self._look_seconds = look_seconds
        self._changed = asyncio.Condition()
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None
        self._latest: Changes | None = None
        self.count: int | None = None
        """The counter as it was last seen; None before, and while the database does not answer."""

    async def after(self, seen: int | None, seconds: float) -> Changes | None:
        """What has changed since `seen`; None when nothing has in this time. Unavailable when the database is away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.count != seen)
        if self.count is None:
            raise Unavailable("The database does not answer")
        if seen is None:
            return Changes(self.count, self.count)
        if self.count == seen:
            return None
        if self._latest is not None and self._latest.since == seen:
            return self._latest
        return await self._reader.ask(partial(changes_since, since=seen))

    async def __aenter__(self) -> "Hub":
        self._listeners += 1
        if self._looking is None:
            self.count = await self._reader.ask(change_count)
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listeners -= 1
        if self._listeners == 0 and self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._latest = None

    async def _look(self) -> None:
        while True:
            try:
                count = await self._reader.ask(change_count)
                if self.count is not None and count > self.count:
                    self._latest = await self._reader.ask(partial(changes_since, since=self.count))
                    count = self._latest.until
            except Unavailable:
                await self._tell(None)
            else:
                await self._tell(count)
            await asyncio.sleep(self._look_seconds)

    async def _tell(self, count: int | None) -> None:
        if count != self.count:
            async with self._changed:
                self.count = count
                self._changed.notify_all()


async def event_stream(hub: Hub, seen: int | None, allowed: Allowed, about: dict[str, str]) -> AsyncIterator[bytes]:
    """The events from `seen` on, as bytes for a browser's EventSource; ends when the caller may see nothing more."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    async with hub:
        lost = False
        while True:
            try:
                changes = await hub.after(seen, ALIVE_SECONDS)
            except Unavailable as error:
                if not lost:
                    yield _event("lost", None, {"message": str(error)})
                lost = True
                await asyncio.sleep(LOOK_SECONDS)
                continue
            lost = False
            namespaces = await allowed()
            if namespaces is not None and not namespaces:
                return
            if changes is None:
                yield b": alive\n\n"
                continue
            first, seen = seen is None, changes.until
            if changes.too_many:
                yield _event("reset", seen, {"message": "Fetch anew"})
                continue
            rows = _visible(changes, namespaces, about)
            if rows or first:
                yield _event("changes", seen, rows)


def _visible(changes: Changes, namespaces: Sequence[str] | None, about: dict[str, str]) -> dict[str, list[Any]]:
    """The rows that the listener may see and wants to."""
    shown = {}
    for table, rows in changes.rows.items():
        kept = [row for row in rows if (namespaces is None or row[0] in namespaces) and _is_about(table, row, about)]
        if kept:
            shown[table] = kept
    return shown


_PLACES: Final[dict[str, dict[str, int]]] = {
    "dags": {"namespace": 0, "dag": 1},
    "runs": {"namespace": 0, "dag": 1, "run": 2},
    "tasks": {"namespace": 0, "dag": 1, "run": 2},
    "backfills": {"namespace": 0, "dag": 1},
    "approvals": {"namespace": 0, "dag": 1, "run": 2},
    "pools": {"namespace": 0},
}
"""Where in a row of each table the words are that a listener may choose by."""


def _is_about(table: str, row: Sequence[Any], about: dict[str, str]) -> bool:
    places = _PLACES[table]
    return all(row[places[word]] == wanted for word, wanted in about.items() if word in places)


def _event(name: str, seen: int | None, data: Any) -> bytes:
    identity = f"id: {seen}\n" if seen is not None else ""
    return f"event: {name}\n{identity}data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
