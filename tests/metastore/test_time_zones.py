"""The zones of Dags that were there before their column was: read from the snapshots of their specs."""

import json

from alembic import command
from sqlalchemy import text

from controller.metastore.engine import connected
from controller.metastore.migrate import _config, migrate

SCHEDULES = {
    "zurich": {"cron": "0 6 * * *", "timezone": "Europe/Zurich"},
    "silent": {"crons": ["@daily"]},
    "span": {"every": "6h"},
    "by-hand": None,
}
_DAG = """INSERT INTO dags (namespace, name, uid, revision, paused, active_runs, tags, resource_version, change,
    created_at) VALUES ('team', :name, :name, :revision, false, 0, '[]', 1, 1, '2026-01-01 00:00:00+00')"""
_REVISION = """INSERT INTO dag_revisions (namespace, name, dag, spec, change, created_at)
    VALUES ('team', :revision, :name, :spec, 1, '2026-01-01 00:00:00+00')"""


def test_zones_of_dags_that_were_there_before(empty_url: str) -> None:
    """Nobody has to touch a Dag for it; one that never was valid has none."""
    with connected(empty_url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        for name, schedule in SCHEDULES.items():
            spec = json.dumps({"schedule": schedule} if schedule else {})
            connection.execute(text(_DAG), {"name": name, "revision": f"{name}-1"})
            connection.execute(text(_REVISION), {"name": name, "revision": f"{name}-1", "spec": spec})
        connection.execute(text(_DAG), {"name": "never-valid", "revision": None})
    migrate(empty_url)
    with connected(empty_url) as connection:
        found = {row.name: row.timezone for row in connection.execute(text("SELECT name, timezone FROM dags"))}
    assert found == {"zurich": "Europe/Zurich", "silent": "UTC", "span": None, "by-hand": None, "never-valid": None}
