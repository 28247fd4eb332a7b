"""Whatever dies, and whenever: every attempt has one Pod, every task its right end, and the metastore agrees."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cluster import Cluster
from tests.e2e.local_controller import LocalController, installed_one_stopped
from tests.e2e.world import World, dag, dag_run

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


@pytest.fixture(scope="module")
def stopped(cluster: Cluster) -> Iterator[None]:
    """The installed controller stands still for this module."""
    with installed_one_stopped(cluster):
        yield


@pytest.fixture
def controller(cluster: Cluster, stopped: None, tmp_path: Path) -> Iterator[LocalController]:
    """A controller process of our own."""
    local = LocalController(cluster, tmp_path)
    local.migrate()
    yield local
    local.stop()


def assert_one_pod_per_attempt(world: World) -> None:
    """No Pod name was ever created twice, in the API server's own record."""
    created = Counter(
        entry["objectRef"]["name"]
        for entry in world.audit()
        if entry["verb"] == "create"
        and entry["objectRef"]["resource"] == "pods"
        and "subresource" not in entry["objectRef"]
        and entry["responseStatus"]["code"] == 201
    )
    assert created, "the audit log shows no Pod"
    assert {name: count for name, count in created.items() if count > 1} == {}


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
    assert_one_pod_per_attempt(world)
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
    assert_one_pod_per_attempt(world)
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
    assert_one_pod_per_attempt(world)


@pytest.mark.parametrize("way", ["deleted", "evicted", "forced"])
def test_running_pod_taken_away(world: World, way: str) -> None:
    """A Pod that is deleted, evicted or force-deleted is run again on the infrastructure's account."""
    world.dag("taken", [{"name": "t", "script": "test $SLIPWAY_TRY = 2 || sleep 600"}])
    world.trigger("taken", "taken-run")
    world.until("the Pod runs", lambda: world.task("taken-run", "t").get("state") == "Running")
    pod = "taken-run-t-1"
    if way == "evicted":
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
        path = f"/api/v1/namespaces/{world.namespace}/pods/{pod}/eviction"
        world.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))
    else:
        force = ["--grace-period=0", "--force"] if way == "forced" else ["--grace-period=1"]
        world.kubectl("delete", "pod", pod, "--wait=false", *force)
    assert world.ended("taken-run")["status"]["state"] == "Success"
    status = world.task("taken-run", "t")
    assert status["attempts"][0]["fault"] == "Infrastructure"
    assert status["failures"]["application"] == 0
    assert_one_pod_per_attempt(world)


def test_limits_hold_at_every_instant(world: World) -> None:
    """Never more Pods at once than the pool and the run allow, by the Pods' own times."""
    world.apply(
        {"apiVersion": "slipway.dev/v1alpha1", "kind": "Pool", "metadata": {"name": "two"}, "spec": {"slots": 2}}
    )
    pooled = [{"name": f"p{number}", "script": "sleep 1", "pool": "two"} for number in range(6)]
    free = [{"name": f"f{number}", "script": "sleep 1"} for number in range(6)]
    world.apply(dag("limited", [*pooled, *free], concurrency={"maxActiveRuns": 1, "maxActiveTasks": 3}))
    for run in ("limited-1", "limited-2"):
        world.apply(dag_run("limited", run))
    for run in ("limited-1", "limited-2"):
        assert world.ended(run)["status"]["state"] == "Success"
    spans = _spans(world)
    assert len(spans) == 24
    assert _most_at_once(spans, "limited-") <= 3
    assert _most_at_once({name: span for name, span in spans.items() if "-p" in name}, "limited-") <= 2
    first = max(end for name, (_, end) in spans.items() if name.startswith("limited-1-"))
    assert all(start >= first for name, (start, _) in spans.items() if name.startswith("limited-2-"))


def _spans(world: World) -> dict[str, tuple[str, str]]:
    """When each Pod was created, and when its container had ended."""
    return {
        pod["metadata"]["name"]: (
            pod["metadata"]["creationTimestamp"],
            pod["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"],
        )
        for pod in world.listed("pods")
    }


def _most_at_once(spans: dict[str, tuple[str, str]], prefix: str) -> int:
    chosen = [span for name, span in spans.items() if name.startswith(prefix)]
    # Times have whole seconds: a Pod that ends in the second in which another begins has made room for it.
    return max(sum(start <= at < end for start, end in chosen) for at, _ in chosen)


