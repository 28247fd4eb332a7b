"""One observed object -> the rows that show it. Pure: equal objects give equal rows, live or in a rebuild."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from controller.metastore.dag_rows import dag_row, pool_row, revision_row, run_row
from controller.metastore.row import Row
from controller.metastore.task_rows import account_row, pod_row, settled_rows, task_row
from controller.model.action import Kind
from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun, Settled
from controller.model.pod import Pod
from controller.model.pool import Pool
from controller.model.taskrun import Attempt, TaskRun

Observed = Dag | Revision | DagRun | TaskRun | Pod | Pool

KINDS: Final[Mapping[type[Observed], Kind]] = {
    Dag: Kind.DAG,
    Revision: Kind.REVISION,
    DagRun: Kind.DAG_RUN,
    TaskRun: Kind.TASK_RUN,
    Pod: Kind.POD,
    Pool: Kind.POOL,
}


class Target(StrEnum):
    """Where a row goes, in the order in which a transaction writes."""

    DAGS = "dags"
    REVISIONS = "dag_revisions"
    POOLS = "pools"
    RUNS = "dag_runs"
    TASKS = "task_runs"
    POD_ATTEMPTS = "attempts, as Pods show them"
    ACCOUNTS = "attempts, as TaskRuns account for them"


def rows_of(
    observed: Observed, *, settled_before: Settled | None = None, older_attempts: Sequence[Attempt] = ()
) -> Iterator[tuple[Target, Row]]:
    """Every row that shows the object.

    `settled_before` are the run's settled tasks that are already rows, `older_attempts` those that have fallen out of
    the TaskRun's status since it was last stored.
    """
    match observed:
        case Dag():
            yield Target.DAGS, dag_row(observed)
        case Revision():
            yield Target.REVISIONS, revision_row(observed)
        case Pool():
            yield Target.POOLS, pool_row(observed)
        case DagRun():
            yield Target.RUNS, run_row(observed)
            for row in settled_rows(observed, settled_before or Settled()):
                yield Target.TASKS, row
        case TaskRun():
            yield Target.TASKS, task_row(observed)
            for attempt in (*older_attempts, *observed.status.attempts):
                yield Target.ACCOUNTS, account_row(observed, attempt)
        case Pod():
            shown = pod_row(observed)
            if shown:
                yield Target.POD_ATTEMPTS, shown
