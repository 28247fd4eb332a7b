"""Runs that follow updates of assets: from the task that updates one to the Dag that waits for it, whatever happens."""

from typing import Any

import pytest

from controller.model.action import Kind
from controller.simulate.kubelet import Work
from tests.scenarios.story import Story, fails, succeeds

ORDERS = {"assets": {"all": ["orders"]}}
BOTH = {"assets": {"all": ["orders", "rates"]}}


async def waiting(schedule: dict[str, Any], works: dict[str, Work] | None = None, **spec: Any) -> Story:
    """Dags `sales` and `bank`, whose task `make` updates `orders` and `rates`, and Dag `report`, which waits for it."""
    story = Story(works)
    story.dag("make", name="sales", tasks={"make": {"updates": ["orders"]}})
    story.dag("make", name="bank", tasks={"make": {"updates": ["rates"]}})
    story.dag("tell", name="report", schedule=schedule, **spec)
    await story.run(1)
    return story


def reports(story: Story) -> list[list[str]]:
    """For each run of `report`, in order, the TaskRuns that it answers for."""
    made = [raw for raw in story.cluster.all_of(Kind.DAG_RUN) if raw["spec"]["dagRef"]["name"] == "report"]
    return [[update["taskRun"] for update in raw["spec"]["updates"]] for raw in made]


def queue(story: Story) -> dict[str, int]:
    """How many updates of which assets wait for the next report."""
    queued = story.get(Kind.DAG, "report")["status"]["assets"].get("queued", {})
    return {asset: marker["count"] for asset, marker in queued.items()}


async def test_a_run_for_both_assets() -> None:
    """It comes once both were updated, without a logical date, and says for which updates."""
    story = await waiting(BOTH)
    story.trigger("s1", dag="sales")
    await story.run(60)
    assert (reports(story), queue(story)) == ([], {"orders": 1})
    story.trigger("b1", dag="bank")
    await story.run(60)
    assert (reports(story), queue(story)) == ([["s1-make", "b1-make"]], {})
    [name] = [name for name in story.names(Kind.DAG_RUN) if name.startswith("report-")]
    made = story.get(Kind.DAG_RUN, name)
    assert (made["spec"]["runType"], "logicalDate" in made["spec"]) == ("asset_triggered", False)
    assert story.states(name) == {"run": "Success", "tell": "Success"}
    assert story.get(Kind.DAG, "report")["status"]["schedule"] == "orders and rates"


async def test_a_task_that_reads_what_was_updated() -> None:
    """Templates know the updates that the run answers for."""
    story = await waiting(ORDERS)
    shown = {
        "script": None,
        "command": ["echo"],
        "args": ["{{ run.updates[0].asset }} by {{ run.updates[0].taskRun }}"],
    }
    story.edit(Kind.DAG, "report", tasks=[{"name": "tell", **shown}])
    story.trigger("s1", dag="sales")
    await story.run(60)
    [pod] = [raw for raw in story.cluster.all_of(Kind.POD) if raw["metadata"]["name"].startswith("report-")]
    assert pod["spec"]["containers"][0]["args"] == ["orders by s1-make"]


async def test_updates_of_one_instant() -> None:
    """Five tasks that end together make one run, which answers for all five."""
    story = await waiting(ORDERS, {"make": succeeds(5)})
    for number in range(5):
        story.trigger(f"s{number}", dag="sales")
    await story.run(60)
    assert reports(story) == [[f"s{number}-make" for number in range(5)]]


async def test_updates_while_a_run_is_at_work() -> None:
    """They gather, and one run answers for all of them once maxActiveRuns has room."""
    story = await waiting(ORDERS, {"tell": succeeds(600)}, concurrency={"maxActiveRuns": 1})
    for number in range(5):
        story.trigger(f"s{number}", dag="sales")
        await story.run(60)
    assert (len(reports(story)), queue(story)) == (1, {"orders": 4})
    await story.run(1000)
    assert reports(story) == [["s0-make"], ["s1-make", "s2-make", "s3-make", "s4-make"]]


