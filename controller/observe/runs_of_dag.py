"""The runs of one Dag -> how many are active, and which queued run comes next."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from sortedcontainers import SortedDict

from controller.model.dag import FAILURES_COUNTED
from controller.model.dagrun import DagRun, RunType
from controller.model.metadata import Key
from controller.model.names import LABEL_BACKFILL
from controller.model.states import RUN_FINAL, RunState
from controller.observe.ended import EndedRuns

EARLIER_RUNS: Final = 20
"""So many runs before a time are looked at for the one whose data interval reaches into it."""


_ALL_OTHERS: Final = ""


class RunsOfDag:
    """An index of one Dag's runs by what they do.

    Queued runs are ordered by logical date, those without one by age among the rest. Each backfill has a queue and a
    limit of its own, as the other runs together have.
    """

    def __init__(self) -> None:
        self._ages_of: dict[Key, tuple[datetime, Key]] = {}
        self._orders_of: dict[Key, tuple[datetime, datetime, Key]] = {}
        self._queued: dict[str, SortedDict] = {}
        self._running: dict[str, set[Key]] = {}
        self._queue_of: dict[Key, str] = {}
        self._passed_over: set[Key] = set()
        """Queued runs that do not start, so that the ones after them may."""
        self._backfill_of: dict[Key, str] = {}
        self._at_work: dict[str, dict[Key, None]] = {}
        self._failed: dict[str, set[Key]] = {}
        self._end_of: dict[Key, tuple[datetime, Key]] = {}
        self._ends = SortedDict()
        self._ages = SortedDict()
        self._date_of: dict[Key, tuple[datetime, datetime, Key]] = {}
        self._dates = SortedDict()
        self.ended = EndedRuns()

    def put(self, run: DagRun) -> None:
        """The run stands as it does now."""
        key = run.meta.key
        self.remove(key)
        self._ages_of[key] = (run.meta.created_at, key)
        self._ages[self._ages_of[key]] = key
        if run.spec.logical_date is not None:
            self._date_of[key] = (run.spec.logical_date, run.meta.created_at, key)
            self._dates[self._date_of[key]] = run.spec.run_type
        self._put_to_backfill(run)
        self.ended.put(run)
        if run.status.state in RUN_FINAL:
            if run.status.finished_at is not None and run.status.reason != "Cancelled":
                self._end_of[key] = (run.status.finished_at, key)
                self._ends[self._end_of[key]] = run.status.state is RunState.FAILED
            return
        queue = self._queue_of[key] = _queue_of(run)
        if run.status.state is RunState.RUNNING:
            self._running.setdefault(queue, set()).add(key)
            return
        self._orders_of[key] = (run.spec.logical_date or run.meta.created_at, run.meta.created_at, key)
        self._queued.setdefault(queue, SortedDict())[self._orders_of[key]] = key
        if run.spec.paused or run.meta.deleting_since is not None:
            self._passed_over.add(key)

    def remove(self, key: Key) -> None:
        """The run is gone."""
        self._ages.pop(self._ages_of.pop(key, None), None)
        self._dates.pop(self._date_of.pop(key, None), None)
        self._ends.pop(self._end_of.pop(key, None), None)
        self._passed_over.discard(key)
        self.ended.remove(key)
        self._remove_from_backfill(key)
        queue = self._queue_of.pop(key, None)
        if queue is None:
            return
        order = self._orders_of.pop(key, None)
        if order is not None:
            del self._queued[queue][order]
        else:
            self._running[queue].discard(key)
        for runs in (self._queued, self._running):
            if queue in runs and not runs[queue]:
                del runs[queue]

    def next_beside(self, key: Key) -> Key | None:
        """The run that may start before all others of the same queue; None when there is none."""
        return self._next_in(self._queue_of.get(key, _ALL_OTHERS))

    def next_queued(self) -> Iterator[Key]:
        """The run of each queue that may start before all others of it."""
        return (key for queue in sorted(self._queued) if (key := self._next_in(queue)) is not None)

    def queued(self) -> Iterator[Key]:
        """The queued runs in the order in which they may start, those of backfills last."""
        return iter([key for queue in sorted(self._queued) for key in self._queued[queue].values()])

    def running_beside(self, key: Key) -> int:
        """Running runs that share a limit with this one, itself left out."""
        running = self._running.get(self._queue_of.get(key, _ALL_OTHERS), ())
        return len(running) - (key in running)

    def running(self) -> list[Key]:
        """The running runs."""
        return sorted(key for runs in self._running.values() for key in runs)

    def active(self) -> int:
        """Runs that are queued or running, backfills left out."""
        return len(self._running.get(_ALL_OTHERS, ())) + len(self._queued.get(_ALL_OTHERS, ()))

    def at_work(self, backfill: str) -> tuple[Key, ...]:
        """The backfill's runs that have not ended, or are to be cleared."""
        return tuple(self._at_work.get(backfill, ()))

    def failed(self, backfill: str) -> int:
        """How many of the backfill's runs stand as Failed."""
        return len(self._failed.get(backfill, ()))

    def dates(self) -> Sequence[tuple[datetime, datetime, Key]]:
        """The logical dates of the runs that have one, rising, with the runs' ages and keys: a view."""
        view: Sequence[tuple[datetime, datetime, Key]] = self._dates.keys()
        return view

    def failed_in_a_row(self, since: datetime | None) -> int:
        """How many of the last runs that ended after `since` failed, up to a success; cancelled ones don't count."""
        count = 0
        for end in reversed(self._ends):
            if not self._ends[end] or (since is not None and end[0] <= since) or count == FAILURES_COUNTED:
                break
            count += 1
        return count

    def succeeded(self) -> Iterator[Key]:
        """The runs that succeeded, those that ended last first."""
        return (end[1] for end in reversed(self._ends) if not self._ends[end])

    def last_ended(self) -> Sequence[tuple[datetime, Key]]:
        """The runs that `failed_in_a_row` counts, by their ends, rising: a view."""
        view: Sequence[tuple[datetime, Key]] = self._ends.keys()
        return view

    def _put_to_backfill(self, run: DagRun) -> None:
        key, backfill = run.meta.key, run.meta.labels.get(LABEL_BACKFILL)
        if not backfill:
            return
        self._backfill_of[key] = backfill
        if run.status.state not in RUN_FINAL or run.open_request is not None:
            self._at_work.setdefault(backfill, {})[key] = None
        elif run.status.state is RunState.FAILED:
            self._failed.setdefault(backfill, set()).add(key)

    def _remove_from_backfill(self, key: Key) -> None:
        backfill = self._backfill_of.pop(key, "")
        self._at_work.get(backfill, {}).pop(key, None)
        self._failed.get(backfill, set()).discard(key)
        for runs in (self._at_work, self._failed):
            if backfill in runs and not runs[backfill]:
                del runs[backfill]

    def _next_in(self, queue: str) -> Key | None:
        waiting = self._queued.get(queue, {}).values()
        return next((key for key in waiting if key not in self._passed_over), None)

    def newest(self) -> Key | None:
        """The run that was created last."""
        return self._ages.peekitem(-1)[1] if self._ages else None

    def newest_by_date(self) -> Iterator[Key]:
        """The run with the latest logical date, and the latest that no person made: the next run follows them."""
        for date in reversed(self._dates):
            yield Key(*date[2])
            if self._dates[date] is not RunType.MANUAL:
                return

    def before(self, key: Key, *, manual: bool) -> Key | None:
        """The run with the next smaller logical date; `manual` ones count or not."""
        date = self._date_of.get(key)
        if date is None:
            return None
        for other in self._dates.irange(maximum=(date[0],), reverse=True):
            if manual or self._dates[other] is not RunType.MANUAL:
                return Key(*other[2])
        return None

    def following(self, key: Key) -> Iterator[Key]:
        """The runs that this one may be the one before of: up to the next that no person made."""
        date = self._date_of.get(key)
        if date is None:
            return
        for other in self._dates.irange(minimum=date, inclusive=(False, False)):
            if other[0] > date[0]:
                yield Key(*other[2])
                if self._dates[other] is not RunType.MANUAL:
                    return

    def about(self, start: datetime, end: datetime) -> Iterator[Key]:
        """The runs with a logical date in this time, the oldest first, and before them the newest earlier ones."""
        earlier = islice(self._dates.irange(maximum=(start,), inclusive=(True, False), reverse=True), EARLIER_RUNS)
        for other in reversed(list(earlier)):
            yield Key(*other[2])
        for other in self._dates.irange(minimum=(start,)):
            if other[0] > end:
                return
            yield Key(*other[2])

    def __iter__(self) -> Iterator[Key]:
        return iter(tuple(self._ages_of))

    def __len__(self) -> int:
        return len(self._ages_of)


def _queue_of(run: DagRun) -> str:
    """The backfill with a slash before it; nothing for a run that no backfill made or cleared."""
    backfill = run.meta.labels.get(LABEL_BACKFILL, "")
    return f"/{backfill}" if backfill or run.spec.run_type is RunType.BACKFILL else _ALL_OTHERS
