"""Objects as they are observed -> batches to store: the newest of each uid, kept until it is committed.

`put` never waits for the database: it holds the lock for a few dictionary steps. While the database is away the buffer
holds at most one entry per object that lives, plus those deleted since the outage began; a run's resources are only
cleaned up after they are committed, so an outage stops that growth too. An entry is a reference to an object that the
store of `observe` holds anyway.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any, Final

from controller.metastore.projection import KINDS, Observed
from controller.model.action import Kind
from controller.model.taskrun import Attempt, TaskRun

DUE_AFTER_SECONDS: Final = 0.5
DUE_AT_ENTRIES: Final = 200
BATCH_ENTRIES: Final = 500
"""The most that one transaction stores, when more has piled up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object to store."""

    observed: Observed
    deleted_at: datetime | None = None
    deleted_by: str | None = None
    """Why it was deleted, where that is known: Retention."""
    older_attempts: tuple[Attempt, ...] = ()
    """Attempts that versions passed over told of, and the newest one no longer does."""
    since: int = 0
    """The number of the first `put` that is not yet committed."""
    since_seconds: float = 0.0
    """The monotonic time since when it waits."""

    @property
    def version(self) -> int:
        """The object's version."""
        return self.observed.meta.resource_version


@dataclass(frozen=True, slots=True)
class Live:
    """What a first listing found: rows of any other object are of objects that are gone."""

    uids: frozenset[str]
    namespaces: frozenset[str] | None
    """The namespaces that were listed; None = all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What the writer does next: store entries or, once after the start, end the rows of all but the live objects.

    Never both, since an entry may be of an object that is younger than the list of live ones.
    """

    entries: Sequence[Entry] = ()
    live: Live | None = None


class Buffer:
    """What is not yet committed, the longest waiting first; safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: dict[tuple[Kind, str], Entry] = {}
        self._live: Live | None = None
        self._puts = 0
        self._waiting_flushes = 0
        self._closed = False

    def put(self, observed: Observed, deleted_at: datetime | None = None, deleted_by: str | None = None) -> None:
        """Keep the object, unless a newer version of it is kept already."""
        key = (KINDS[type(observed)], observed.meta.uid)
        with self._changed:
            self._puts += 1
            kept = self._entries.get(key)
            if kept is None:
                self._entries[key] = Entry(observed, deleted_at, deleted_by, (), self._puts, monotonic())
                if len(self._entries) in (1, DUE_AT_ENTRIES):
                    self._changed.notify_all()
            else:
                self._entries[key] = _newest(kept, Entry(observed, deleted_at, deleted_by))

    def put_live(self, live: Live) -> None:
        """Ask for the rows of all other objects to be ended, before anything that is put later."""
        with self._changed:
            self._live = live
            self._changed.notify_all()

    def take(self) -> Batch | None:
        """Wait for the next batch and return it, without removing it; None once the buffer is closed and empty."""
        with self._changed:
            while not self._is_due():
                if self._closed:
                    return None
                self._changed.wait(self._seconds_until_due())
            if self._live is not None:
                return Batch(live=self._live)
            return Batch(entries=list(islice(self._entries.values(), BATCH_ENTRIES)))

    def committed(self, batch: Batch) -> None:
        """Remove what a batch held, but for objects of which something newer has come meanwhile."""
        with self._changed:
            if batch.live is not None and batch.live is self._live:
                self._live = None
            self._remove(batch.entries)
            self._changed.notify_all()

    def wait_committed(self, timeout: float) -> bool:
        """Wait until all that was put before this call is committed; False when the time is over."""
        with self._changed:
            last = self._puts
            self._waiting_flushes += 1
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: self._is_committed_through(last), timeout)
            finally:
                self._waiting_flushes -= 1

    def close(self) -> None:
        """Make everything due now and end `take` after it."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_closed(self, timeout: float) -> bool:
        """Wait for `close`, at most so long: whether it came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, timeout)

    def holds(self, observed: Observed) -> bool:
        """Whether the object, in whatever version, is not yet committed."""
        return (KINDS[type(observed)], observed.meta.uid) in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def lag_seconds(self) -> float:
        """The age of the oldest entry; 0 when all is committed."""
        with self._changed:
            oldest = next(iter(self._entries.values()), None)
        return monotonic() - oldest.since_seconds if oldest else 0.0

    def _is_due(self) -> bool:
        if not self._entries:
            return self._live is not None
        hurried = self._closed or self._waiting_flushes > 0 or self._live is not None
        return hurried or len(self._entries) >= DUE_AT_ENTRIES or self._seconds_until_due() == 0

    def _seconds_until_due(self) -> float | None:
        oldest = next(iter(self._entries.values()), None)
        return None if oldest is None else max(0.0, oldest.since_seconds + DUE_AFTER_SECONDS - monotonic())

    def _is_committed_through(self, last: int) -> bool:
        return self._live is None and all(entry.since > last for entry in self._entries.values())

    def _remove(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            key = (KINDS[type(entry.observed)], entry.observed.meta.uid)
            newer = self._entries.pop(key, entry)
            if newer is not entry:
                # To the end, and its time begins anew: an object that changes all the time must not make all due.
                self._entries[key] = replace(newer, since_seconds=monotonic())


def _newest(kept: Entry, new: Entry) -> Entry:
    if new.version > kept.version:
        older = _passed_over(kept, new.observed)
        return replace(kept, observed=new.observed, **_deletion(new), older_attempts=older)
    return replace(kept, **_deletion(new)) if new.deleted_at and not kept.deleted_at else kept


def _deletion(new: Entry) -> dict[str, Any]:
    return {"deleted_at": new.deleted_at, "deleted_by": new.deleted_by}


def _passed_over(kept: Entry, observed: Observed) -> tuple[Attempt, ...]:
    # A status lists ten attempts: in a long outage a task that is retried often would lose the others.
    if not isinstance(kept.observed, TaskRun) or not isinstance(observed, TaskRun):
        return ()
    told = {attempt.number for attempt in observed.status.attempts}
    return tuple(
        attempt for attempt in (*kept.older_attempts, *kept.observed.status.attempts) if attempt.number not in told
    )
