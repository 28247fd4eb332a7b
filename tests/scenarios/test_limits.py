"""Limits and the order of the queue: who may start, and what the others wait for. The witness counts at every Pod."""

from controller.model.action import Kind
from tests.scenarios.story import Story, fails, succeeds


def starts(story: Story) -> list[str]:
    """The tasks in the order in which their Pods came."""
    return [pod.split("-")[1] for pod in story.pods]


async def test_max_active_runs() -> None:
    """No more runs than that are running; the others wait in the order of their logical dates."""
    story = Story()
    story.dag("a", concurrency={"maxActiveRuns": 1})
    for name, day in (("late", 3), ("early", 1), ("middle", 2)):
        story.trigger(name, logicalDate=f"2025-01-0{day}T00:00:00Z")
    await story.run()
    assert story.pods == ["early-a-1", "middle-a-1", "late-a-1"]
    assert {story.states(name)["run"] for name in ("late", "early", "middle")} == {"Success"}


async def test_a_run_that_waits_for_another() -> None:
    """It stays Queued and says what for."""
    story = Story({"a": succeeds(100)})
    story.dag("a", concurrency={"maxActiveRuns": 1})
    story.trigger("first")
    await story.run(1)
    story.trigger("second")
    await story.run(10)
    assert story.states("second") == {"run": "Queued"}
    assert story.run_status("second")["waitingFor"][0]["reason"] == "RunLimit"
    await story.run()
    assert story.states("second") == {"run": "Success", "a": "Success"}


async def test_max_active_tasks() -> None:
    """A run never has more Pods at once; a task that waits says so."""
    story = Story(dict.fromkeys("abcde", succeeds(10)))
    story.dag("a; b; c; d; e", concurrency={"maxActiveTasks": 2})
    story.trigger()
    await story.run(5)
    assert story.pods == ["r-a-1", "r-b-1"]
    assert story.status("c")["waitingFor"][0]["reason"] == "TaskLimit"
    await story.run()
    assert story.states()["run"] == "Success"
    assert story.took() == 30


async def test_parallelism_of_one() -> None:
    """The sequential executor: one Pod at a time in the whole cluster, runs and Dags alike."""
    story = Story(parallelism=1)
    story.dag("a >> [b, c] >> d")
    story.dag("x; y", name="other")
    story.trigger()
    story.trigger("o", dag="other")
    await story.run()
    assert (story.states()["run"], story.states("o")["run"]) == ("Success", "Success")
    assert len(story.pods) == 6


async def test_the_order_of_the_queue() -> None:
    """The heavier task first; among equals the earlier logical date, and none last."""
    story = Story(parallelism=1)
    story.dag("light; heavy; middle", tasks={"heavy": {"priorityWeight": 9}, "middle": {"priorityWeight": 5}})
    story.trigger("r3")
    story.trigger("r2", logicalDate="2025-02-01T00:00:00Z")
    story.trigger("r1", logicalDate="2025-01-01T00:00:00Z")
    await story.run()
    assert story.pods == [f"{run}-{task}-1" for task in ("heavy", "middle", "light") for run in ("r1", "r2", "r3")]


async def test_tasks_with_much_behind_them_go_first() -> None:
    """By default a task weighs what hangs on it."""
    story = Story(parallelism=1)
    story.dag("short; long >> next >> last")
    story.trigger()
    await story.run()
    assert starts(story) == ["long", "next", "short", "last"]


async def test_a_pool() -> None:
    """Its slots are shared by the tasks of all Dags; what does not fit waits and says for what."""
    story = Story(dict.fromkeys("abcx", succeeds(10)))
    story.apply(Kind.POOL, "etl", {"slots": 3})
    story.dag("a; b; c", defaults={"pool": "etl", "poolSlots": 2})
    story.dag("x", name="other", defaults={"pool": "etl"})
    story.trigger()
    story.trigger("o", dag="other")
    await story.run(5)
    assert sorted(story.pods) == ["o-x-1", "r-a-1"]
    assert story.status("b")["waitingFor"][0]["message"] == "Waiting for 2 of 3 slots in pool etl"
    await story.run()
    assert (story.states()["run"], story.states("o")["run"]) == ("Success", "Success")


async def test_a_pool_that_does_not_exist() -> None:
    """Its task waits and says so; it starts when somebody makes the pool."""
    story = Story()
    story.dag("a", defaults={"pool": "etl"})
    story.trigger()
    await story.run(60)
    assert story.states() == {"run": "Running", "a": "Queued"}
    assert story.status("a")["waitingFor"][0]["message"] == "Pool etl does not exist"
    story.apply(Kind.POOL, "etl", {"slots": 1})
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_more_slots_than_the_pool_has() -> None:
    """The task waits, says so, and does not hold the others up."""
    story = Story()
    story.apply(Kind.POOL, "etl", {"slots": 2})
    story.dag("huge; small", defaults={"pool": "etl"}, tasks={"huge": {"poolSlots": 3, "priorityWeight": 9}})
    story.trigger()
    await story.run(60)
    assert story.states() == {"run": "Running", "huge": "Queued", "small": "Success"}
    message = "The task needs 3 slots, but pool etl has 2 in all"
    assert story.status("huge")["waitingFor"][0]["message"] == message
    story.edit(Kind.POOL, "etl", slots=3)
    await story.run()
    assert story.states()["run"] == "Success"


async def test_the_pool_named_default() -> None:
    """It exists with 128 slots, until a Pool of that name says otherwise; without it they are back."""
    story = Story({"a": succeeds(10), "b": succeeds(10)})
    story.apply(Kind.POOL, "default", {"slots": 1})
    story.dag("a; b")
    story.trigger()
    await story.run(5)
    assert story.pods == ["r-a-1"]
    story.delete(Kind.POOL, "default")
    await story.run(1)
    assert story.pods == ["r-a-1", "r-b-1"]


async def test_a_pool_of_no_slots_and_one_without_limit() -> None:
    """0 starts nothing, -1 everything."""
    story = Story()
    story.apply(Kind.POOL, "none", {"slots": 0})
    story.apply(Kind.POOL, "all", {"slots": -1})
    story.dag("n; x; y", defaults={"pool": "all", "poolSlots": 500}, tasks={"n": {"pool": "none", "poolSlots": 1}})
    story.trigger()
    await story.run(60)
    assert story.states() == {"run": "Running", "n": "Queued", "x": "Success", "y": "Success"}


async def test_a_retry_gives_its_slot_back() -> None:
    """While a task waits for its next attempt, another takes the slot."""
    story = Story({"a": [fails(), succeeds()]}, parallelism=1)
    story.dag("a; b", tasks={"a": {"retries": 1, "retryDelay": "60s", "priorityWeight": 9}})
    story.trigger()
    await story.run(10)
    assert story.states() == {"run": "Running", "a": "UpForRetry", "b": "Success"}
    await story.run()
    assert story.pods == ["r-a-1", "r-b-1", "r-a-2"]
