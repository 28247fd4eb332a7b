"""Whatever happens to Pods, runs, Dags and namespaces: every task has its right end, and nothing stays behind."""

import json
from typing import Any

import pytest

from tests.e2e.world import World, dag, dag_run, pool

pytestmark = pytest.mark.cluster


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
    world.assert_one_pod_per_attempt()


def test_limits_hold_at_every_instant(world: World) -> None:
    """Never more Pods at once than the pool and the run allow, by the Pods' own times."""
    world.apply(pool("two", 2))
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
    world.dag("cancelled", tasks)
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
    world.dag("late", tasks, runTimeout="4s")
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
