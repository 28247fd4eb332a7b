"""The chart with PostgreSQL, the real server: history lands there, and its outage holds no task up."""

import json
from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

from tests.cluster import Cluster
from tests.e2e.install import NAMESPACE, install, kubectl
from tests.e2e.world import World
from tests.metastore.postgres import PostgresServer, postgres_server

pytestmark = pytest.mark.cluster

DATABASE: Final = "history"


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> Iterator[PostgresServer]:
    """A server on the node's address, and Slipway installed to keep its history there; afterwards all as before."""
    if cluster.backend != "native":
        pytest.skip("only the native cluster's node has an address on which this machine can listen")
    address = kubectl(cluster, "get", "nodes", "-o", "jsonpath={.items[0].status.addresses[0].address}")
    with postgres_server(address) as server:
        server.create_database(DATABASE)
        secret = {"url": server.url_with_password(DATABASE, "s3cret")}
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": DATABASE}, "stringData": secret}
        kubectl(cluster, "-n", NAMESPACE, "apply", "-f", "-", stdin=json.dumps(manifest))
        try:
            install(cluster, ["database.type=postgres", f"database.existingSecret={DATABASE}"])
            yield server
        finally:
            install(cluster)
            kubectl(cluster, "-n", NAMESPACE, "delete", "secret", DATABASE)


def _rows(server: PostgresServer, run: str) -> dict[str, str | None]:
    """Each task's state by the database."""
    query = (
        "SELECT task, task_runs.state FROM task_runs JOIN dag_runs ON dag_runs.uid = run_uid WHERE dag_runs.name = %s"
    )
    with psycopg.connect(server.url(DATABASE)) as connection:
        return dict(connection.execute(query, [run]).fetchall())


def test_history_lands_in_postgres(server: PostgresServer, world: World) -> None:
    """The init container made the tables, and every task's end is a row."""
    world.dag("kept", [{"name": "t", "script": "true"}, {"name": "u", "dependsOn": ["t"], "noop": {}}])
    world.trigger("kept", "kept-run")
    assert world.ended("kept-run")["status"]["state"] == "Success"
    world.until("the rows are there", lambda: _rows(server, "kept-run") == {"t": "Success", "u": "Success"}, 20)


def test_database_outage_holds_no_task_up(server: PostgresServer, world: World) -> None:
    """A run begins and ends while the server is away; once it is back, so are the rows."""
    world.dag("unseen", [{"name": "t", "script": "true"}, {"name": "u", "dependsOn": ["t"], "script": "true"}])
    server.stop()
    try:
        world.trigger("unseen", "unseen-run")
        assert world.ended("unseen-run", seconds=60)["status"]["state"] == "Success"
    finally:
        server.start()
    world.until("the rows are there", lambda: _rows(server, "unseen-run") == {"t": "Success", "u": "Success"}, 60)
