"""What was asked of runs, and backfills."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Two tables, and for a run the name of its backfill."""
    op.add_column("dag_runs", sa.Column("backfill", sa.Text))
    _requests()
    _backfills()


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("run_uid", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("handled_at", TIME, nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("dag", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("refused", sa.Boolean, nullable=False),
        sa.Column("touched", sa.BigInteger, nullable=False),
        sa.Column("tasks", JSON, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run_uid", "id", "handled_at", name="pk_requests"),
    )
    op.create_index("ix_requests_namespace_handled_at", "requests", ["namespace", "handled_at"])


def _backfills() -> None:
    op.create_table(
        "backfills",
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dag", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.Column("run_backwards", sa.Boolean, nullable=False),
        sa.Column("max_active_runs", sa.BigInteger, nullable=False),
        sa.Column("reprocess", sa.Text, nullable=False),
        sa.Column("gaps", sa.Boolean, nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("cancel", sa.Text),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("progress", sa.Text),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("reason", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("resource_version", sa.BigInteger, nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("uid", name="pk_backfills"),
    )
    op.create_index("ix_backfills_namespace_dag_created_at", "backfills", ["namespace", "dag", "created_at"])
