"""A backup on the real cluster: the database is destroyed, then the resources, and both are there again."""

import os
import sqlite3
import subprocess
import sys
from typing import Any, Final

import pytest

from tests.e2e.local_controller import LocalController
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

TASKS: Final[list[dict[str, Any]]] = [
    {"name": "a", "script": "echo '{\"n\": 1}' > $SLIPWAY_OUTPUT"},
    {"name": "b", "dependsOn": ["a"], "script": "test $SLIPWAY_TRY = 2", "retries": 1, "retryDelay": "1s"},
    {"name": "c", "dependsOn": ["b"], "noop": {}},
]
ENDS: Final = {"a": "Success", "b": "Success", "c": "Success"}


class Keeper:
    """Slipway's commands against the test's namespace and the controller's database."""

    def __init__(self, world: World, controller: LocalController) -> None:
        self.world = world
        self.controller = controller
        self.place = controller.folder / "backup.gz"

    def begin(self) -> None:
        """Let the controller work."""
        self.controller.start(SLIPWAY_NAMESPACES=f'["{self.world.namespace}"]')
        self.controller.until_ready()

    def end(self) -> None:
        """Stop it, and forget its heartbeat, as if a minute had passed."""
        self.controller.stop()
        self.sql("delete from heartbeats")

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with sqlite3.connect(self.controller.folder / "slipway.db") as database:
            return database.execute(statement).fetchall()

    def slipway(self, *words: str, code: int = 0) -> str:
        """What the command says."""
        command = [sys.executable, "-m", "controller", *words, "--url", self.controller.database_url]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        """The environment with the cluster's kubeconfig."""
        return {**os.environ, "KUBECONFIG": str(self.world.cluster.kubeconfig)}

    def back_up(self) -> str:
        """Save the namespace and all rows."""
        return self.slipway("backup", str(self.place), "-n", self.world.namespace)

    def history(self) -> list[tuple[Any, ...]]:
        """Runs and tasks as the metastore tells of them."""
        return self.sql(
            "select r.name, r.state, r.finished_at, t.task, t.state, t.attempt, t.output from dag_runs r"
            " join task_runs t on t.run_uid = r.uid order by r.name, t.task"
        )

    def pods_ever(self) -> list[str]:
        """Every Pod that was ever created here, from the API server's own record."""
        return [
            entry["objectRef"]["name"]
            for entry in self.world.audit()
            if entry["verb"] == "create"
            and entry["objectRef"]["resource"] == "pods"
            and entry["responseStatus"]["code"] == 201
        ]


@pytest.fixture
def keeper(world: World, controller: LocalController) -> Keeper:
    """Two runs that have ended, with the rows of them."""
    keeper = Keeper(world, controller)
    keeper.begin()
    world.dag("kept", TASKS, schedule={"cron": "0 6 * * *", "start": "2026-01-01T00:00:00Z"})
    for name in ("kept-1", "kept-2"):
        world.trigger("kept", name)
        assert world.ended(name)["status"]["state"] == "Success"
    world.until("the rows are there", lambda: len(keeper.history()) == 6, 20)
    return keeper


def test_the_database_is_destroyed(world: World, keeper: Keeper) -> None:
    """Its rows are there again, also of what is not in the cluster any more; the live state is right."""
    world.kubectl("delete", "dagrun", "kept-1")
    world.until("the row says so", lambda: keeper.sql("select name from dag_runs where deleted_at is not null"), 20)
    keeper.back_up()
    before = keeper.history()
    keeper.end()
    for file in keeper.controller.folder.glob("slipway.db*"):
        file.unlink()
    assert "is whole" in keeper.slipway("restore", str(keeper.place), "--rows-only")
    assert keeper.history() == before
    keeper.begin()
    world.trigger("kept", "kept-3")
    world.ended("kept-3")
    world.until("the new run is a row", lambda: len(keeper.history()) == 9, 20)
    assert keeper.history()[:6] == before
    assert world.task_states("kept-3") == ENDS