async def test_a_paused_dag() -> None:
    """It misses nothing: what was updated meanwhile makes one run as it goes on."""
    story = await waiting(ORDERS, paused=True)
    for number in range(3):
        story.trigger(f"s{number}", dag="sales")
        await story.run(3600)
    assert (reports(story), queue(story)) == ([], {"orders": 3})
    story.edit(Kind.DAG, "report", paused=False)
    await story.run(60)
    assert (len(reports(story)), queue(story)) == (1, {})


async def test_what_is_no_update() -> None:
    """A task that failed has updated nothing, nor one that a person says has succeeded."""
    story = await waiting(ORDERS, {"make": fails()})
    story.trigger("s1", dag="sales")
    await story.run(60)
    request = {"id": "1", "mark": {"state": "success", "tasks": ["make"]}}
    story.edit(Kind.DAG_RUN, "s1", request=request)
    await story.run(60)
    assert (story.states("s1")["make"], reports(story), queue(story)) == ("Success", [], {})


async def test_a_task_that_is_cleared() -> None:
    """Its second success is a second update."""
    story = await waiting(ORDERS)
    story.trigger("s1", dag="sales")
    await story.run(60)
    story.edit(Kind.DAG_RUN, "s1", request={"id": "1", "clear": {"tasks": ["make"]}})
    await story.run(60)
    assert reports(story) == [["s1-make"], ["s1-make"]]
    assert [each["updates"] for each in story.status("make", "s1")["attempts"]] == [["orders"], ["orders"]]


async def test_a_task_without_a_pod() -> None:
    """A noop that updates assets has a TaskRun, in which the update stands; so have the kinds that take time."""
    story = await waiting(BOTH)
    tasks = {"wait": {"wait": {"for": "10s"}, "updates": ["orders"]}, "join": {"noop": {}, "updates": ["rates"]}}
    story.apply(Kind.DAG, "idle", {"tasks": [{"name": name, **fields} for name, fields in tasks.items()]})
    story.trigger("i1", dag="idle")
    await story.run(60)
    assert reports(story) == [["i1-join", "i1-wait"]]
    assert story.states("i1") == {"run": "Success", "join": "Success", "wait": "Success"}
    assert not any(pod.startswith("i1") for pod in story.pods)


async def test_a_mapped_task() -> None:
    """Each of its instances updates, and the run that follows the first takes what there is."""
    story = await waiting(ORDERS, concurrency={"maxActiveRuns": 1})
    story.dag("make", name="parts", tasks={"make": {"updates": ["orders"], "map": {"over": [1, 2, 3]}}})
    story.trigger("p1", dag="parts")
    await story.run(60)
    assert sorted(name for names in reports(story) for name in names) == ["p1-make-0", "p1-make-1", "p1-make-2"]


async def test_updates_that_nobody_waits_for() -> None:
    """They stand in the task's account and cost no write; a Dag that comes later does not hear of them."""
    story = Story()
    story.dag("make", name="sales", tasks={"make": {"updates": ["orders"]}})
    story.trigger("s1", dag="sales")
    await story.run(60)
    writes = story.world.controller.session.writes
    assert writes["status", "TaskRun"] == 1
    assert story.status("make", "s1")["attempts"][0]["updates"] == ["orders"]
    story.dag("tell", name="report", schedule=ORDERS)
    await story.run(60)
    assert (reports(story), queue(story)) == ([], {})


async def test_one_update_and_what_it_costs() -> None:
    """Two writes of the Dag that waits, its run, and one word in the TaskRun."""
    story = await waiting(ORDERS)
    story.trigger("s1", dag="sales")
    seen: list[str] = []
    story.cluster.watchers.append(
        lambda kind, type_, raw: seen.append(f"{kind} {raw['metadata']['name']} {raw['status'].get('assets')}")
    )
    await story.run(60)
    queues = dict.fromkeys(each for each in seen if each.startswith("Dag report"))
    assert len(queues) == 2
    assert story.status("make", "s1")["noted"] == 1
    assert story.world.controller.session.writes["create", "DagRun"] == 1


