"""Renewals of the Lease -> whether this process may write at this very moment, by a clock that nobody sets.

    a renewal is sent            no write begins any more     all have ended     somebody else may lead
    0 s                          10 s                         14 s               15 s and later

Nothing has to be noticed in time: who writes asks in the moment of sending, so a process that was frozen, or too busy
to renew, finds the way shut. The election's thread renews, the scheduler's thread asks.
"""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from controller.errors import NotLeading


def since_boot() -> float:
    """Seconds on a clock that nobody sets and that, where there is such a one, goes on while the machine sleeps."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Span:
    """The length of the Lease, and what follows from it, all in seconds; in brackets what it is for 15."""

    seconds: int
    """How long others wait after the last renewal that they saw."""

    @property
    def deadline(self) -> float:
        """How long after its last renewal was sent a leader begins writes (10)."""
        return self.seconds * 2 / 3

    @property
    def writes_end(self) -> float:
        """How long after that renewal was sent writes are waited for (14); the rest is for clocks of unequal speed."""
        return self.seconds * 14 / 15

    @property
    def retry(self) -> float:
        """Between two renewals, and between two looks of a standby (2)."""
        return self.seconds * 2 / 15

    @property
    def answer(self) -> float:
        """How long a request for the Lease may take (3)."""
        return self.seconds / 5

    @property
    def remake(self) -> float:
        """How long a standby leaves a missing Lease to its leader, who looks within it and is answered (5)."""
        return self.retry + self.answer


class Leadership:
    """Whether this replica leads. It begins with the first renewal and ends once, for good."""

    def __init__(self, clock: Callable[[], float] = since_boot) -> None:
        self._clock = clock
        self._begins_until = -math.inf
        self._ends_by = -math.inf
        self._has_ended = False
        self.on_begin: Callable[[], None] = lambda: None
        """Called once, in the election's thread, when it begins."""
        self.on_refusal: Callable[[], None] = lambda: None
        """Called when a write is refused that would have been the leader's."""

    def renewed(self, sent_at: float, span: Span) -> None:
        """The Lease is ours, as the API server answered to a request that was sent then."""
        is_first = not self.has_begun
        self._ends_by = sent_at + span.writes_end  # first: the other thread must not see a beginning without an end
        self._begins_until = sent_at + span.deadline
        if is_first:
            self.on_begin()

    def end(self) -> None:
        """Write nothing any more, whatever the Lease says."""
        self._has_ended = True

    @property
    def has_begun(self) -> bool:
        """Whether this replica leads, or has led."""
        return self._begins_until > -math.inf

    @property
    def holds(self) -> bool:
        """Whether a write may begin now."""
        return not self._has_ended and self._clock() < self._begins_until

    def seconds_left(self) -> float:
        """How long a write that begins now may take; NotLeading when none may."""
        if self.holds:
            return self._ends_by - self._clock()
        if self.has_begun and not self._has_ended:
            self.on_refusal()
        raise NotLeading("this replica does not lead, so it does not write")
