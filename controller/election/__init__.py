"""Replicas and one Lease -> at most one of them leads.

It runs in a thread and event loop of its own, as renewals must not wait for the scheduler, whose first look at ten
thousand objects takes seconds. The elections in the Python clients go on leading when the API server is away.

    record.py      what stands in a Lease
    candidate.py   what to do next, as a function of what was seen
    campaign.py    doing it
    lease.py       the requests
"""

import asyncio
import secrets
import socket
import threading
from typing import Any

from controller.connection import Connection
from controller.election.campaign import Campaign
from controller.election.candidate import Candidate
from controller.election.lease import Lease
from controller.errors import NotLeading, Usage
from controller.leadership import Leadership, Span
from controller.model.metadata import Key
from controller.settings import Settings


class Election:
    """This replica's part in it. `won` is set when it leads, `ended` is done when it does not any more."""

    def __init__(self, connection: Connection, settings: Settings, own_namespace: str = "") -> None:
        """Usage where neither the settings nor the Pod tell the Lease's namespace."""
        self._main = asyncio.get_running_loop()
        self._connection = connection
        self._span = Span(settings.lease_seconds)
        self._key = Key(settings.lease_namespace or own_namespace, settings.lease_name)
        if not self._key.namespace:
            raise Usage("SLIPWAY_LEASE_NAMESPACE: outside of a Pod the Lease needs a namespace")
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._releases = False
        self._campaign: Campaign | None = None
        self._thread = threading.Thread(target=self._work, name="election", daemon=True)
        self.identity = f"{socket.gethostname()}_{secrets.token_hex(4)}"
        """The Pod's name, and something that a restarted container does not share with the one before it."""
        self.leadership = Leadership()
        self.leadership.on_begin = self._begun
        self.leadership.on_refusal = self._refused
        self.won = asyncio.Event()
        self.ended: asyncio.Future[None] = self._main.create_future()

    def start(self) -> None:
        """Stand for election."""
        self._thread.start()

    async def stop(self, *, release: bool) -> None:
        """End, and with `release` let a standby take over at once; only when nothing is written any more."""
        self._releases = release
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            await asyncio.to_thread(self._thread.join, 3 * self._span.answer)
        if not self._thread.is_alive():
            self._loop.close()

    @property
    def leader(self) -> str:
        """Who leads, as far as is known here; empty = nobody."""
        record = self._campaign.candidate.record if self._campaign is not None else None
        return record.holder if record is not None else ""

    @property
    def trouble(self) -> str | None:
        """Why this replica could not take over: it has not reached the Lease for as long as that lasts."""
        campaign = self._campaign
        if campaign is None or campaign.silent_seconds() < self._span.seconds:
            return None
        return f"the Lease {self._key} can't be reached: {campaign.fault}"

    def told(self) -> dict[str, Any]:
        """Who is who, for `/counts`."""
        role = "leader" if self.leadership.holds else "standby"
        return {"lease": str(self._key), "identity": self.identity, "role": role, "leader": self.leader}

    def _begun(self) -> None:
        self._main.call_soon_threadsafe(self.won.set)

    def _refused(self) -> None:
        self._report(NotLeading(f"the Lease {self._key} was not renewed for {self._span.deadline:.0f} s"))

    def _work(self) -> None:
        failure: BaseException | None = None
        try:
            self._loop.run_until_complete(self._run())
        except BaseException as error:
            failure = error
        self._main.call_soon_threadsafe(self._report, failure)

    async def _run(self) -> None:
        candidate = Candidate(self.identity, self._span)
        async with Lease(self._connection, self._key, self._span.answer) as lease:
            self._campaign = Campaign(lease, self._key, candidate, self.leadership)
            running, stopping = asyncio.create_task(self._campaign.run()), asyncio.create_task(self._stop.wait())
            await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if running.done():
                return running.result()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            if self._releases:
                await self._campaign.release()

    def _report(self, failure: BaseException | None) -> None:
        if self.ended.done():
            return
        if failure is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(failure)
