"""A controller killed at any moment: every attempt has one Pod, every task its right end, and the metastore agrees."""

import sqlite3
import time
from typing import Any, Final

import pytest

from tests.e2e.local_controller import LocalController
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

DIAMOND: Final[list[dict[str, Any]]] = [
    {"name": "a", "script": "sleep 1"},
    {"name": "b", "dependsOn": ["a"], "script": "sleep 1; test $SLIPWAY_TRY = 2", "retries": 1, "retryDelay": "1s"},
    {"name": "c", "dependsOn": ["a"], "script": "exit 1"},
    {"name": "d", "dependsOn": ["b", "c"], "triggerRule": "all_done", "script": "echo '{\"n\": 1}' > $SLIPWAY_OUTPUT"},
    {"name": "e", "dependsOn": ["c"], "script": "true"},
    {"name": "f", "dependsOn": ["d"], "noop": {}},
]
DIAMOND_ENDS: Final = {
    "a": "Success",
    "b": "Success",
    "c": "Failed",
    "d": "Success",
    "e": "UpstreamFailed",
    "f": "Success",
}


def assert_rows_equal_resources(world: World, controller: LocalController) -> None:
    """Every run and task row says what the resource says."""
    database = sqlite3.connect(controller.folder / "slipway.db")

    def rows() -> tuple[dict[str, str], dict[tuple[str, str], str]]:
        runs = database.execute("select name, state from dag_runs where namespace = ?", (world.namespace,))
        tasks = database.execute(
            "select r.name, t.task, t.state from task_runs t join dag_runs r on r.uid = t.run_uid "
            "where r.namespace = ?",
            (world.namespace,),
        )
        return dict(runs.fetchall()), {(run, task): state for run, task, state in tasks.fetchall()}

    runs = {run["metadata"]["name"]: run["status"]["state"] for run in world.listed("dagruns")}
    tasks = {(run, task): state for run in runs for task, state in world.task_states(run).items()}
    world.until("the rows equal the resources", lambda: rows() == (runs, tasks), 15)


def test_kill_9_again_and_again(world: World, controller: LocalController) -> None:
    """The controller is killed every second or so while runs are on: the end is as if it had lived."""
    world.dag("diamond", DIAMOND)
    for number in range(3):
        world.trigger("diamond", f"diamond-{number}")
    for pause in (0.8, 1.3, 0.5, 1.9, 1.1, 0.2, 1.5, 2.1):
        controller.start()
        controller.until_ready()
        time.sleep(pause)
        controller.kill()
    controller.start()
    for number in range(3):
        assert world.ended(f"diamond-{number}")["status"]["state"] == "Failed"  # e is a leaf
        assert world.task_states(f"diamond-{number}") == DIAMOND_ENDS
        attempts = world.task(f"diamond-{number}", "b")["attempts"]
        assert [each["state"] for each in attempts] == ["Failed", "Success"]
    world.assert_one_pod_per_attempt()
    assert_rows_equal_resources(world, controller)


@pytest.mark.parametrize("side", ["before", "after"])
def test_crash_at_each_write(world: World, controller: LocalController, side: str) -> None:
    """A process that dies just before, or just after, its first write, then its second and so on, loses nothing."""
    tasks: list[dict[str, Any]] = [
        {"name": "a", "script": "true"},
        {"name": "b", "dependsOn": ["a"], "script": "exit 1", "retries": 1},
    ]
    world.dag("small", tasks, defaults={"retryDelay": "1s"})
    world.trigger("small", "small-run")
    for number in range(1, 9):
        controller.start(SLIPWAY_CRASH_AT=f"{side}:{number if side == 'before' else 1}")
        deadline = time.monotonic() + 8
        while controller.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        controller.kill()
    controller.start()
    assert world.ended("small-run")["status"]["state"] == "Failed"
    assert world.task_states("small-run") == {"a": "Success", "b": "Failed"}
    assert [each["number"] for each in world.task("small-run", "b")["attempts"]] == [1, 2]
    world.assert_one_pod_per_attempt()
    assert_rows_equal_resources(world, controller)


def test_pod_deleted_while_the_controller_is_down(world: World, controller: LocalController) -> None:
    """The finalizer keeps the Pod until its end is accounted for: an infrastructure failure, no retry of the user's."""
    world.dag("long", [{"name": "t", "script": "test $SLIPWAY_TRY = 2 || sleep 600"}])
    world.trigger("long", "long-run")
    controller.start()
    world.until("the Pod runs", lambda: world.task("long-run", "t").get("state") == "Running")
    controller.kill()
    world.kubectl("delete", "pod", "long-run-t-1", "--grace-period=1", "--wait=false")
    time.sleep(3)
    controller.start()
    assert world.ended("long-run")["status"]["state"] == "Success"
    first = world.task("long-run", "t")["attempts"][0]
    assert (first["fault"], first["reason"]) == ("Infrastructure", "PodDeleted")
    world.assert_one_pod_per_attempt()
