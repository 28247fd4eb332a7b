"""Runs that had their time say so, and what goes from the metastore is found by indexes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """One column and three indexes."""
    op.add_column("dag_runs", sa.Column("deleted_by", sa.Text))
    op.create_index(
        "ix_dag_runs_namespace_dag_state_finished_at", "dag_runs", ["namespace", "dag", "state", "finished_at"]
    )
    op.create_index("ix_dag_runs_namespace_revision", "dag_runs", ["namespace", "revision"])
    op.create_index("ix_approvals_task_run_uid", "approvals", ["task_run_uid"])
