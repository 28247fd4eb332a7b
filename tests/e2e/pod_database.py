"""A PostgreSQL server on the node's address, which Pods reach, and what its tables say of a run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.cluster import Cluster
from tests.e2e.install import kubectl
from tests.metastore.postgres import PostgresServer, postgres_server


@dataclass(frozen=True)
class PodDatabase:
    """One database of a server of its own."""

    server: PostgresServer
    name: str
    url: str
    """As Pods have to say it, with the password."""

    def recreate(self) -> None:
        """Lose all that is in it, and break every connection."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(self.name)))
        self.server.create_database(self.name)

    def states(self, run: str) -> dict[str, str | None]:
        """Each task's state in the rows of a run."""
        query = (
            "SELECT task, task_runs.state FROM task_runs JOIN dag_runs ON dag_runs.uid = run_uid"
            " WHERE dag_runs.name = %s"
        )
        with psycopg.connect(self.server.url(self.name)) as connection:
            return dict(connection.execute(query, [run]).fetchall())


@contextmanager
def pod_database(cluster: Cluster, name: str) -> Iterator[PodDatabase]:
    """The database, empty; skips where the cluster's nodes can't reach this machine."""
    if cluster.backend != "native":
        pytest.skip("only the native cluster's node has an address on which this machine can listen")
    address = kubectl(cluster, "get", "nodes", "-o", "jsonpath={.items[0].status.addresses[0].address}")
    with postgres_server(address) as server:
        server.create_database(name)
        yield PodDatabase(server, name, server.url_with_password(name, "s3cret"))


def make_secret(cluster: Cluster, namespace: str, name: str, **data: str) -> None:
    """Make or replace a Secret."""
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
    kubectl(cluster, "-n", namespace, "apply", "-f", "-", stdin=json.dumps(manifest))