def test_the_resources_are_destroyed(world: World, keeper: Keeper) -> None:
    """All runs are back as they were, and nothing runs twice; the schedule goes on; rows and resources agree."""
    keeper.back_up()
    before, pods = keeper.history(), keeper.pods_ever()
    states = {run["metadata"]["name"]: run["status"] for run in world.listed("dagruns")}
    cursor = world.get("dag", "kept")["status"].get("lastScheduled")
    world.kubectl("delete", "dags", "--all")
    world.until("all is gone", lambda: not world.listed("dagruns") and not world.listed("pods"), 60)
    keeper.end()
    keeper.slipway("restore", str(keeper.place), "--resources-only", "-n", world.namespace)
    restored = {run["metadata"]["name"]: run["status"] for run in world.listed("dagruns")}
    assert {name: status["state"] for name, status in restored.items()} == dict.fromkeys(states, "Success")
    assert all(restored[name]["finishedAt"] == status["finishedAt"] for name, status in states.items())
    assert world.get("dag", "kept")["status"].get("lastScheduled") == cursor
    keeper.begin()
    world.trigger("kept", "kept-3")
    world.ended("kept-3")
    new = set(keeper.pods_ever()) - set(pods)
    assert new == {"kept-3-a-1", "kept-3-b-1", "kept-3-b-2"}
    assert {run: world.task_states(run) for run in states} == dict.fromkeys(states, ENDS)
    world.until("the rows are there", lambda: len(keeper.history()) >= 9, 20)
    assert [row for row in keeper.history() if row[0] in ("kept-1", "kept-2")] == before[:6]
    assert "Rows and resources agree" in keeper.slipway("db", "check", "--resources", "-n", world.namespace)


def test_both_are_destroyed_while_a_run_is_on(world: World, keeper: Keeper) -> None:
    """What had ended is back; the run that had not is paused, and goes on when a person says so."""
    world.dag("slow", [{"name": "s", "script": "sleep 5"}, {"name": "t", "dependsOn": ["s"], "script": "sleep 3600"}])
    world.trigger("slow", "slow-1")
    world.until("its second task runs", lambda: world.task("slow-1", "t").get("state") == "Running")
    keeper.back_up()
    keeper.end()
    for pod in world.listed("pods"):  # before the Dags go, and the Pods with them
        patch = '{"metadata": {"finalizers": null}}'
        world.kubectl("patch", "pod", pod["metadata"]["name"], "--type=merge", "-p", patch)
    world.kubectl("delete", "dags", "--all")
    world.kubectl("delete", "pods", "--all", "--grace-period=0", "--force")
    world.until("all is gone", lambda: not world.listed("dagruns") and not world.listed("pods"), 90)
    for file in keeper.controller.folder.glob("slipway.db*"):
        file.unlink()
    said = keeper.slipway("restore", str(keeper.place), "-n", world.namespace)
    assert f"DagRun {world.namespace}/slow-1 had not ended" in said
    pods = set(keeper.pods_ever())
    keeper.begin()
    world.until("the lost attempt is told", lambda: world.task("slow-1", "t").get("state") != "Running", 90)
    assert set(keeper.pods_ever()) == pods
    world.kubectl("patch", "dagrun", "slow-1", "--type=merge", "-p", '{"spec": {"paused": null, "cancel": "force"}}')
    assert world.ended("slow-1")["status"]["state"] == "Failed"
    assert world.task("slow-1", "s")["state"] == "Success"
    assert not [pod for pod in keeper.pods_ever() if pod.startswith("slow-1-s-") and pod not in pods]


def test_a_controller_that_runs(world: World, keeper: Keeper) -> None:
    """A restore beside it is refused in one sentence, and writes nothing."""
    keeper.back_up()
    world.until("it beats", lambda: keeper.sql("select component from heartbeats"), 30)
    said = keeper.slipway("restore", str(keeper.place), "--resources-only", "-n", world.namespace, code=1)
    assert "stop it" in said
