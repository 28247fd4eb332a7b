"""What people ask for: approvals, an audit, assets of Dags, and what the pages of backfills and of home show."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Two tables, columns that may be absent, and indexes; requests that were made before are taken into the audit."""
    op.add_column("dags", sa.Column("produces", JSON, nullable=False, server_default=sa.text("'{}'")))
    op.add_column("dags", sa.Column("consumes", JSON, nullable=False, server_default=sa.text("'[]'")))
    op.add_column("backfills", sa.Column("note", sa.Text))
    op.add_column("backfills", sa.Column("revision", sa.Text))
    op.add_column("backfills", sa.Column("planned_at", TIME))
    op.add_column("backfills", sa.Column("handled_through", TIME))
    _approvals()
    _audit()
    op.create_index("ix_dag_runs_state_finished_at_namespace", "dag_runs", ["state", "finished_at", "namespace"])
    op.create_index("ix_backfills_created_at_uid", "backfills", ["created_at", "uid"])
    op.create_index("ix_backfills_namespace_name", "backfills", ["namespace", "name"])
    op.create_index("ix_backfills_change", "backfills", ["change"])
    taking = sa.text("state IN ('Scheduled', 'Queued', 'Running')")
    op.create_index(
        "ix_task_runs_slots", "task_runs", ["namespace", "pool"], postgresql_where=taking, sqlite_where=taking
    )
    for columns in (["namespace", "at"], ["asset", "at"], ["at"]):
        op.create_index(f"ix_asset_updates_{'_'.join(columns)}", "asset_updates", columns)


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dag", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("task_run", sa.Text, nullable=False),
        sa.Column("task_run_uid", sa.Text),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("default_answer", sa.Text),
        sa.Column("expires_at", TIME),
        sa.Column("answer", sa.Text),
        sa.Column("answered_by", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("finished_at", TIME),
        sa.Column("message", sa.Text),
        sa.Column("resource_version", sa.BigInteger, nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("uid", name="pk_approvals"),
    )
    _index("approvals", ["created_at", "uid"], ["namespace", "created_at", "uid"], ["state", "created_at", "uid"])
    _index("approvals", ["namespace", "name"], ["change"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dag", sa.Text),
        sa.Column("run", sa.Text),
        sa.Column("asked_by", sa.Text),
        sa.Column("details", JSON, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("uid", "action", "id", name="pk_audit"),
    )
    _index("audit", ["at", "uid", "action", "id"], ["namespace", "at"], ["namespace", "dag", "at"])
    _index("audit", ["namespace", "run", "at"], ["asked_by", "at"], ["action", "at"])
    op.execute(
        """INSERT INTO audit (uid, action, id, at, namespace, kind, name, dag, run, asked_by, change)
        SELECT run_uid, action, id, MIN(handled_at), namespace, 'DagRun', run, dag, run, MIN(asked_by), MIN(change)
        FROM requests WHERE NOT dry_run GROUP BY run_uid, action, id, namespace, run, dag"""
    )


def _index(table: str, *lists: list[str]) -> None:
    for columns in lists:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
