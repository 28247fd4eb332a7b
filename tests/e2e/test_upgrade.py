"""The version before this one, taken from the repository's history, is upgraded while a run is at work.

UPGRADE_FROM, a commit or a tag, names that version; its image is built from its own files. A clone without history has
none of it, so these tests have a mark of their own: `make upgrade-test`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.cluster import Cluster
from tests.cluster.commands import ClusterError, run
from tests.e2e.chain import a_chain_at_work, went_well
from tests.e2e.install import (
    NAMESPACE,
    RELEASE,
    ROOT,
    built_image,
    helm_install,
    install,
    kubectl,
    provided_image,
    uninstall,
)
from tests.e2e.pod_database import PodDatabase, make_secret, pod_database
from tests.e2e.world import World

pytestmark = pytest.mark.upgrade

BEFORE: Final = os.environ.get("UPGRADE_FROM", "")
SECRET: Final = "upgraded"  # noqa: S105 a name
VALUES: Final = ("database.type=postgres", f"database.existingSecret={SECRET}")


@dataclass(frozen=True)
class Before:
    """The installation of the version before."""

    cluster: Cluster
    database: PodDatabase
    definitions: frozenset[str]
    """The names of the fields of a Dag's spec."""

    def upgrade(self) -> None:
        """Install this checkout's chart and image over it."""
        helm_install(self.cluster, provided_image(self.cluster), VALUES)

    def roll_back(self) -> None:
        """Go back to it, without waiting for what becomes of it."""
        place = ("--kubeconfig", self.cluster.kubeconfig, "--namespace", NAMESPACE)
        run([self.cluster.helm, *place, "rollback", RELEASE, "1"])


@pytest.fixture(scope="module")
def before(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Before]:
    """Installed with PostgreSQL in the place of this checkout's, which is there again afterwards."""
    root = tmp_path_factory.mktemp("before")
    _check_out(root)
    image = built_image(cluster, root)
    with pod_database(cluster, SECRET) as database:
        make_secret(cluster, NAMESPACE, SECRET, url=database.url)
        uninstall(cluster)
        try:
            helm_install(cluster, image, VALUES, root)
            yield Before(cluster, database, _fields(cluster))
        finally:
            uninstall(cluster)
            install(cluster)
            kubectl(cluster, "-n", NAMESPACE, "delete", "secret", SECRET)


def _check_out(folder: Path) -> None:
    """The files of that version."""
    assert BEFORE, "UPGRADE_FROM names no version: `make upgrade-test` says which"
    files = folder / "files.tar"
    try:
        run(["git", "archive", f"--output={files}", BEFORE], cwd=ROOT)
    except ClusterError as error:
        raise AssertionError(f"{error}: a clone with its whole history has it") from error
    run(["tar", "-xf", files, "-C", folder])
    files.unlink()


def _fields(cluster: Cluster) -> frozenset[str]:
    """What the API server knows of a Dag's spec."""
    definition = json.loads(kubectl(cluster, "get", "crd", "dags.slipway.dev", "-o", "json"))
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return frozenset(schema["properties"]["spec"]["properties"])


def _controllers(cluster: Cluster) -> set[str]:
    """The controller's Pods: all of the release's but those of the web server."""
    selector = f"app.kubernetes.io/instance={RELEASE}"
    pods = kubectl(cluster, "-n", NAMESPACE, "get", "pods", "-l", selector, "-o", "name").split()
    return {pod for pod in pods if not pod.startswith(f"pod/{RELEASE}-web-")}


def test_a_run_at_work_notices_nothing(before: Before, world: World) -> None:
    """Begun by the version before and ended by this one: no Pod twice, and no row missing."""
    early = a_chain_at_work(world, "before")
    went_well(world, before.database, early)
    run = a_chain_at_work(world, "upgraded")
    begun_by = _controllers(world.cluster)
    before.upgrade()
    world.until("every controller is another one", lambda: not begun_by & _controllers(world.cluster), 60)
    went_well(world, before.database, run)
    went_well(world, before.database, early)


def test_the_definitions_are_of_this_version(before: Before, world: World) -> None:
    """What a Dag could not say before it can say now, and nothing that it could say is gone."""
    now = _fields(world.cluster)
    assert before.definitions <= now
    went_well(world, before.database, a_chain_at_work(world, "after"))


def test_a_way_back_that_the_schema_bars(before: Before, world: World) -> None:
    """The version before refuses a schema that it does not know, in one sentence; the next upgrade takes the run up."""
    run = a_chain_at_work(world, "barred")
    newer = _controllers(world.cluster)
    before.roll_back()
    world.until("the version before says why it can't begin", lambda: _refusals(world.cluster, newer), 90)
    before.upgrade()
    went_well(world, before.database, run)


def _refusals(cluster: Cluster, newer: set[str]) -> bool:
    """Whether the migration of another controller's Pod refuses the schema."""
    words = ("-c", "migrate", "--ignore-errors")
    told = [kubectl(cluster, "-n", NAMESPACE, "logs", pod, *words) for pod in _controllers(cluster) - newer]
    return any("a newer Slipway has migrated it" in each for each in told)
