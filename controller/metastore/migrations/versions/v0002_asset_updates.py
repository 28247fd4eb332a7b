"""Updates of assets, and which of them a run answers for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """A table of updates, and a column of runs."""
    op.create_table(
        "asset_updates",
        sa.Column("task_run_uid", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("dag", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("map_index", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("task_run_uid", "number", "asset", name="pk_asset_updates"),
    )
    op.create_index("ix_asset_updates_namespace_asset_at", "asset_updates", ["namespace", "asset", "at"])
    op.add_column("dag_runs", sa.Column("updates", sa.JSON().with_variant(JSONB(), "postgresql")))
