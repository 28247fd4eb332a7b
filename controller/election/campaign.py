"""One candidate and the Lease -> a leadership that is renewed for as long as all goes well, and then ends."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from controller.election.candidate import Candidate, Want
from controller.election.record import Record, holding, new_lease, released
from controller.errors import AlreadyExists, Conflict, NotFound, NotLeading, SlipwayError
from controller.leadership import Leadership, since_boot
from controller.log import Logger
from controller.model.metadata import Key

_AT_ONCE_SECONDS: Final = 0.1
"""Before a step that the last one calls for: with somebody who writes the Lease all the time it becomes no race."""
_RELEASES: Final = 3

_log = Logger(__name__)


class Requests(Protocol):
    """What is asked of the API server."""

    async def get(self) -> Record | None:
        """What stands in the Lease; None when there is none."""

    async def create(self, body: dict[str, Any]) -> Record:
        """What was created."""

    async def patch(self, body: dict[str, Any]) -> Record:
        """The Lease after the patch."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a campaign reads of time."""

    monotonic: Callable[[], float] = since_boot
    """Decides."""
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    """Is written into the Lease, for people."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Campaign:
    """The life of one candidate."""

    def __init__(
        self, lease: Requests, key: Key, candidate: Candidate, leadership: Leadership, clocks: Clocks | None = None
    ) -> None:
        self._lease = lease
        self._key = key
        self._leadership = leadership
        self._clocks = clocks or Clocks()
        self._failing_since: float | None = None
        self.candidate = candidate
        self.fault = ""
        """Why the last request failed; empty when it did not."""

    async def run(self) -> None:
        """Stand for election, then lead; NotLeading when that is over."""
        while True:
            now = self._clocks.monotonic()
            want = self.candidate.wants(now)
            if want is Want.STOP:
                raise NotLeading(self._why_it_ended())
            goes_on = await self._done(want)
            now = self._clocks.monotonic()
            wait = _AT_ONCE_SECONDS if goes_on else self.candidate.acts_at(now) - now
            await self._clocks.sleep(max(0.0, wait))

    async def release(self) -> None:
        """Let others take the Lease at once, if it is ours: when nothing is written any more.

        One that we made and did not lead by yet is left to expire: whoever led by the Lease before it may still write.
        """
        if not self.candidate.leads:
            return
        try:
            for _ in range(_RELEASES):
                await self._look()
                record = self.candidate.record
                if record is None or record.holder != self.candidate.identity:
                    return
                with contextlib.suppress(Conflict, NotFound):  # somebody labelled or deleted it
                    await self._lease.patch(released(record, self._clocks.wall()))
                    _log.info("the lease is released", lease=str(self._key))
                    return
        except SlipwayError as error:
            _log.warning("the lease is left to expire", lease=str(self._key), error=str(error))

    def silent_seconds(self) -> float:
        """For how long no request has been answered; 0 when the last one was."""
        return self._clocks.monotonic() - self._failing_since if self._failing_since is not None else 0.0

    async def _done(self, want: Want) -> bool:
        """Do it; whether something follows at once."""
        try:
            if want is Want.LOOK:
                await self._look()
                return self.candidate.wants(self._clocks.monotonic()) is not Want.LOOK
            await self._write(want)
        except (Conflict, AlreadyExists, NotFound):
            self.candidate = self.candidate.refused()
            return True
        except SlipwayError as error:
            self._failed(str(error))
        return False

    async def _look(self) -> None:
        record = await self._lease.get()
        self._answered()
        if record is not None and (self.candidate.record is None or record.holder != self.candidate.record.holder):
            _log.info("the lease is seen", lease=str(self._key), holder=record.holder)
        self.candidate = self.candidate.saw(record, self._clocks.monotonic())

    async def _write(self, want: Want) -> None:
        identity, span, record = self.candidate.identity, self.candidate.span, self.candidate.record
        at, sent_at = self._clocks.wall(), self._clocks.monotonic()
        if want is Want.MAKE or record is None:
            record = await self._lease.create(new_lease(self._key, identity, span.seconds, at))
        else:
            record = await self._lease.patch(holding(record, identity, span.seconds, at))
        self._answered()
        before, self.candidate = self.candidate, self.candidate.won(record, sent_at, self._clocks.monotonic())
        if self.candidate.leads:
            if not before.leads:
                _log.info("this replica leads", lease=str(self._key), identity=identity)
            self._leadership.renewed(sent_at, span)
        elif self.candidate.proves_from != before.proves_from:
            _log.info(
                "the lease is made anew, and leads to nothing yet", lease=str(self._key), wait_seconds=span.seconds
            )

    def _answered(self) -> None:
        self._failing_since, self.fault = None, ""

    def _failed(self, fault: str) -> None:
        if self._failing_since is None:
            self._failing_since = self._clocks.monotonic()
        if fault != self.fault:
            _log.warning("the lease can't be reached", lease=str(self._key), error=fault)
        self.fault = fault

    def _why_it_ended(self) -> str:
        record = self.candidate.record
        if record is not None and record.holder != self.candidate.identity:
            return f"the Lease {self._key} is held by {record.holder or 'nobody'}"
        told = f": {self.fault}" if self.fault else ""
        return f"the Lease {self._key} was not renewed for {self.candidate.span.deadline:.0f} s{told}"
