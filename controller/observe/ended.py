"""The runs of one Dag that have ended -> those of each state by their ends, the oldest first, and who uses what."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sortedcontainers import SortedDict

from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.names import LABEL_BACKFILL
from controller.model.states import RUN_FINAL, RunState

End = tuple[datetime, Key]
"""When a run ended, and which."""


class EndedRuns:
    """An index for those who decide what goes; it never looks at a run that nobody asks about."""

    def __init__(self) -> None:
        self._ends = {state: SortedDict() for state in RUN_FINAL}
        self._end_of: dict[Key, tuple[RunState, End]] = {}
        self._uses_of: dict[Key, tuple[str | None, str | None]] = {}
        self._revisions: Counter[str] = Counter()
        self._backfills: Counter[str] = Counter()

    def put(self, run: DagRun) -> None:
        """The run stands as it does now."""
        key, state = run.meta.key, run.status.state
        self.remove(key)
        if state in RUN_FINAL:
            end = (run.status.finished_at or run.meta.created_at, key)
            self._end_of[key] = (state, end)
            self._ends[state][end] = None
        revision, backfill = run.status.revision, run.meta.labels.get(LABEL_BACKFILL)
        self._uses_of[key] = (revision, backfill)
        self._revisions.update([revision] if revision else ())
        self._backfills.update([backfill] if backfill else ())

    def remove(self, key: Key) -> None:
        """The run is gone."""
        ended = self._end_of.pop(key, None)
        if ended is not None:
            state, end = ended
            del self._ends[state][end]
        revision, backfill = self._uses_of.pop(key, (None, None))
        _count_down(self._revisions, revision)
        _count_down(self._backfills, backfill)

    def by_end(self, state: RunState) -> Sequence[End]:
        """The runs that ended so, the oldest first: a view."""
        view: Sequence[End] = self._ends[state].keys()
        return view

    def uses_revision(self, name: str) -> bool:
        """Whether a run, ended or not, is pinned to the revision."""
        return name in self._revisions

    def has_run_of(self, backfill: str) -> bool:
        """Whether a run, ended or not, was made or cleared by the backfill."""
        return backfill in self._backfills

    def __len__(self) -> int:
        """How many runs are known."""
        return len(self._uses_of)


def _count_down(counts: Counter[str], name: str | None) -> None:
    if name:
        counts[name] -= 1
        if not counts[name]:
            del counts[name]
