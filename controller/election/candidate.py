"""What one replica saw of the Lease, and the monotonic time -> what it does next. No clock, no client.

    not leading   LOOK now and then; TAKE the Lease once nobody holds it, or its holder was silent for its whole length,
                  as seen from here: times that others wrote are never compared with ours; MAKE it where it is missing
    leading       TAKE it again and again; LOOK after a conflict; MAKE it where somebody deleted it;
                  STOP for ever once somebody else stands in it, or two thirds of its length went by without an answer

A leader counts from when it sent a renewal, a standby from when it got to know of it, which is later. So the leader has
stopped before anybody else begins, however slow the network is.

A Lease that is made says nothing of whoever held the one before it, so who makes it does not lead by that: it leads by
the first renewal that it sends a whole length later, when every earlier leader has stopped.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from controller.election.record import Record
from controller.leadership import Span


class Want(StrEnum):
    """What a candidate does next."""

    LOOK = "look"
    TAKE = "take"
    MAKE = "make"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One replica in the election."""

    identity: str
    span: Span
    record: Record | None = None
    """The Lease as it was seen last; None = it was not there."""
    has_looked: bool = False
    is_stale: bool = False
    """Whether a write showed that the Lease is not as it was seen."""
    free_at: float = math.inf
    """From when on it may be taken from whoever holds it."""
    proves_from: float = -math.inf
    """From when on a write has to be sent to win: later where the Lease itself is new."""
    leads_until: float | None = None
    """Until when it leads without another renewal; None = it never did."""

    @property
    def leads(self) -> bool:
        """Whether the Lease was won; `wants` tells when that is over."""
        return self.leads_until is not None

    def saw(self, record: Record | None, now: float) -> "Candidate":
        """The Lease is so; `now` is when the answer came."""
        seen = replace(self, record=record, has_looked=True, is_stale=False, free_at=self._free_at(record, now))
        is_ours = record is not None and record.holder == self.identity
        return seen._waiting(now) if is_ours and self._is_new(record) else seen

    def won(self, record: Record, sent_at: float, now: float) -> "Candidate":
        """The Lease was taken, made or renewed by a request that was sent at `sent_at` and answered at `now`."""
        held = replace(self, record=record, has_looked=True, is_stale=False, free_at=now)
        if not self.leads and self._is_new(record):
            return held._waiting(now)
        if not self.leads and sent_at < self.proves_from:
            return held
        return replace(held, leads_until=sent_at + self.span.deadline)

    def refused(self) -> "Candidate":
        """A write met a Lease that was not as expected."""
        return replace(self, is_stale=True)

    def wants(self, now: float) -> Want:
        """What to do next."""
        if self.leads_until is None:
            if not self.has_looked or self.is_stale or now < self.free_at:
                return Want.LOOK
        elif now >= self.leads_until:
            return Want.STOP
        elif self.is_stale:
            return Want.LOOK
        elif self.record is not None and self.record.holder != self.identity:
            return Want.STOP
        return Want.TAKE if self.record is not None else Want.MAKE

    def acts_at(self, now: float) -> float:
        """When to act again, if what was done last gave no reason to do so at once."""
        again = now + self.span.retry
        if self.leads_until is not None:
            return min(again, max(now, self.leads_until))
        return min(at for at in (again, self.free_at, self.proves_from) if at > now)

    def _waiting(self, now: float) -> "Candidate":
        return replace(self, proves_from=now + self.span.seconds)

    def _is_new(self, record: Record | None) -> bool:
        """Whether this Lease was made after the one that was seen last, or that one is not known."""
        return record is not None and (self.record is None or self.record.uid != record.uid)

    def _free_at(self, record: Record | None, now: float) -> float:
        if self.has_looked and record == self.record:
            return self.free_at
        if record is None:
            return now + self.span.remake  # its leader makes it again
        if record.holder == self.identity:
            return now  # the answer to our own write was lost
        if record.holder:
            return now + (record.seconds or self.span.seconds)
        was_never_held = not record.renewed_at
        is_another = self.has_looked and self._is_new(record)
        return now + self.span.seconds if was_never_held or is_another else now
