"""Who is next where several could be: Dags take turns, backfills come last, and wide tasks get their slots in time."""

from collections import Counter

from controller.model.action import Kind
from tests.scenarios.story import SPACE, Story, succeeds


def dags(story: Story) -> str:
    """The first letters of the Pods' runs, in the order in which they came."""
    return "".join(pod[0] for pod in story.pods)


async def test_a_big_dag_and_small_ones() -> None:
    """Where one slot is all there is, a Dag of two tasks does not wait for the hundred of another."""
    story = Story()
    story.apply(Kind.POOL, "one", {"slots": 1})
    story.dag("; ".join(f"t{number}" for number in range(100)), name="big", defaults={"pool": "one"})
    story.trigger("big", dag="big")
    await story.run(5)
    for name in ("x", "y"):
        story.dag("a; b", name=name, defaults={"pool": "one"})
        story.trigger(name, dag=name)
    await story.run(12)
    since = dags(story)[5:]
    assert Counter(since[:7]) == {"b": 3, "x": 2, "y": 2}
    await story.run()
    assert {story.states(name)["run"] for name in ("big", "x", "y")} == {"Success"}


async def test_turns_where_parallelism_is_the_limit() -> None:
    """Dags take turns there too."""
    story = Story(parallelism=1)
    for name in ("x", "y"):
        story.dag("a; b; c", name=name)
        story.trigger(name, dag=name)
    await story.run()
    assert dags(story) == "xyxyxy"


async def test_a_restart() -> None:
    """Who had the last turn is forgotten, and all tasks run all the same."""
    story = Story(parallelism=1)
    for name in ("x", "y"):
        story.dag("a; b; c", name=name)
        story.trigger(name, dag=name)
    await story.run(1)
    story.world.restart()
    await story.run()
    assert Counter(dags(story)) == {"x": 3, "y": 3}


async def test_a_backfill_beside_a_run_of_today() -> None:
    """Its tasks come after all others, whatever their priority and date."""
    story = Story(parallelism=1)
    story.dag("a; b", name="old", defaults={"priorityWeight": 9})
    story.dag("a; b", name="new")
    story.trigger("old", dag="old", runType="backfill", logicalDate="2020-01-01T00:00:00Z")
    story.trigger("new", dag="new")
    await story.run()
    assert story.pods[-2:] == ["old-a-1", "old-b-1"]


async def test_each_backfill_has_its_own_budget() -> None:
    """maxActiveRuns holds for the runs of each backfill, and for all other runs together."""
    story = Story({"a": succeeds(10)})
    story.dag("a", concurrency={"maxActiveRuns": 1})
    for name in ("x1", "x2"):
        story.trigger(name)
    for name in ("b1", "b2", "c1"):
        labels = {"slipway.dev/backfill": name[0]}
        spec = {"dagRef": {"name": "d"}, "runType": "backfill"}
        metadata = {"name": name, "namespace": SPACE, "labels": labels}
        manifest = {"apiVersion": "slipway.dev/v1alpha1", "kind": "DagRun", "metadata": metadata, "spec": spec}
        story.cluster.create(Kind.DAG_RUN, manifest)
    await story.run(5)
    assert sorted(dags(story)) == ["b", "c", "x"]
    await story.run()
    assert {story.states(name)["run"] for name in ("x1", "x2", "b1", "b2", "c1")} == {"Success"}
    assert story.took("x1") == 10


async def test_a_paused_run_in_the_queue() -> None:
    """The runs behind it go on without it; it takes its turn once it is let."""
    story = Story()
    story.dag("a", concurrency={"maxActiveRuns": 1})
    story.trigger("first", paused=True, logicalDate="2025-01-01T00:00:00Z")
    story.trigger("second", logicalDate="2025-01-02T00:00:00Z")
    await story.run(60)
    assert (story.states("first")["run"], story.states("second")["run"]) == ("Queued", "Success")
    story.edit(Kind.DAG_RUN, "first", paused=False)
    await story.run()
    assert story.states("first")["run"] == "Success"


def wide_story() -> Story:
    """A pool of three slots, which chains of single tasks from four Dags keep busy for a long time."""
    story = Story({"wide": succeeds(5)})
    story.apply(Kind.POOL, "etl", {"slots": 3})
    for dag, seconds in (("s", 7), ("t", 9), ("u", 11), ("v", 13)):
        steps = [f"{dag}{number}" for number in range(40)]
        story.works |= dict.fromkeys(steps, succeeds(seconds))
        story.dag(" >> ".join(steps), name=dag, defaults={"pool": "etl", "weightRule": "absolute"})
        story.trigger(dag, dag=dag)
    return story


async def test_a_wide_task_among_small_ones() -> None:
    """After a minute the slots that come free are kept for it, so that it starts while the others go on and on."""
    story = wide_story()
    await story.run(10)
    story.dag("wide", defaults={"pool": "etl", "poolSlots": 3, "weightRule": "absolute"})
    story.trigger()
    await story.run(55)
    assert story.status("wide")["state"] == "Queued"
    await story.run(30)
    assert "r-wide-1" in story.pods
    await story.run(60)
    assert story.states() == {"run": "Success", "wide": "Success"}
    assert story.states("s")["run"] == "Running"


async def test_what_small_tasks_read_meanwhile() -> None:
    """They say for whom the slots are kept."""
    story = Story({"long": succeeds(300), "x": succeeds(1), "w": succeeds(1)})
    story.apply(Kind.POOL, "etl", {"slots": 3})
    story.dag("long", name="first", defaults={"pool": "etl"})
    story.trigger("first", dag="first")
    await story.run(1)
    story.dag("w", name="wide", defaults={"pool": "etl", "poolSlots": 3})
    story.trigger("wide", dag="wide")
    await story.run(70)
    story.dag("x", name="small", defaults={"pool": "etl"})
    story.trigger("small", dag="small")
    await story.run(30)
    waiting = story.status("x", "small")["waitingFor"][0]
    message = "Slots of pool etl are kept for wide-w, which has waited long for 3"
    assert (waiting["reason"], waiting["message"]) == ("Pool", message)
    await story.run()
    assert story.pods == ["first-long-1", "wide-w-1", "small-x-1"]
