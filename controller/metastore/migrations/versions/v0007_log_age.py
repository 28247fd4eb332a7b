"""The oldest logs are found by an index, so that they can be removed."""

from collections.abc import Sequence

from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """One index."""
    op.create_index("ix_attempt_logs_archived_at", "attempt_logs", ["archived_at"])
