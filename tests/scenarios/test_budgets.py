"""What a task costs: writes to the API server and decisions, as the design's budget says."""

from collections.abc import Awaitable, Callable

import pytest

from controller.model.action import Kind
from controller.observe.due import Question
from tests.scenarios.story import Story, fails, succeeds

HOT = (("create", "TaskRun"), ("create", "Pod"), ("status", "TaskRun"))


async def chain(tasks: int, seconds: float = 1) -> Story:
    """A run of so many tasks in a row, at its end."""
    names = [f"t{number}" for number in range(tasks)]
    story = Story(dict.fromkeys(names, succeeds(seconds)))
    story.dag(" >> ".join(names))
    story.trigger()
    await story.run()
    assert story.states()["run"] == "Success"
    return story


async def fan(tasks: int) -> Story:
    """A run of so many tasks side by side, at its end."""
    story = Story(parallelism=tasks)
    story.dag("; ".join(f"t{number}" for number in range(tasks)), concurrency={"maxActiveTasks": tasks})
    story.trigger()
    await story.run()
    assert story.states()["run"] == "Success"
    return story


Shape = Callable[[int], Awaitable[Story]]


@pytest.mark.parametrize("shape", [chain, fan])
async def test_writes_per_task(shape: Shape) -> None:
    """At most 3.1 writes a task that anybody waits for, and 5.2 with all that follows."""
    story = await shape(50)
    writes = story.world.controller.session.writes
    assert sum(writes[write] for write in HOT) / 50 <= 3.1
    assert writes.total() / 50 <= 5.2


@pytest.mark.parametrize("shape", [chain, fan])
async def test_decisions_per_task(shape: Shape) -> None:
    """At most 6 looks at a task, and fewer than 20 + 6 for each task at its run."""
    story = await shape(50)
    decisions = story.world.controller.loop.decisions
    assert decisions[Question.TASK] / 50 <= 6
    assert decisions[Question.RUN] < 20 + 6 * 50


async def test_a_run_says_how_far_it_is_now_and_then() -> None:
    """Its status is written when it begins and ends, and at most every 3 s between."""
    story = await chain(30)
    assert story.took() == 30
    assert story.world.controller.session.writes["status", "DagRun"] <= 3 + 30 / 3


async def test_a_task_that_runs_for_hours() -> None:
    """One more write says that it runs, and nothing is written after that until it ends."""
    story = await chain(1, seconds=8 * 3600)
    assert story.world.controller.session.writes["status", "TaskRun"] == 2
    assert story.world.controller.session.writes["status", "DagRun"] <= 4


async def test_a_task_that_waits_for_hours() -> None:
    """One write says what it waits for."""
    story = Story({"a": succeeds(8 * 3600)})
    story.dag("a; b", concurrency={"maxActiveTasks": 1})
    story.trigger()
    await story.run(4 * 3600)
    # `a` runs, and `b` waits.
    assert story.world.controller.session.writes["status", "TaskRun"] == 2


async def test_a_task_that_never_runs_costs_nothing() -> None:
    """Skipped and upstream-failed tasks live in the run's status."""
    story = Story({"a": fails()})
    story.dag("a >> b >> c >> d")
    story.trigger()
    await story.run()
    assert story.names(Kind.TASK_RUN) == ["r-a"]


async def test_one_revision_for_each_spec() -> None:
    """Runs, restarts and pauses make none; an edit makes one, and an edit back none."""
    story = Story()
    story.dag("a")
    for name in ("r1", "r2"):
        story.trigger(name)
    await story.run()
    story.edit(Kind.DAG, "d", paused=True)
    story.world.restart()
    await story.run()
    assert len(story.names(Kind.REVISION)) == 1
    story.dag("a >> b")
    await story.run()
    story.dag("a")
    await story.run()
    assert len(story.names(Kind.REVISION)) == 2


async def test_nothing_is_written_where_nothing_happens() -> None:
    """A resync, or a new controller, at rest writes nothing at all."""
    story = Story()
    story.dag("a >> b", schedule={"cron": "0 6 * * *"})
    story.trigger()
    await story.run(60)
    before = story.cluster.version
    story.world.resync()
    await story.run(60)
    story.world.restart()
    await story.run(60)
    assert story.cluster.version == before