def test_deleted_run_takes_its_pods_along(world: World) -> None:
    """Deleting a run ends its Pods, also running ones, and leaves nothing."""
    world.dag("doomed", [{"name": "t", "script": "trap 'exit 0' TERM; sleep 600 & wait"}])
    world.trigger("doomed", "doomed-run")
    world.until("the Pod runs", lambda: world.task("doomed-run", "t").get("state") == "Running")
    world.kubectl("delete", "dagrun", "doomed-run")
    world.until("all is gone", lambda: not world.listed("pods") and not world.listed("taskruns.slipway.dev"), 60)


def test_deleted_dag_takes_its_runs_along(world: World) -> None:
    """Deleting a Dag cancels its runs and leaves nothing."""
    world.dag("doomed", [{"name": "t", "script": "exec sleep 600"}])
    world.trigger("doomed", "doomed-run")
    world.until("the Pod runs", lambda: world.task("doomed-run", "t").get("state") == "Running")
    world.kubectl("delete", "dag", "doomed")
    world.until("all is gone", lambda: not world.listed("dagruns") and not world.listed("pods"), 60)


def test_deleted_namespace_is_gone_within_a_minute(world: World) -> None:
    """No finalizer of ours keeps a namespace, also with Pods at work in it."""
    world.dag("doomed", [{"name": f"t{number}", "script": "exec sleep 600"} for number in range(5)])
    world.trigger("doomed", "doomed-run")
    world.until("a Pod runs", lambda: world.task("doomed-run", "t0").get("state") == "Running")
    world.kubectl("delete", "namespace", world.namespace, "--timeout=60s")
    world.kubectl("create", "namespace", world.namespace)  # for the fixture to delete


@pytest.mark.parametrize(("way", "state"), [("graceful", "Failed"), ("force", "Failed")])
def test_cancelled_run_ends_its_pods(world: World, way: str, state: str) -> None:
    """A cancelled run ends as Failed: what ran is Failed, what did not is Skipped, and no Pod is left at work."""
    tasks: list[dict[str, Any]] = [
        {"name": "t", "script": "exec sleep 600"},
        {"name": "u", "dependsOn": ["t"], "script": "true"},
    ]
    world.dag("cancelled", tasks, defaults={"pod": {"terminationGracePeriodSeconds": 1}})
    world.trigger("cancelled", "cancelled-run")
    world.until("the Pod runs", lambda: world.task("cancelled-run", "t").get("state") == "Running")
    world.kubectl("patch", "dagrun", "cancelled-run", "--type=merge", "-p", json.dumps({"spec": {"cancel": way}}))
    ended = world.ended("cancelled-run")["status"]
    assert (ended["state"], ended["reason"]) == (state, "Cancelled")
    assert world.task_states("cancelled-run") == {"t": "Failed", "u": "Skipped"}


def test_run_timeout_skips_what_is_left(world: World) -> None:
    """A run that takes too long fails; its tasks end as Skipped."""
    tasks: list[dict[str, Any]] = [
        {"name": "t", "script": "exec sleep 600"},
        {"name": "u", "dependsOn": ["t"], "script": "true"},
    ]
    world.dag("late", tasks, runTimeout="4s", defaults={"pod": {"terminationGracePeriodSeconds": 1}})
    world.trigger("late", "late-run")
    ended = world.ended("late-run")["status"]
    assert (ended["state"], ended["reason"]) == ("Failed", "TimedOut")
    assert world.task_states("late-run") == {"t": "Skipped", "u": "Skipped"}


def test_paused_dag_starts_nothing_until_it_goes_on(world: World) -> None:
    """A run of a paused Dag waits and says so; unpausing lets it go."""
    world.dag("held", [{"name": "t", "script": "true"}], paused=True)
    world.trigger("held", "held-run")
    waits = world.until("a reason", lambda: world.get("dagrun", "held-run").get("status", {}).get("waitingFor"), 30)
    assert (waits[0]["reason"], waits[0]["message"]) == ("Paused", "The Dag is paused")
    assert world.listed("pods") == []
    world.kubectl("patch", "dag", "held", "--type=merge", "-p", '{"spec": {"paused": false}}')
    assert world.ended("held-run")["status"]["state"] == "Success"


def test_edited_dag_leaves_a_live_run_as_it_was(world: World) -> None:
    """A run keeps the revision that it began with; the next run takes the new one."""
    world.dag("edited", [{"name": "t", "script": "sleep 4"}, {"name": "u", "dependsOn": ["t"], "script": "echo old"}])
    world.trigger("edited", "edited-1")
    world.until("the first task is there", lambda: world.listed("taskruns.slipway.dev"))
    world.dag("edited", [{"name": "u", "script": "echo new"}])
    assert world.ended("edited-1")["status"]["state"] == "Success"
    world.trigger("edited", "edited-2")
    world.ended("edited-2")
    assert [world.log(f"edited-{number}-u-1") for number in (1, 2)] == ["old\n", "new\n"]
