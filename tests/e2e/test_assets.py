"""Runs that follow updates of assets, on the real cluster; and schedules as the API server takes them."""

import pytest

from tests.e2e.world import World, dag

pytestmark = pytest.mark.cluster

OK = {"name": "ok", "script": "true"}


def test_a_run_follows_two_updates(world: World) -> None:
    """The Dag that waits for both runs once, answers for both, and reads in its task what it answers for."""
    world.dag("orders", [{"name": "make", "script": "true", "updates": ["orders", "s3://lake/orders"]}])
    world.dag("rates", [{"name": "make", "noop": {}, "updates": ["rates"]}])
    tell = {"name": "tell", "command": ["echo"], "args": ["{{ run.updates | tojson }}"]}
    world.dag("report", [tell], schedule={"assets": {"all": ["s3://lake/orders", {"any": ["rates", "prices"]}]}})
    world.until(
        "the report waits for its assets",
        lambda: world.get("dag", "report").get("status", {}).get("assets", {}).get("waitsFor"),
    )
    world.trigger("orders", "orders-1")
    world.until(
        "the first update is queued",
        lambda: world.get("dag", "report")["status"]["assets"].get("queued"),
    )
    world.trigger("rates", "rates-1")
    made = world.until("there is a report", lambda: world.listed("dagruns", "slipway.dev/dag=report"))
    ended = world.ended(made[0]["metadata"]["name"])
    assert ended["status"]["state"] == "Success"
    assert (ended["spec"]["runType"], "logicalDate" in ended["spec"]) == ("asset_triggered", False)
    updates = {(update["asset"], update["taskRun"]) for update in ended["spec"]["updates"]}
    assert updates == {("s3://lake/orders", "orders-1-make"), ("rates", "rates-1-make")}
    world.until(
        "both TaskRuns know that they were heard",
        lambda: all(
            world.get("taskruns.slipway.dev", f"{name}-1-make")["status"].get("noted") for name in ("orders", "rates")
        ),
    )
    assert len(world.listed("dagruns", "slipway.dev/dag=report")) == 1
    assert "queued" not in world.get("dag", "report")["status"]["assets"]


def test_schedules_that_the_api_server_refuses(world: World) -> None:
    """The CRD knows the first level of a rule, and that a schedule names a time or assets."""
    assert "is needed, or assets" in world.refused(dag("empty", [OK], schedule={"timezone": "UTC"}))
    assert "spec.schedule.assets" in world.refused(dag("text", [OK], schedule={"assets": "orders"}))
    assert "spec.schedule.assets.all" in world.refused(dag("none", [OK], schedule={"assets": {"all": []}}))


def test_the_runs_to_come(world: World) -> None:
    """Five of them stand in the status, and kubectl shows the first."""
    world.dag("daily", [OK], schedule={"cron": "0 6 * * *"})
    listed = world.until(
        "the runs to come are told", lambda: world.get("dag", "daily").get("status", {}).get("nextRuns")
    )
    assert len(listed) == 5
    assert listed[0]["runAfter"] in world.kubectl("get", "dag", "daily")


def test_a_rule_with_a_fault_below_its_first_level(world: World) -> None:
    """Its user reads one sentence at once."""
    said = world.refused(dag("deep", [OK], schedule={"assets": {"all": ["orders", {"one": ["rates"]}]}}))
    assert "spec.schedule.assets.all[1]: {'one': ['rates']} is neither a name nor a rule" in said
