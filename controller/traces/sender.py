"""A store and an exporter -> the spans of every run that ends, sent beside the scheduling, for as long as we lead."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from controller.log import Logger
from controller.observe.store import Store
from controller.settings import Settings
from controller.traces.export import Exporter, OtlpExporter, is_switched_off
from controller.traces.queue import EndedRuns
from controller.traces.spans import spans_of

_FIRST_WAIT_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.2

_log = Logger(__name__)


class TraceSender:
    """Sends the spans of runs that end, each run's at least once."""

    def __init__(
        self, store: Store, exporter: Exporter, leads: Callable[[], bool], clock: Callable[[], datetime]
    ) -> None:
        self._exporter = exporter
        self._clock = clock
        self._leads = leads
        self._ended = EndedRuns(store.tables, leads)
        self._awake = asyncio.Event()
        self._ended.on_ended = self._awake.set
        self._failing = False
        self.sent = 0
        """Runs whose spans were taken."""
        store.listen(self._ended.see)

    @property
    def lost(self) -> int:
        """Runs whose spans were given up."""
        return self._ended.lost

    @property
    def waiting(self) -> int:
        """Runs whose spans are not sent yet."""
        return len(self._ended)

    async def run(self) -> None:
        """Send for ever, from when this replica leads: what ended shortly before may not have been sent yet."""
        while not self._leads():  # noqa: ASYNC110 leading is asked for, as it ends by time alone
            await asyncio.sleep(_LOOK_SECONDS)
        self._ended.add_recent(self._clock())
        wait = _FIRST_WAIT_SECONDS
        while True:
            await self._awake.wait()
            self._awake.clear()
            while await self.send_next():
                wait = _FIRST_WAIT_SECONDS
            if self.waiting:
                await asyncio.sleep(wait)
                wait = min(_LONGEST_WAIT_SECONDS, 2 * wait)
                self._awake.set()

    async def send_next(self) -> bool:
        """Send the spans of the run that has waited longest; False where none waits or it was not taken."""
        ended = self._ended.take()
        if ended is None:
            return False
        spans = spans_of(ended.run, ended.task_runs)
        taken = False
        try:
            taken = await asyncio.to_thread(self._exporter.export, spans)
        except Exception:  # a bug, ours or of the exporter, must cost spans and not the scheduler
            _log.exception("spans can't be sent", run=str(ended.run.meta.key))
        self._tell(taken)
        if taken:
            self.sent += 1
        else:
            self._ended.give_back(ended)
        return taken

    def _tell(self, taken: bool) -> None:
        """One line when it begins to fail, and one when it goes again."""
        if taken and self._failing:
            _log.info("spans are taken again")
        elif not taken and not self._failing:
            _log.warning("spans are not taken, they are tried again", waiting=self.waiting + 1)
        self._failing = not taken


@asynccontextmanager
async def sent_traces(
    settings: Settings, store: Store, leads: Callable[[], bool], clock: Callable[[], datetime]
) -> AsyncIterator[TraceSender | None]:
    """The sender at work, None where the settings want none; Usage where they do and OpenTelemetry is not installed."""
    if not settings.tracing or is_switched_off():
        yield None
        return
    exporter = OtlpExporter()
    sender = TraceSender(store, exporter, leads, clock)
    work = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        await asyncio.to_thread(exporter.close)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
