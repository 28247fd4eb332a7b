"""Lists of Dags tell in which zone a schedule's local times are."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_SPECS = """SELECT dags.namespace, dags.name, dag_revisions.spec FROM dags JOIN dag_revisions
    ON dag_revisions.namespace = dags.namespace AND dag_revisions.name = dags.revision"""
_FILL = "UPDATE dags SET timezone = :zone WHERE namespace = :namespace AND name = :name"


def upgrade() -> None:
    """One column, filled from the snapshots: the row of a Dag that nobody touches is not written again."""
    op.add_column("dags", sa.Column("timezone", sa.Text))
    bind = op.get_bind()
    for namespace, name, spec in bind.execute(sa.text(_SPECS)).all():
        schedule = json.loads(spec).get("schedule") or {}
        if schedule.get("cron") or schedule.get("crons"):
            zone = schedule.get("timezone") or "UTC"
            bind.execute(sa.text(_FILL), {"zone": zone, "namespace": namespace, "name": name})
