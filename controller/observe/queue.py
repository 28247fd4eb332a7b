"""TaskRuns that wait for a Pod -> the few that could be next, in queue order.

    pool                      passed over as a whole when it is full
      lane: Dag and slots     ... when the Dag is paused, or so many slots are not free
        place: run, limits    ... when the run, or a task with a limit of its own, is full
          tasks in order

The order: backfills last, priority (higher first), logical date (earlier first, none last), age, name. What is passed
over costs one look, however many tasks wait in it, so a look at the queue is as long as the list of open lanes.
"""

import functools
import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from controller.model.metadata import Key
from controller.observe.lanes import Entry, Lane, Place


class Rooms(Protocol):
    """How much room there is."""

    def left(self) -> int:
        """How many tasks may start in all."""

    def free(self, pool: Key) -> int:
        """How many slots of the pool are free."""

    def is_open(self, dag: Key) -> bool:
        """Whether tasks of the Dag may start at all."""

    def turn(self, pool: Key, dag: Key) -> int:
        """When the Dag last took slots of the pool, as a number that rises."""

    def in_place(self, place: Place) -> int:
        """How many tasks the place could take, its pool aside."""


class _PoolQueue:
    """The ready tasks of one pool."""

    def __init__(self) -> None:
        self.lanes: dict[tuple[Key, int], Lane] = {}
        self.count = 0

    def put(self, entry: Entry) -> None:
        self.lanes.setdefault((entry.place.dag, entry.place.slots), Lane()).put(entry)
        self.count += 1

    def remove(self, entry: Entry) -> bool:
        """Whether it was there."""
        name = (entry.place.dag, entry.place.slots)
        lane = self.lanes.get(name)
        if lane is None or not lane.remove(entry):
            return False
        if not lane:
            del self.lanes[name]
        self.count -= 1
        return True


class Queue:
    """All waiting TaskRuns."""

    def __init__(self, on_pool: Callable[[Key], None] = lambda pool: None) -> None:
        self._on_pool = on_pool
        self._entries: dict[Key, Entry] = {}
        self._ready: dict[Key, _PoolQueue] = {}
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
        waiting = self._ready.get(entry.place.pool_key) if entry else None
        if entry is not None and waiting is not None and waiting.remove(entry):
            if not waiting.count:
                del self._ready[entry.place.pool_key]
            self._on_pool(entry.place.pool_key)

    def release(self, now: datetime) -> datetime | None:
        """Make the tasks ready whose time has come; the time of the next one."""
        while self._later:
            at, key = self._later[0]
            entry = self._entries.get(key)
            if entry is not None and entry.retry_at == at:
                if at > now:
                    return at
                self._make_ready(entry)
            while self._later and self._later[0] == (at, key):  # one that left and came back stands there twice
                heapq.heappop(self._later)
        return None

    def heads(self, rooms: Rooms) -> tuple[list[Entry], list[Entry]]:
        """The first ready tasks of the lanes whose turn could come; and those that only lack slots, one of each lane.

        Enough of them for a decision: no more of a lane, and of single slots no more lanes, than could start now.
        """
        found: list[Entry] = []
        short: list[Entry] = []
        for pool, waiting in self._ready.items():
            free = rooms.free(pool)
            singles: list[tuple[Entry, Lane]] = []
            for (dag, slots), lane in waiting.lanes.items() if free > 0 else ():
                head = lane.head(rooms.in_place) if rooms.is_open(dag) else None
                if head is None:
                    continue
                if slots == 1:
                    singles.append((head, lane))
                elif slots <= free:
                    found.extend(lane.first(min(rooms.left(), free // slots), rooms.in_place))
                else:
                    short.append(head)
            most = min(rooms.left(), free)
            for _, lane in _next_in_turn(singles, most, functools.partial(rooms.turn, pool)):
                found.extend(lane.first(most, rooms.in_place))
        return found, short

    def waiting_in(self, pool: Key) -> int:
        """How many tasks wait for this pool."""
        waiting = self._ready.get(pool)
        return waiting.count if waiting is not None else 0

    def waiting_by_pool(self) -> dict[Key, int]:
        """How many tasks wait, for each pool for which one does."""
        return {pool: waiting.count for pool, waiting in self._ready.items()}

    def __iter__(self) -> Iterator[Key]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def _make_ready(self, entry: Entry) -> None:
        self._ready.setdefault(entry.place.pool_key, _PoolQueue()).put(entry)
        self._on_pool(entry.place.pool_key)


def _next_in_turn(lanes: list[tuple[Entry, Lane]], count: int, turn: Callable[[Key], int]) -> list[tuple[Entry, Lane]]:
    """So many lanes at most, as decide/gate.py would choose between their heads."""
    if len(lanes) <= count:
        return lanes
    return heapq.nsmallest(
        count, lanes, key=lambda lane: (*lane[0].order[:2], turn(lane[0].place.dag), *lane[0].order[2:])
    )
