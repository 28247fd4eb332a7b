"""The one thread that writes to the metastore: observed objects in, committed rows out, nobody waits for it."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Final

import structlog

from controller.metastore.batches import OUTAGES, store_all
from controller.metastore.buffer import Batch, Buffer, Entry, Live
from controller.metastore.engine import open_engine
from controller.metastore.projection import KINDS, Observed
from controller.metastore.store import end_all_but
from controller.model.action import Kind
from controller.model.dagrun import DagRun, Settled

TOLD_AFTER_SECONDS: Final = 5.0
"""An outage shorter than this is not worth a log line."""

_FIRST_DELAY_SECONDS: Final = 0.1
_LONGEST_DELAY_SECONDS: Final = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """An object of which this version, or a newer one, is in the database."""

    kind: Kind
    uid: str
    resource_version: int


OnCommitted = Callable[[Sequence[Committed]], None]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MetastoreWriter:
    """Keeps the metastore up to date; InvalidDatabaseUrl when made with a URL that can't be used.

    `observed`, `deleted` and `reconcile_start` return at once and may be called from any thread, also before `start`.
    `on_committed` is called from the writer's thread after each commit.
    """

    def __init__(self, url: str, on_committed: OnCommitted, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._engine = open_engine(url)
        self._on_committed = on_committed
        self._now = now
        self._buffer = Buffer()
        self._settled: dict[str, Settled] = {}
        self._left_out: set[str] = set()
        """The uids of objects whose newest version could not be stored."""
        self._failing_since: float | None = None
        self._told = False
        self._give_up_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="metastore-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def observed(self, observed: Observed) -> None:
        """Take the object as the newest that was seen; an older version than one taken before changes nothing."""
        self._buffer.put(observed)

    def deleted(self, observed: Observed, by: str | None = None) -> None:
        """Take the object, in its last version, as gone; `by` says why, where that is known."""
        self._buffer.put(observed, self._now(), by)

    def is_recorded(self, observed: Observed) -> bool:
        """Whether all that was observed of the object is committed; never, of one that can't be stored."""
        return not self._buffer.holds(observed) and observed.meta.uid not in self._left_out

    def reconcile_start(self, live_uids: Iterable[str], namespaces: Iterable[str] | None = None) -> None:
        """After the first listing: unfinished rows of any other object become Failed, reason Deleted.

        `namespaces` are those that were listed, None = all; rows of others are left alone.
        """
        listed = None if namespaces is None else frozenset(namespaces)
        self._buffer.put_live(Live(frozenset(live_uids), listed))

    def flush(self, timeout: float) -> bool:
        """Wait until all that was observed before is committed; False when the time is over."""
        return self._buffer.wait_committed(timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """Write what is left and stop; False when some of it could not be written in time."""
        self._give_up_at = monotonic() + timeout
        self._buffer.close()
        if self._thread.ident is not None:
            self._thread.join(timeout + 1)
        self._engine.dispose()
        if self.pending:
            log.warning("metastore closed with rows unwritten", pending=self.pending)
        return self.pending == 0

    @property
    def healthy(self) -> bool:
        """Whether the last attempt to write went well."""
        return self._failing_since is None

    @property
    def lag(self) -> float:
        """The seconds that the oldest unwritten object has waited."""
        return self._buffer.lag_seconds()

    @property
    def pending(self) -> int:
        """How many objects are unwritten."""
        return len(self._buffer)

    def _run(self) -> None:
        delay = _FIRST_DELAY_SECONDS
        while (batch := self._buffer.take()) is not None:
            if self._commit(batch):
                delay = _FIRST_DELAY_SECONDS
            elif self._gives_up():
                return
            else:
                self._buffer.wait_closed(delay)
                delay = min(2 * delay, _LONGEST_DELAY_SECONDS)

    def _gives_up(self) -> bool:
        """Whether `close` has waited long enough; before that it shortens the waits between attempts."""
        if self._give_up_at is None:
            return False
        sleep(_FIRST_DELAY_SECONDS)
        return monotonic() >= self._give_up_at

    def _commit(self, batch: Batch) -> bool:
        try:
            if batch.live is not None:
                self._end_all_but(batch.live)
            stored = store_all(self._engine, batch.entries, self._settled)
        except OUTAGES as error:
            self._fail(error)
            return False
        except Exception as error:
            log.exception("the metastore's writer failed")
            self._fail(error)
            return False
        self._tell_recovery()
        self._left_out -= {entry.observed.meta.uid for entry in stored}
        self._left_out |= {entry.observed.meta.uid for entry in batch.entries} - {e.observed.meta.uid for e in stored}
        self._remember_settled(stored)
        self._buffer.committed(batch)
        self._announce(stored)
        return True

    def _end_all_but(self, live: Live) -> None:
        with self._engine.begin() as connection:
            end_all_but(connection, live, self._now())

    def _remember_settled(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.observed, DagRun):
                self._settled[entry.observed.meta.uid] = entry.observed.status.settled
                if entry.deleted_at:
                    del self._settled[entry.observed.meta.uid]

    def _announce(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        committed = [_committed(entry) for entry in entries]
        try:
            self._on_committed(committed)
        except Exception:
            log.exception("the listener for commits failed")

    def _fail(self, error: Exception) -> None:
        # It may be another database that comes back: what it holds is not known any more.
        self._settled.clear()
        if self._failing_since is None:
            self._failing_since = monotonic()
        lasted = monotonic() - self._failing_since
        if lasted >= TOLD_AFTER_SECONDS and not self._told:
            self._told = True
            log.warning("metastore unavailable, rows are kept in memory", error=str(error), pending=self.pending)

    def _tell_recovery(self) -> None:
        if self._told and self._failing_since is not None:
            log.info("metastore available again", seconds=round(monotonic() - self._failing_since))
        self._failing_since = None
        self._told = False


def _committed(entry: Entry) -> Committed:
    return Committed(KINDS[type(entry.observed)], entry.observed.meta.uid, entry.version)
