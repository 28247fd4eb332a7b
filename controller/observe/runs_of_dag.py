"""The runs of one Dag -> how many are active, and which queued run comes next."""

from collections.abc import Iterator
from datetime import datetime

from sortedcontainers import SortedDict

from controller.model.dagrun import DagRun, RunType
from controller.model.metadata import Key
from controller.model.states import RUN_FINAL, RunState


class RunsOfDag:
    """An index of one Dag's runs by what they do.

    Queued runs are ordered by logical date, those without one by age among the rest.
    """

    def __init__(self) -> None:
        self._ages_of: dict[Key, tuple[datetime, Key]] = {}
        self._orders_of: dict[Key, tuple[datetime, datetime, Key]] = {}
        self._queued = SortedDict()
        self._running: set[Key] = set()
        self._backfills: set[Key] = set()
        self._ages = SortedDict()
        self._date_of: dict[Key, tuple[datetime, datetime, Key]] = {}
        self._dates = SortedDict()

    def put(self, run: DagRun) -> None:
        """The run stands as it does now."""
        key = run.meta.key
        self.remove(key)
        self._ages_of[key] = (run.meta.created_at, key)
        self._ages[self._ages_of[key]] = key
        if run.spec.logical_date is not None:
            self._date_of[key] = (run.spec.logical_date, run.meta.created_at, key)
            self._dates[self._date_of[key]] = run.spec.run_type
        if run.status.state in RUN_FINAL:
            return
        if run.spec.run_type is RunType.BACKFILL:
            self._backfills.add(key)
        if run.status.state is RunState.RUNNING:
            self._running.add(key)
        else:
            self._orders_of[key] = (run.spec.logical_date or run.meta.created_at, run.meta.created_at, key)
            self._queued[self._orders_of[key]] = key

    def remove(self, key: Key) -> None:
        """The run is gone."""
        self._ages.pop(self._ages_of.pop(key, None), None)
        self._dates.pop(self._date_of.pop(key, None), None)
        self._queued.pop(self._orders_of.pop(key, None), None)
        self._running.discard(key)
        self._backfills.discard(key)

    def next_queued(self) -> Key | None:
        """The queued run that may start before all others."""
        return next(iter(self._queued.values()), None)

    def queued(self) -> Iterator[Key]:
        """The queued runs in the order in which they may start."""
        return iter(tuple(self._queued.values()))

    def running_without(self, key: Key) -> int:
        """Running runs, this one left out."""
        return len(self._running - {key})

    def active(self) -> int:
        """Runs that are queued or running, backfills left out."""
        return len(self._running) + len(self._queued) - len(self._backfills)

    def newest(self) -> Key | None:
        """The run that was created last."""
        return self._ages.peekitem(-1)[1] if self._ages else None

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

    def __iter__(self) -> Iterator[Key]:
        return iter(tuple(self._ages_of))