async def test_one_dag_after_another() -> None:
    """An update makes a run whose task updates what the next Dag waits for."""
    story = Story()
    story.dag("make", name="one", tasks={"make": {"updates": ["raw"]}})
    story.dag("make", name="two", tasks={"make": {"updates": ["clean"]}}, schedule={"assets": {"any": ["raw"]}})
    story.dag("make", name="three", schedule={"assets": {"any": ["clean"]}})
    await story.run(1)
    story.trigger("o1", dag="one")
    await story.run(120)
    assert [name.partition("-")[0] for name in story.names(Kind.DAG_RUN)] == ["o1", "three", "two"]


async def test_an_edit_that_is_at_fault() -> None:
    """The Dag keeps hearing of what it waited for, and runs once it is mended."""
    story = await waiting(ORDERS)
    story.edit(Kind.DAG, "report", schedule={"assets": {"all": ["orders", 3]}})
    story.trigger("s1", dag="sales")
    await story.run(60)
    [ready, _] = story.get(Kind.DAG, "report")["status"]["conditions"]
    assert ready["message"].startswith("spec.schedule.assets.all[1]: 3 is neither a name nor a rule")
    assert (reports(story), queue(story)) == ([], {"orders": 1})
    story.edit(Kind.DAG, "report", schedule=ORDERS)
    await story.run(60)
    assert reports(story) == [["s1-make"]]


async def test_a_time_or_assets() -> None:
    """A run comes for either; only the one that follows assets takes their updates."""
    story = await waiting({"cron": "0 6 * * *", **ORDERS})
    story.trigger("s1", dag="sales")
    await story.run(86_400)
    types = {
        raw["spec"]["runType"]: raw["spec"].get("logicalDate")
        for raw in story.cluster.all_of(Kind.DAG_RUN)
        if raw["spec"]["dagRef"]["name"] == "report"
    }
    assert types == {"asset_triggered": None, "scheduled": "2026-01-01T06:00:00Z"}


async def test_the_producer_is_deleted() -> None:
    """Once the Dag has noted it, the update outlives the run that made it."""
    story = await waiting(BOTH)
    story.trigger("s1", dag="sales")
    await story.run(60)
    story.delete(Kind.DAG_RUN, "s1")
    story.world.restart()
    story.trigger("b1", dag="bank")
    await story.run(60)
    assert reports(story) == [["s1-make", "b1-make"]]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_every_write(when: str) -> None:
    """Wherever the controller dies, each update is answered for by exactly one run."""
    for number in range(1, 60):
        story = await waiting(BOTH, {"make": succeeds(5)})
        story.trigger("s1", dag="sales")
        story.trigger("s2", dag="sales")
        story.trigger("b1", dag="bank")
        session = story.world.controller.session
        session.kill_at = (when, session.writes.total() + number)
        await story.run(120)
        was_killed = session.is_killed
        if was_killed:
            story.world.restart()
        await story.run(3600)
        answered = sorted(name for names in reports(story) for name in names)
        waits = sum(queue(story).values())
        assert len(answered) + waits == 3, (number, answered, queue(story))
        assert len(set(answered)) == len(answered)
        if not was_killed:
            return
    raise AssertionError("the story has more writes than were tried")


@pytest.mark.parametrize("lost", [Kind.DAG, Kind.TASK_RUN, Kind.DAG_RUN])
async def test_lost_events(lost: Kind) -> None:
    """What no event told of is found by the next full list, and nothing is doubled."""
    story = await waiting(ORDERS)
    story.world.watch = lambda event: () if event[0] is lost else (event, event)
    for number in range(3):
        story.trigger(f"s{number}", dag="sales")
        await story.run(60)
        story.world.resync()
        await story.run(60)
    assert reports(story) == [["s0-make"], ["s1-make"], ["s2-make"]]
