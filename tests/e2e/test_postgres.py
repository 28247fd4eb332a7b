"""The chart with PostgreSQL, the real server: history lands there, and its outage holds no task up."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.cluster import Cluster
from tests.e2e.install import NAMESPACE, install, kubectl
from tests.e2e.pod_database import PodDatabase, make_secret, pod_database
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

DATABASE: Final = "history"
ALL_WELL: Final = {"t": "Success", "u": "Success"}


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[PodDatabase]:
    """A server on the node's address, and Slipway installed to keep its history there; afterwards all as before."""
    with pod_database(cluster, DATABASE) as database:
        make_secret(cluster, NAMESPACE, DATABASE, url=database.url)
        try:
            install(cluster, ["database.type=postgres", f"database.existingSecret={DATABASE}"])
            yield database
        finally:
            install(cluster)
            kubectl(cluster, "-n", NAMESPACE, "delete", "secret", DATABASE)


def test_history_lands_in_postgres(database: PodDatabase, world: World) -> None:
    """The init container made the tables, and every task's end is a row."""
    world.dag("kept", [{"name": "t", "script": "true"}, {"name": "u", "dependsOn": ["t"], "noop": {}}])
    world.trigger("kept", "kept-run")
    assert world.ended("kept-run")["status"]["state"] == "Success"
    world.until("the rows are there", lambda: database.states("kept-run") == ALL_WELL, 20)


def test_database_outage_holds_no_task_up(database: PodDatabase, world: World) -> None:
    """A run begins and ends while the server is away; once it is back, so are the rows."""
    world.dag("unseen", [{"name": "t", "script": "true"}, {"name": "u", "dependsOn": ["t"], "script": "true"}])
    database.server.stop()
    try:
        world.trigger("unseen", "unseen-run")
        assert world.ended("unseen-run", seconds=60)["status"]["state"] == "Success"
    finally:
        database.server.start()
    world.until("the rows are there", lambda: database.states("unseen-run") == ALL_WELL, 60)
