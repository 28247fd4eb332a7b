"""What Pools and Dags say about slots, and limits of single tasks."""

import pytest

from controller.model.action import Kind
from controller.simulate.cluster import Raw
from tests.scenarios.story import Story, succeeds


def pool(story: Story, name: str = "etl") -> Raw:
    """A Pool's status, its conditions by type."""
    status = dict(story.get(Kind.POOL, name)["status"])
    status["conditions"] = {c["type"]: (c["status"], c["reason"]) for c in status["conditions"]}
    return status


async def test_a_pool_fills_and_empties() -> None:
    """Its status follows within seconds, and says who holds slots."""
    story = Story(dict.fromkeys("abc", succeeds(20)))
    story.apply(Kind.POOL, "etl", {"slots": 3})
    await story.run(10)
    assert pool(story)["conditions"] == {"Ready": ("True", "InUse")}
    story.dag("a; b; c", defaults={"pool": "etl"}, tasks={"a": {"poolSlots": 2}})
    story.trigger()
    await story.run(10)
    told = pool(story)
    assert (told["used"], told["queued"], told["holders"]) == (3, 1, ["r-a", "r-b"])
    await story.run()
    told = pool(story)
    assert (told["used"], told["queued"], "holders" in told) == (0, 0, False)


async def test_a_busy_pool() -> None:
    """It is written once in three seconds at most, and not at all while nothing changes."""
    story = Story(dict.fromkeys((f"t{n}" for n in range(60)), succeeds(1)))
    story.apply(Kind.POOL, "etl", {"slots": 1})
    story.dag("; ".join(f"t{n}" for n in range(60)), defaults={"pool": "etl"}, concurrency={"maxActiveTasks": 60})
    story.trigger()
    await story.run()
    writes = story.world.controller.session.writes
    assert story.took() == 60
    assert writes["status", "Pool"] <= 3 + 60 / 3
    before = writes["status", "Pool"]
    story.world.resync()
    await story.run(600)
    assert writes["status", "Pool"] == before


async def test_the_pool_without_an_object() -> None:
    """The pool default has none unless somebody makes it, and nothing is written about it."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run()
    assert story.world.controller.session.writes["status", "Pool"] == 0


async def test_a_pool_that_is_closed_and_shrunk() -> None:
    """Ready says that nothing starts, or that more is taken than there is."""
    story = Story(dict.fromkeys("ab", succeeds(60)))
    story.apply(Kind.POOL, "etl", {"slots": 2})
    story.dag("a; b", defaults={"pool": "etl"})
    story.trigger()
    await story.run(10)
    story.edit(Kind.POOL, "etl", slots=1)
    await story.run(10)
    assert pool(story)["conditions"] == {"Ready": ("True", "Shrunk")}
    story.edit(Kind.POOL, "etl", slots=0)
    await story.run(10)
    assert pool(story)["conditions"] == {"Ready": ("False", "NoSlots")}


async def test_a_dag_whose_pool_comes_later() -> None:
    """Condition Pools says what is missing, and that it is not any more."""
    story = Story()
    story.dag("a", defaults={"pool": "etl", "poolSlots": 2})
    told = []
    for slots in (None, 1, 2):
        if slots is not None:
            story.apply(Kind.POOL, "etl", {"slots": slots})
        await story.run(10)
        [condition] = [c for c in story.get(Kind.DAG, "d")["status"]["conditions"] if c["type"] == "Pools"]
        told.append((condition["status"], condition["message"]))
    assert told == [
        ("False", "Pool etl does not exist"),
        ("False", "Pool etl has 1 slots, and a task needs 2"),
        ("True", ""),
    ]


@pytest.mark.parametrize(("limit", "seconds"), [("maxActivePerRun", 40), ("maxActivePerDag", 80)])
async def test_instances_of_one_task(limit: str, seconds: float) -> None:
    """No more of them are at work at once, in the run or in all runs; other tasks are not held up."""
    story = Story({"m": succeeds(20), "b": succeeds(1)})
    story.dag("m; b", tasks={"m": {"map": {"over": [1, 2, 3, 4]}, limit: 2, "priorityWeight": 9}})
    for name in ("r", "s"):
        story.trigger(name)
    await story.run(10)
    assert {story.states(name)["b"] for name in ("r", "s")} == {"Success"}
    assert len([pod for pod in story.pods if "-m-" in pod]) == (4 if limit == "maxActivePerRun" else 2)
    waiting = story.get(Kind.TASK_RUN, "s-m-3")["status"]["waitingFor"][0]
    assert waiting["reason"] == "TaskInstanceLimit"
    await story.run()
    assert max(story.took("r"), story.took("s")) == seconds
