"""The first schema."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
LIVE = sa.text("deleted_at IS NULL AND uid IS NOT NULL")


def upgrade() -> None:
    """All tables, their indexes and the counter's one row."""
    _dags()
    _dag_revisions()
    _dag_runs()
    _task_runs()
    _attempts()
    _pools()
    _change_counter()


def _dags() -> None:
    op.create_table(
        "dags",
        _key("namespace", sa.Text),
        _key("name", sa.Text),
        _set("uid", sa.Text),
        sa.Column("revision", sa.Text),
        sa.Column("schedule", sa.Text),
        _set("paused", sa.Boolean),
        sa.Column("ready", sa.Boolean),
        sa.Column("reason", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("task_count", sa.BigInteger),
        _set("active_runs", sa.BigInteger),
        sa.Column("last_scheduled_at", TIME),
        sa.Column("next_run_at", TIME),
        sa.Column("last_run", sa.Text),
        sa.Column("last_state", sa.Text),
        sa.Column("owner", sa.Text),
        _set("tags", JSON),
        sa.Column("description", sa.Text),
        _set("resource_version", sa.BigInteger),
        _set("change", sa.BigInteger),
        _set("created_at", TIME),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("namespace", "name", name="pk_dags"),
    )


def _dag_revisions() -> None:
    op.create_table(
        "dag_revisions",
        _key("namespace", sa.Text),
        _key("name", sa.Text),
        _set("dag", sa.Text),
        _set("spec", sa.Text),
        _set("change", sa.BigInteger),
        _set("created_at", TIME),
        sa.PrimaryKeyConstraint("namespace", "name", name="pk_dag_revisions"),
    )
    op.create_index("ix_dag_revisions_namespace_dag_created_at", "dag_revisions", ["namespace", "dag", "created_at"])


def _dag_runs() -> None:
    op.create_table(
        "dag_runs",
        _key("uid", sa.Text),
        _set("namespace", sa.Text),
        _set("dag", sa.Text),
        _set("name", sa.Text),
        sa.Column("run_id", sa.Text),
        _set("run_type", sa.Text),
        _set("state", sa.Text),
        sa.Column("logical_date", TIME),
        sa.Column("interval_start", TIME),
        sa.Column("interval_end", TIME),
        _set("ordered_at", TIME),
        sa.Column("revision", sa.Text),
        _set("params", sa.Text),
        sa.Column("note", sa.Text),
        _set("paused", sa.Boolean),
        sa.Column("cancel", sa.Text),
        _set("counts", JSON),
        sa.Column("progress", sa.Text),
        _set("failed_tasks", JSON),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("reason", sa.Text),
        sa.Column("message", sa.Text),
        _set("waiting_for", JSON),
        _set("resource_version", sa.BigInteger),
        _set("change", sa.BigInteger),
        _set("created_at", TIME),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("uid", name="pk_dag_runs"),
    )
    op.create_index("ix_dag_runs_change", "dag_runs", ["change"])
    op.create_index("ix_dag_runs_live", "dag_runs", ["uid"], postgresql_where=LIVE, sqlite_where=LIVE)
    op.create_index("ix_dag_runs_namespace_dag_ordered_at_uid", "dag_runs", ["namespace", "dag", "ordered_at", "uid"])
    op.create_index("ix_dag_runs_ordered_at_uid", "dag_runs", ["ordered_at", "uid"])
    op.create_index("ix_dag_runs_state_ordered_at_uid", "dag_runs", ["state", "ordered_at", "uid"])


def _task_runs() -> None:
    op.create_table(
        "task_runs",
        _key("run_uid", sa.Text),
        _key("task", sa.Text),
        _key("map_index", sa.BigInteger),
        sa.Column("uid", sa.Text),
        _set("namespace", sa.Text),
        _set("dag", sa.Text),
        _set("run", sa.Text),
        sa.Column("name", sa.Text),
        _set("state", sa.Text),
        _set("attempt", sa.BigInteger),
        sa.Column("pod", sa.Text),
        sa.Column("node", sa.Text),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("retry_at", TIME),
        sa.Column("exit_code", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("message", sa.Text),
        _set("waiting_for", JSON),
        sa.Column("output", sa.Text),
        sa.Column("pool", sa.Text),
        sa.Column("pool_slots", sa.BigInteger),
        sa.Column("priority", sa.BigInteger),
        _set("resource_version", sa.BigInteger),
        _set("change", sa.BigInteger),
        _set("created_at", TIME),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("run_uid", "task", "map_index", name="pk_task_runs"),
    )
    op.create_index("ix_task_runs_change", "task_runs", ["change"])
    op.create_index("ix_task_runs_live", "task_runs", ["uid"], postgresql_where=LIVE, sqlite_where=LIVE)
    op.create_index(
        "ix_task_runs_namespace_dag_task_created_at", "task_runs", ["namespace", "dag", "task", "created_at"]
    )
    op.create_index("ix_task_runs_state_created_at", "task_runs", ["state", "created_at"])
    op.create_index("ix_task_runs_uid", "task_runs", ["uid"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        _key("task_run_uid", sa.Text),
        _key("number", sa.BigInteger),
        _set("pod", sa.Text),
        sa.Column("pod_uid", sa.Text),
        sa.Column("node", sa.Text),
        _set("state", sa.Text),
        sa.Column("fault", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("exit_code", sa.BigInteger),
        sa.Column("created_at", TIME),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("pod_deleted_at", TIME),
        _set("pod_version", sa.BigInteger),
        _set("account_version", sa.BigInteger),
        _set("change", sa.BigInteger),
        sa.PrimaryKeyConstraint("task_run_uid", "number", name="pk_attempts"),
    )


def _pools() -> None:
    op.create_table(
        "pools",
        _key("namespace", sa.Text),
        _key("name", sa.Text),
        _set("uid", sa.Text),
        _set("slots", sa.BigInteger),
        sa.Column("description", sa.Text),
        _set("used", sa.BigInteger),
        _set("queued", sa.BigInteger),
        _set("resource_version", sa.BigInteger),
        _set("change", sa.BigInteger),
        _set("created_at", TIME),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("namespace", "name", name="pk_pools"),
    )


def _change_counter() -> None:
    op.create_table(
        "change_counter",
        _key("id", sa.BigInteger),
        _set("value", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_change_counter"),
    )
    op.execute("INSERT INTO change_counter (id, value) VALUES (1, 0)")


def _key(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False, autoincrement=False)


def _set(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)
