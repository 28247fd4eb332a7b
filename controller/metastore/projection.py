"""One observed object -> the rows that show it. Pure: equal objects give equal rows, live or in a rebuild."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from controller.metastore.approvals import approval_row
from controller.metastore.asset_updates import update_rows
from controller.metastore.audit import audit_rows
from controller.metastore.dag_rows import backfill_row, dag_row, pool_row, request_rows, revision_row, run_row
from controller.metastore.row import Row
from controller.metastore.task_rows import account_row, pod_row, settled_rows, task_row
from controller.model.action import Kind
from controller.model.approval import Approval
from controller.model.backfill import Backfill
from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun, Settled
from controller.model.pod import Pod
from controller.model.pool import Pool
from controller.model.taskrun import Attempt, TaskRun

Observed = Dag | Revision | DagRun | TaskRun | Pod | Pool | Backfill | Approval

KINDS: Final[Mapping[type[Observed], Kind]] = {
    Dag: Kind.DAG,
    Revision: Kind.REVISION,
    DagRun: Kind.DAG_RUN,
    TaskRun: Kind.TASK_RUN,
    Pod: Kind.POD,
    Pool: Kind.POOL,
    Backfill: Kind.BACKFILL,
    Approval: Kind.APPROVAL,
}


class Target(StrEnum):
    """Where a row goes, in the order in which a transaction writes."""

    DAGS = "dags"
    REVISIONS = "dag_revisions"
    POOLS = "pools"
    BACKFILLS = "backfills"
    RUNS = "dag_runs"
    REQUESTS = "requests"
    TASKS = "task_runs"
    POD_ATTEMPTS = "attempts, as Pods show them"
    ACCOUNTS = "attempts, as TaskRuns account for them"
    ASSET_UPDATES = "asset_updates"
    APPROVALS = "approvals"
    AUDIT = "audit"


_ONE_ROW: Final[Mapping[type[Observed], tuple[Target, Callable[[Any], Row]]]] = {
    Dag: (Target.DAGS, dag_row),
    Revision: (Target.REVISIONS, revision_row),
    Pool: (Target.POOLS, pool_row),
    Backfill: (Target.BACKFILLS, backfill_row),
    Approval: (Target.APPROVALS, approval_row),
}
"""The kinds that are one row each."""


def rows_of(
    observed: Observed, *, settled_before: Settled | None = None, older_attempts: Sequence[Attempt] = ()
) -> Iterator[tuple[Target, Row]]:
    """Every row that shows the object.

    `settled_before` are the run's settled tasks that are already rows, `older_attempts` those that have fallen out of
    the TaskRun's status since it was last stored.
    """
    match observed:
        case Dag() | Revision() | Pool() | Backfill() | Approval():
            target, row_of = _ONE_ROW[type(observed)]
            yield target, row_of(observed)
        case DagRun():
            yield Target.RUNS, run_row(observed)
            yield from ((Target.REQUESTS, row) for row in request_rows(observed))
            for row in settled_rows(observed, settled_before or Settled()):
                yield Target.TASKS, row
        case TaskRun():
            yield Target.TASKS, task_row(observed)
            for attempt in (*older_attempts, *observed.status.attempts):
                yield Target.ACCOUNTS, account_row(observed, attempt)
                yield from ((Target.ASSET_UPDATES, row) for row in update_rows(observed, attempt))
        case Pod():
            shown = pod_row(observed)
            if shown:
                yield Target.POD_ATTEMPTS, shown
    if isinstance(observed, Dag | DagRun | Pool | Backfill | Approval):
        yield from ((Target.AUDIT, row) for row in audit_rows(observed))
