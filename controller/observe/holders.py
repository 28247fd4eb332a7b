"""TaskRuns with a live Pod, or one about to be created -> how much of each limit they take.

An index of live objects, not a counter: putting the same holder twice changes nothing, so nothing can leak.
"""

import heapq
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from controller.model.metadata import Key
from controller.observe.lanes import Place


@dataclass(frozen=True, slots=True)
class Holder:
    """One TaskRun that takes part of the limits."""

    place: Place
    task: str


class _Parts:
    """What TaskRuns take of one kind of limit, each limit with its sum."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, dict[Key, int]] = {}
        self._sums: dict[Hashable, int] = {}

    def put(self, limit: Hashable, key: Key, part: int) -> None:
        self._parts.setdefault(limit, {})[key] = part
        self._sums[limit] = self._sums.get(limit, 0) + part

    def remove(self, limit: Hashable, key: Key) -> None:
        self._sums[limit] -= self._parts[limit].pop(key)
        if not self._parts[limit]:
            del self._parts[limit], self._sums[limit]

    def sum(self, limit: Hashable) -> int:
        return self._sums.get(limit, 0)

    def keys(self, limit: Hashable) -> dict[Key, int]:
        return self._parts.get(limit, {})


class Holders:
    """All TaskRuns that take part of the limits."""

    def __init__(self, on_pool: Callable[[Key], None] = lambda pool: None) -> None:
        self._on_pool = on_pool
        self._holders: dict[Key, Holder] = {}
        self._pools = _Parts()
        self._tasks = _Parts()

    def put(self, key: Key, holder: Holder) -> None:
        """The TaskRun takes its part."""
        if self._holders.get(key) == holder:
            return
        self.remove(key)
        self._holders[key] = holder
        self._pools.put(holder.place.pool_key, key, holder.place.slots)
        for limit in _task_limits(holder):
            self._tasks.put(limit, key, 1)
        self._on_pool(holder.place.pool_key)

    def remove(self, key: Key) -> bool:
        """The TaskRun takes nothing any more; whether it did."""
        holder = self._holders.pop(key, None)
        if holder is None:
            return False
        self._pools.remove(holder.place.pool_key, key)
        for limit in _task_limits(holder):
            self._tasks.remove(limit, key)
        self._on_pool(holder.place.pool_key)
        return True

    def total(self) -> int:
        """How many TaskRuns hold a Pod."""
        return len(self._holders)

    def of_run(self, run: Key) -> int:
        """How many of them belong to the run."""
        return self._tasks.sum(("run", run))

    def of_run_task(self, run: Key, task: str) -> int:
        """How many of them are instances of the task in the run."""
        return self._tasks.sum(("run", run, task))

    def of_dag_task(self, dag: Key, task: str) -> int:
        """How many of them are instances of the task in any run of the Dag."""
        return self._tasks.sum(("dag", dag, task))

    def slots_of(self, pool: Key) -> int:
        """How many slots of the pool are taken."""
        return self._pools.sum(pool)

    def first_of(self, pool: Key, count: int) -> tuple[str, ...]:
        """The names of those that hold slots of the pool, in order, so many at most."""
        return tuple(key.name for key in heapq.nsmallest(count, self._pools.keys(pool)))

    def __contains__(self, key: Key) -> bool:
        return key in self._holders


def _task_limits(holder: Holder) -> tuple[Hashable, ...]:
    place = holder.place
    return ("run", place.run), ("run", place.run, holder.task), ("dag", place.dag, holder.task)
