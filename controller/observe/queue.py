"""TaskRuns that wait for a Pod -> the few that could be next, in queue order.

The order: priority (higher first), logical date (earlier first, none last), age, name. Waiting tasks are kept by pool
and run, so that a full pool or a run at its limit is passed over as a whole, however many tasks wait in it.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sortedcontainers import SortedDict

from controller.model.metadata import Key
from controller.model.taskrun import TaskRun

Order = tuple[int, datetime, datetime, Key]
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a TaskRun waits."""

    namespace: str
    pool: str
    run: Key


@dataclass(frozen=True, slots=True)
class Entry:
    """One waiting TaskRun."""

    key: Key
    place: Place
    order: Order
    slots: int
    retry_at: datetime | None


def place_of(task_run: TaskRun) -> Place:
    """Where the TaskRun waits, or takes its part of the limits."""
    namespace, spec = task_run.meta.namespace, task_run.spec
    return Place(namespace, spec.pool, Key(namespace, spec.dag_run_ref.name))


def entry_of(task_run: TaskRun, retry_at: datetime | None) -> Entry:
    """The TaskRun as the queue keeps it."""
    spec, meta = task_run.spec, task_run.meta
    order = (-spec.priority, spec.logical_date or _LAST, meta.created_at, meta.key)
    return Entry(meta.key, place_of(task_run), order, spec.pool_slots, retry_at)


class Queue:
    """All waiting TaskRuns."""

    def __init__(self) -> None:
        self._entries: dict[Key, Entry] = {}
        self._ready: dict[Place, SortedDict] = {}
        self._later: list[tuple[datetime, Key]] = []

    def put(self, entry: Entry) -> bool:
        """Let the TaskRun wait as told; False if it did so already."""
        if self._entries.get(entry.key) == entry:
            return False
        self.remove(entry.key)
        self._entries[entry.key] = entry
        if entry.retry_at is None:
            self._make_ready(entry)
        else:
            heapq.heappush(self._later, (entry.retry_at, entry.key))
        return True

    def remove(self, key: Key) -> None:
        """The TaskRun waits no more."""
        entry = self._entries.pop(key, None)
        ready = self._ready.get(entry.place) if entry else None
        if entry is not None and ready is not None:
            ready.pop(entry.order, None)
            if not ready:
                del self._ready[entry.place]

    def release(self, now: datetime) -> datetime | None:
        """Make the tasks ready whose time has come; the time of the next one."""
        while self._later:
            at, key = self._later[0]
            entry = self._entries.get(key)
            if entry is not None and entry.retry_at == at:
                if at > now:
                    return at
                self._make_ready(entry)
            heapq.heappop(self._later)
        return None

    def heads(self, room: Callable[[Place], tuple[int, int]]) -> list[Entry]:
        """The first ready tasks of each place that has room, in queue order.

        `room` says for a place how many tasks it could take, and how many slots each may have at most.
        """
        found: list[Entry] = []
        for place, ready in self._ready.items():
            tasks, slots = room(place)
            found.extend(_first(iter(ready.values()), tasks, slots))
        found.sort(key=lambda entry: entry.order)
        return found

    def waiting_in(self, namespace: str, pool: str) -> int:
        """How many tasks wait for this pool."""
        places = (place for place in self._ready if place.namespace == namespace and place.pool == pool)
        return sum(len(self._ready[place]) for place in places)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def _make_ready(self, entry: Entry) -> None:
        self._ready.setdefault(entry.place, SortedDict())[entry.order] = entry


def _first(entries: Iterator[Entry], tasks: int, slots: int) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        if len(found) >= tasks:
            break
        if entry.slots <= slots:
            found.append(entry)
    return found
