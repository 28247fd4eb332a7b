"""How things stand, in a few numbers: from the summary that each run's row has of its tasks, and by indexes alone."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from controller.metastore.tables import DagRow, DagRunRow
from controller.model.states import RUN_FINAL, RunState
from controller.web.answer import Answer, Time
from controller.web.queries.filters import columns, within

MOST_LISTED: Final = 20
_ENDED: Final = sorted(state.value for state in RUN_FINAL)
_OPEN: Final = sorted(state.value for state in RunState if state not in RUN_FINAL)


class FailedRun(Answer):
    """A run that failed."""

    namespace: str
    """Where."""
    dag: str
    """Its Dag."""
    name: str
    """The DagRun's name."""
    finished_at: Time
    """When it ended."""
    reason: str | None
    """Why, in a word."""
    message: str | None
    """The same in a sentence."""
    failed_tasks: list[str]
    """The first tasks that failed."""


class DagNotReady(Answer):
    """A Dag that can't run."""

    namespace: str
    """Where."""
    name: str
    """Its name."""
    reason: str | None
    """Why, in a word; absent = it is not judged yet."""
    message: str | None
    """The same in a sentence."""


class RunCounts(Answer):
    """How runs and their tasks stand."""

    runs: dict[str, int]
    """Runs by state: those that are queued or running now, and those that ended in the window."""
    tasks: dict[str, int]
    """The tasks of these runs by state, as their runs last told."""


def run_counts(session: Session, namespaces: Sequence[str] | None, since: datetime) -> RunCounts:
    """The counts of the window that begins at `since`."""
    runs: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    ended = (DagRunRow.state.in_(_ENDED), DagRunRow.finished_at >= since)
    for chosen in (ended, (DagRunRow.state.in_(_OPEN),)):
        # Runs of one Dag mostly have the same counts: so a few groups come back, and no JSON is taken apart for each.
        query = select(DagRunRow.state, DagRunRow.counts, func.count()).where(*chosen)
        query = query.where(*within(DagRunRow.namespace, namespaces)).group_by(DagRunRow.state, DagRunRow.counts)
        for state, counts, number in session.execute(query):
            runs[state] += number
            for of_tasks, count in counts.items():
                tasks[of_tasks] += count * number
    return RunCounts(runs=dict(sorted(runs.items())), tasks=dict(sorted(tasks.items())))


def failed_runs(session: Session, namespaces: Sequence[str] | None, since: datetime) -> list[FailedRun]:
    """The last runs that failed since then, the newest first."""
    query = select(*columns(DagRunRow, FailedRun)).where(
        DagRunRow.state == RunState.FAILED.value, DagRunRow.finished_at >= since
    )
    query = query.where(*within(DagRunRow.namespace, namespaces))
    return FailedRun.all_of(session.execute(query.order_by(DagRunRow.finished_at.desc()).limit(MOST_LISTED)))


def dags_not_ready(session: Session, namespaces: Sequence[str] | None) -> list[DagNotReady]:
    """The first Dags that can't run, by namespace and name."""
    query = select(*columns(DagRow, DagNotReady)).where(DagRow.ready.is_not(True), DagRow.deleted_at.is_(None))
    query = query.where(*within(DagRow.namespace, namespaces))
    return DagNotReady.all_of(session.execute(query.order_by(DagRow.namespace, DagRow.name).limit(MOST_LISTED)))
