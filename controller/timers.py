"""Questions and when each is to be asked again -> those whose time has come, one timer each at most.

A timer that is replaced or dropped leaves a stale entry in the heap; these are swept out before they outnumber the
others, as the deadline of a run may lie weeks ahead and each of its tasks have had a timer for it.
"""

import heapq
import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from controller.observe.due import Due

STALE_KEPT: Final = 1000


class Timers:
    """The times at which something is looked at again at the latest."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Due]] = []
        self._at: dict[Due, datetime] = {}
        self._numbers = itertools.count()

    def wake(self, due: Due, at: datetime) -> None:
        """Ask then, if not sooner anyway."""
        known = self._at.get(due)
        if known is not None and known <= at:
            return
        self._at[due] = at
        heapq.heappush(self._heap, (at, next(self._numbers), due))
        if len(self._heap) > 2 * len(self._at) + STALE_KEPT:
            self._heap = [(time, next(self._numbers), each) for each, time in self._at.items()]
            heapq.heapify(self._heap)

    def drop(self, due: Due) -> None:
        """Nothing has to be asked any more."""
        self._at.pop(due, None)

    def come(self, now: datetime) -> Iterator[Due]:
        """The questions whose time has come; their timers are used up."""
        while (at := self.next_at) is not None and at <= now:
            due = heapq.heappop(self._heap)[2]
            del self._at[due]
            yield due

    @property
    def next_at(self) -> datetime | None:
        """When the next one comes; None when there is none."""
        while self._heap and self._at.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def __len__(self) -> int:
        return len(self._heap)
