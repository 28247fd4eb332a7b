"""TaskRuns with a live Pod, or one about to be created -> how much of each limit they take.

An index of live objects, not a counter: putting the same holder twice changes nothing, so nothing can leak.
"""

from dataclasses import dataclass

from controller.model.metadata import Key
from controller.observe.queue import Place


@dataclass(frozen=True, slots=True)
class Holder:
    """One TaskRun that takes part of the limits."""

    place: Place
    slots: int


class Holders:
    """All TaskRuns that take part of the limits."""

    def __init__(self) -> None:
        self._holders: dict[Key, Holder] = {}
        self._by_run: dict[Key, set[Key]] = {}
        self._by_pool: dict[tuple[str, str], dict[Key, int]] = {}

    def put(self, key: Key, holder: Holder) -> None:
        """The TaskRun takes its part."""
        self.remove(key)
        self._holders[key] = holder
        self._by_run.setdefault(holder.place.run, set()).add(key)
        self._by_pool.setdefault((holder.place.namespace, holder.place.pool), {})[key] = holder.slots

    def remove(self, key: Key) -> bool:
        """The TaskRun takes nothing any more; whether it did."""
        holder = self._holders.pop(key, None)
        if holder is None:
            return False
        run, pool = holder.place.run, (holder.place.namespace, holder.place.pool)
        self._by_run[run].discard(key)
        if not self._by_run[run]:
            del self._by_run[run]
        del self._by_pool[pool][key]
        if not self._by_pool[pool]:
            del self._by_pool[pool]
        return True

    def total(self) -> int:
        """How many TaskRuns hold a Pod."""
        return len(self._holders)

    def of_run(self, run: Key) -> int:
        """How many of them belong to the run."""
        return len(self._by_run.get(run, ()))

    def slots_of(self, namespace: str, pool: str) -> int:
        """How many slots of the pool are taken."""
        return sum(self._by_pool.get((namespace, pool), {}).values())

    def __contains__(self, key: Key) -> bool:
        return key in self._holders
