"""The metastore's tables: one row per Dag, revision, run, task of a run, attempt, request, pool and backfill.

    dags 1--n dag_runs 1--n task_runs 1--n attempts        dag_revisions, pools, backfills, heartbeats, change_counter
                       1--n requests

There are no foreign keys: rows arrive in any order and stay when what they refer to is gone. The tables of approvals,
asset updates, the audit log and logs stand beside what fills them: approvals.py, asset_updates.py, audit.py and
log_rows.py.
"""

from controller.metastore.tables.backfills import BackfillRow
from controller.metastore.tables.dags import DagRevisionRow, DagRow, PoolRow
from controller.metastore.tables.runs import DagRunRow, RequestRow
from controller.metastore.tables.schema import NOT_MAPPED, Base, Mirrored, table
from controller.metastore.tables.tasks import SLOT_STATES, AttemptRow, TaskRunRow
from controller.metastore.tables.upkeep import ChangeCounterRow, HeartbeatRow

__all__ = [
    "NOT_MAPPED",
    "SLOT_STATES",
    "AttemptRow",
    "BackfillRow",
    "Base",
    "ChangeCounterRow",
    "DagRevisionRow",
    "DagRow",
    "DagRunRow",
    "HeartbeatRow",
    "Mirrored",
    "PoolRow",
    "RequestRow",
    "TaskRunRow",
    "table",
]
