"""What the web server asks for: labels of runs, the heartbeat of the controller, indexes for its lists."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Nothing that the version before this one does not bear: it goes on writing during a rollout."""
    op.add_column("dag_runs", sa.Column("labels", JSON, nullable=False, server_default=sa.text("'{}'")))
    op.create_table(
        "heartbeats",
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("beat_at", TIME, nullable=False),
        sa.Column("ready", sa.Boolean, nullable=False),
        sa.Column("pending", sa.BigInteger, nullable=False),
        sa.Column("lag_seconds", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("component", name="pk_heartbeats"),
    )
    op.create_index("ix_dag_runs_namespace_ordered_at_uid", "dag_runs", ["namespace", "ordered_at", "uid"])
    op.create_index("ix_dag_runs_namespace_name", "dag_runs", ["namespace", "name"])
    op.create_index("ix_dags_change", "dags", ["change"])
