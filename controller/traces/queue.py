"""Changes in the store -> ended runs whose spans are not sent yet, the longest waiting first: a bounded number.

A run joins when it ends before our eyes while this replica leads. Who begins to lead adds the runs that ended in the
last minutes, since the one before may not have sent them.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from controller.model.dagrun import DagRun
from controller.model.states import RUN_FINAL
from controller.model.taskrun import TaskRun
from controller.observe.tables import Observed, Tables

MOST_WAITING: Final = 1000
RECENT: Final = timedelta(minutes=10)
"""A new leader sends what ended so long ago."""
MOST_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has ended, as it was then."""

    run: DagRun
    task_runs: tuple[TaskRun, ...]
    tries: int = 0


class EndedRuns:
    """What waits to be sent. `see` listens to a store."""

    def __init__(self, tables: Tables, leads: Callable[[], bool]) -> None:
        self._tables = tables
        self._leads = leads
        self._at_work: set[str] = set()
        self._waiting: deque[Ended] = deque()
        self.lost = 0
        """Runs that were given up: too many waited, or too many tries failed."""
        self.on_ended: Callable[[], None] = lambda: None
        """Called when one has joined."""

    def see(self, changed: Observed, gone: bool) -> None:
        """Take a change in."""
        if not isinstance(changed, DagRun):
            return
        uid = changed.meta.uid
        if changed.status.state not in RUN_FINAL and not gone:
            self._at_work.add(uid)
        elif uid in self._at_work:
            self._at_work.remove(uid)
            if changed.status.state in RUN_FINAL and self._leads():
                self._put(self._ended(changed))

    def add_recent(self, now: datetime) -> None:
        """The runs that ended in the last minutes, the oldest first."""
        ended = [(run.status.finished_at, run) for run in self._tables.runs.values() if run.status.finished_at]
        recent = [run for at, run in ended if at > now - RECENT and run.status.state in RUN_FINAL]
        waiting = {each.run.meta.uid for each in self._waiting}
        for run in sorted(recent, key=_end):
            if run.meta.uid not in waiting:
                self._put(self._ended(run))

    def take(self) -> Ended | None:
        """The one that has waited longest, which waits no more; None when none does."""
        return self._waiting.popleft() if self._waiting else None

    def give_back(self, ended: Ended) -> None:
        """It could not be sent: its turn comes again after the others, unless it has failed too often."""
        again = replace(ended, tries=ended.tries + 1)
        if again.tries < MOST_TRIES:
            self._put(again)
        else:
            self.lost += 1

    def __len__(self) -> int:
        return len(self._waiting)

    def _ended(self, run: DagRun) -> Ended:
        task_runs: Iterable[TaskRun] = self._tables.task_runs_of(run).values()
        return Ended(run, tuple(task_runs))

    def _put(self, ended: Ended) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(ended)
        self.on_ended()


def _end(run: DagRun) -> tuple[datetime, str]:
    assert run.status.finished_at is not None  # noqa: S101 only runs with an end are sorted
    return run.status.finished_at, run.meta.uid
