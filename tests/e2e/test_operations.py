"""Clear, mark, cancel and backfill on the real cluster, by kubectl alone."""

import json
from typing import Any

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.cluster


def ask(world: World, run: str, *, cancel: bool = False, **request: Any) -> dict[str, Any]:
    """Patch the request into the run as the guide says, and wait for the answer."""
    operations: list[dict[str, Any]] = [{"op": "add", "path": "/spec/request", "value": request}]
    if cancel:
        operations.insert(0, {"op": "remove", "path": "/spec/cancel"})
    said = world.kubectl("patch", "dagrun", run, "--type", "json", "-p", json.dumps(operations))
    assert said == f"dagrun.slipway.dev/{run} patched\n"

    def answer() -> dict[str, Any] | None:
        requests = world.get("dagrun", run)["status"].get("requests", [])
        return next((each for each in requests if each["id"] == request["id"]), None)

    found: dict[str, Any] = world.until(f"request {request['id']} is answered", answer, 20)
    return found


def ended_again(world: World, run: str, round_: int) -> dict[str, Any]:
    """The run once it has ended after so many requests."""
    world.until("the request is carried out", lambda: world.get("dagrun", run)["status"].get("round") == round_, 20)
    return world.ended(run)


def test_a_failed_task_is_cleared(world: World) -> None:
    """The second try succeeds, what waited for it follows, and the columns are those of a run that ended well."""
    tasks: list[dict[str, Any]] = [
        {"name": "a", "script": "test $SLIPWAY_TRY = 2"},
        {"name": "b", "dependsOn": ["a"], "script": "true"},
    ]
    world.dag("again", tasks)
    world.trigger("again", "again-run")
    assert world.ended("again-run")["status"]["state"] == "Failed"
    dry = ask(world, "again-run", id="dry", dryRun=True, clear={"onlyFailed": True})
    assert (dry["tasks"], dry["message"]) == (["a", "b"], "Would clear 2 tasks")
    assert ask(world, "again-run", id="1", by="ada", clear={"onlyFailed": True})["count"] == 2
    status = ended_again(world, "again-run", 1)["status"]
    assert (status["state"], status["tasks"], status["counts"]) == ("Success", "2/2", {"Success": 2})
    assert [each["state"] for each in world.task("again-run", "a")["attempts"]] == ["Failed", "Success"]
    world.assert_one_pod_per_attempt()


def test_a_running_task_is_marked(world: World) -> None:
    """Its Pod is ended, and what is behind it runs; the run as a whole can be marked at the end."""
    tasks: list[dict[str, Any]] = [
        {"name": "slow", "script": "trap 'exit 1' TERM; sleep 600 & wait"},
        {"name": "next", "dependsOn": ["slow"], "script": "true"},
    ]
    world.dag("marked", tasks)
    world.trigger("marked", "marked-run")
    world.until("the task runs", lambda: world.task("marked-run", "slow").get("state") == "Running")
    ask(world, "marked-run", id="1", by="ada", mark={"tasks": ["slow"], "state": "success"})
    assert ended_again(world, "marked-run", 1)["status"]["state"] == "Success"
    assert world.task_states("marked-run") == {"slow": "Success", "next": "Success"}
    ask(world, "marked-run", id="2", mark={"state": "failed"})
    run = world.get("dagrun", "marked-run")
    assert (run["status"]["state"], run["status"]["reason"]) == ("Failed", "Marked")


def test_a_cancelled_run_is_cleared(world: World) -> None:
    """With spec.cancel taken away in the same patch it goes on; without, the answer says what is missing."""
    world.dag("stopped", [{"name": "t", "script": "test $SLIPWAY_TRY = 2 || sleep 600"}])
    world.trigger("stopped", "stopped-run")
    world.until("the task runs", lambda: world.task("stopped-run", "t").get("state") == "Running")
    world.kubectl("patch", "dagrun", "stopped-run", "--type", "merge", "-p", '{"spec":{"cancel":"force"}}')
    assert world.ended("stopped-run")["status"]["reason"] == "Cancelled"
    refused = ask(world, "stopped-run", id="1", clear={})
    assert (refused["refused"], "spec.cancel" in refused["message"]) == (True, True)
    ask(world, "stopped-run", id="2", cancel=True, clear={})
    assert ended_again(world, "stopped-run", 1)["status"]["state"] == "Success"


def backfill(name: str, **spec: Any) -> dict[str, Any]:
    """Three days of January."""
    days = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-03T00:00:00Z"}
    metadata = {"name": name}
    full = {"dagRef": {"name": "daily"}, **days, **spec}
    return {"apiVersion": "slipway.dev/v1alpha1", "kind": "Backfill", "metadata": metadata, "spec": full}


def test_a_backfill_of_three_days(world: World) -> None:
    """Planned, approved, done, as `kubectl get` and `kubectl wait` show it; the same days again are left alone."""
    schedule = {"cron": "@daily", "start": "2026-01-01T00:00:00Z"}
    world.dag("daily", [{"name": "t", "script": "echo day $SLIPWAY_LOGICAL_DATE"}], schedule=schedule)
    world.apply(backfill("january", approved=False))
    world.kubectl("wait", "--for=jsonpath={.status.state}=Planned", "backfill/january", "--timeout=30s")
    assert world.get("backfill", "january")["status"]["plan"]["create"] == 3
    assert world.listed("dagruns", "slipway.dev/backfill=january") == []
    world.kubectl("patch", "backfill", "january", "--type", "merge", "-p", '{"spec":{"approved":true}}')
    world.kubectl("wait", "--for=condition=Finished", "backfill/january", "--timeout=120s")
    row = world.kubectl("get", "dbf", "january", "--no-headers").split()
    assert row[:5] == ["january", "daily", "Success", "3/3", "0"]
    names = {run["metadata"]["name"] for run in world.listed("dagruns", "slipway.dev/backfill=january")}
    assert names == {f"daily-2026010{day}t000000" for day in (1, 2, 3)}
    assert world.log("daily-20260102t000000-t-1") == "day 2026-01-02T00:00:00Z\n"
    world.apply(backfill("again"))
    world.kubectl("wait", "--for=condition=Finished", "backfill/again", "--timeout=60s")
    assert world.get("backfill", "again")["status"]["plan"]["exists"] == 3
    world.apply(backfill("once-more", reprocess="completed"))
    world.kubectl("wait", "--for=condition=Finished", "backfill/once-more", "--timeout=120s")
    assert world.task("daily-20260103t000000", "t")["try"] == 2
    world.assert_one_pod_per_attempt()


def test_what_the_api_server_refuses(world: World) -> None:
    """What a backfill is about can't be changed afterwards, and a word that is none is not taken."""
    assert "reprocess" in world.refused(backfill("x", reprocess="some"))
    world.apply(backfill("fixed", approved=False))
    assert "to can't be changed" in world.refused(backfill("fixed", to="2026-01-09T00:00:00Z"))
