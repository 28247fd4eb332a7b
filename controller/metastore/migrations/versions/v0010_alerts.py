"""A run's row tells its deadlines and the alerts about it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Two columns, which the version before this one does not know and need not write."""
    for name in ("deadlines", "alerts"):
        op.add_column("dag_runs", sa.Column(name, JSON, nullable=False, server_default=sa.text("'[]'")))
