"""Limits on the real cluster: what has ended goes with all that belongs to it, its rows stay, and later they go too."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cluster import Cluster
from tests.e2e.local_controller import LocalController
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

TASKS: Final[list[dict[str, Any]]] = [
    {"name": "a", "script": "echo hello"},
    {"name": "b", "dependsOn": ["a"], "noop": {}},
]


@pytest.fixture
def controller(cluster: Cluster, stopped: None, world: World, tmp_path: Path) -> Iterator[LocalController]:
    """A controller process of our own, for the test's namespace alone."""
    local = LocalController(cluster, tmp_path)
    local.migrate()
    yield local
    local.stop()


def begin(controller: LocalController, world: World, **settings: str) -> None:
    """Let it work."""
    controller.start(SLIPWAY_NAMESPACES=f'["{world.namespace}"]', **settings)
    controller.until_ready()


def names(world: World, kind: str) -> list[str]:
    """What is there."""
    return sorted(each["metadata"]["name"] for each in world.listed(kind))


def rows(controller: LocalController, query: str) -> list[tuple[Any, ...]]:
    """What the metastore says."""
    return sqlite3.connect(controller.folder / "slipway.db").execute(query).fetchall()


def test_old_runs_go_and_their_rows_stay(world: World, controller: LocalController) -> None:
    """The newest run stays, with its TaskRun and Pod; of the others the rows and the logs are left."""
    world.dag("short", TASKS, retention={"resources": {"keepSucceeded": 1}})
    begin(controller, world)
    for number in range(3):
        world.trigger("short", f"short-{number}")
        world.ended(f"short-{number}")
    world.until("the old runs are gone", lambda: names(world, "dagruns") == ["short-2"], 60)
    world.until("their tasks are gone", lambda: names(world, "taskruns.slipway.dev") == ["short-2-a"], 60)
    world.until("their Pods are gone", lambda: names(world, "pods") == ["short-2-a-1"], 60)

    def told() -> list[tuple[Any, ...]]:
        return rows(controller, "select name, state, deleted_by from dag_runs order by name")

    wanted = [("short-0", "Success", "Retention"), ("short-1", "Success", "Retention"), ("short-2", "Success", None)]
    world.until("the rows say so", lambda: told() == wanted, 20)
    logs = "select pod from attempt_logs where size > 0 order by pod"
    world.until("the logs are kept", lambda: len(rows(controller, logs)) == 3, 20)
    world.assert_one_pod_per_attempt()


def test_pods_and_revisions_and_failed_runs(world: World, controller: LocalController) -> None:
    """A Pod goes before its run where the Dag says so; failed runs have a limit of their own."""
    failing = [{"name": "a", "script": 'test "$SLIPWAY_PARAM_GOOD" = 1'}]
    kept = {"resources": {"keepSucceeded": 1, "keepFailed": 2}, "pods": {"succeededFor": "2s"}}
    world.dag("mixed", failing, params={"good": {"type": "integer", "default": 1}}, retention=kept)
    begin(controller, world)
    for number, good in enumerate((1, 0, 1, 0, 0, 1)):
        world.trigger("mixed", f"mixed-{number}", params={"good": good})
        world.ended(f"mixed-{number}")
    left = ["mixed-3", "mixed-4", "mixed-5"]
    world.until("the limits hold", lambda: names(world, "dagruns") == left, 60)
    world.until("the Pod of the last success is gone", lambda: "mixed-5-a-1" not in names(world, "pods"), 60)
    assert "mixed-4-a-1" in names(world, "pods")


def test_the_database_is_away(world: World, controller: LocalController) -> None:
    """No run goes while its rows can't be written; once they are, it goes by itself."""
    world.dag("safe", TASKS, retention={"resources": {"keepSucceeded": 1}})
    begin(controller, world)
    world.until("the Dag is taken up", lambda: world.condition("dag", "safe", "Ready").get("status") == "True")
    lock = sqlite3.connect(controller.folder / "slipway.db", isolation_level=None)
    lock.execute("begin exclusive")
    try:
        for number in range(3):
            world.trigger("safe", f"safe-{number}")
            world.ended(f"safe-{number}")
        assert names(world, "dagruns") == ["safe-0", "safe-1", "safe-2"]
    finally:
        lock.execute("rollback")
        lock.close()
    world.until("the old runs are gone", lambda: names(world, "dagruns") == ["safe-2"], 60)
    found = rows(controller, "select count(*) from dag_runs where state = 'Success'")
    assert found == [(3,)]
