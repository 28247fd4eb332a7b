"""How late the scheduler is, apart from all that is not its fault."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from controller.model.action import Kind
from tests.measure.measured import Measured, of
from tests.scenarios.story import Story, succeeds


def lag(told: Mapping[str, float], what: str) -> tuple[float, float]:
    """How many were measured, and the seconds of all of them."""
    label = f'{{of="{what}"}}'
    return (
        of(told, "slipway_scheduler_lag_seconds_count").get(label, 0),
        of(told, "slipway_scheduler_lag_seconds_sum").get(label, 0),
    )


async def test_slots_that_are_met(tmp_path: Path) -> None:
    """Three runs, none of them late."""
    story = Story({"a": succeeds()})
    measured = Measured(story, tmp_path)
    story.dag("a", schedule={"cron": "0 * * * *"})
    await story.run(3 * 3600)
    assert lag(await measured.told(), "run") == (3, 0)


async def test_a_controller_that_was_away(tmp_path: Path) -> None:
    """The slot of one o'clock is met ten minutes late, and so it is told."""
    story = Story({"a": succeeds()})
    measured = Measured(story, tmp_path)
    story.dag("a", schedule={"cron": "0 * * * *"})
    await story.run(1800)
    story.world.clock.move_to(story.world.clock.now + timedelta(minutes=40))
    measured.restart()
    await story.run(60)
    assert lag(await measured.told(), "run") == (1, 600)


async def test_slots_that_wait_for_a_run(tmp_path: Path) -> None:
    """A slot that maxActiveRuns holds back is as late as its predecessor is long, and that is no lag of ours."""
    story = Story({"a": succeeds(5400)})
    measured = Measured(story, tmp_path)
    story.dag("a", schedule={"cron": "0 * * * *", "missedRuns": "all"}, concurrency={"maxActiveRuns": 1})
    await story.run(6 * 3600)
    count, seconds = lag(await measured.told(), "run")
    assert (count >= 3, seconds) == (True, 0)


async def test_slots_of_the_past(tmp_path: Path) -> None:
    """A catch-up makes runs of last year, which were due a year ago and could not be made before today."""
    story = Story({"a": succeeds()}, start="2026-01-05")
    measured = Measured(story, tmp_path)
    story.dag("a", schedule={"cron": "@daily", "start": "2026-01-01T00:00:00Z", "catchup": True})
    await story.run(60)
    count, seconds = lag(await measured.told(), "run")
    assert (count, seconds) == (5, 0)


async def test_a_dag_that_was_paused(tmp_path: Path) -> None:
    """What came due meanwhile could not be made before it was unpaused."""
    story = Story({"a": succeeds()})
    measured = Measured(story, tmp_path)
    story.dag("a", schedule={"cron": "0 * * * *"})
    await story.run(1800)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(3600)
    story.edit(Kind.DAG, "d", paused=False)
    await story.run(60)
    assert lag(await measured.told(), "run") == (1, 0)


async def test_tasks_that_wait_for_nothing(tmp_path: Path) -> None:
    """Each has its Pod at once; updates of a task that runs are no second wait."""
    story = Story({"a": succeeds(60), "b": succeeds(60)})
    measured = Measured(story, tmp_path)
    story.dag("a >> b")
    story.trigger()
    await story.run()
    told = await measured.told()
    assert lag(told, "task") == (2, 0)
    assert told["slipway_task_queue_seconds_count"] == 2


async def test_tasks_that_wait_for_a_slot(tmp_path: Path) -> None:
    """They wait as long as the one before them runs: in the queue, and not for us."""
    story = Story({"a": succeeds(60), "b": succeeds(60), "c": succeeds(60)}, parallelism=1)
    measured = Measured(story, tmp_path)
    story.dag("a; b; c")
    story.trigger()
    await story.run()
    told = await measured.told()
    assert lag(told, "task") == (1, 0)
    assert told["slipway_task_queue_seconds_count"] == 3
    assert 170 <= told["slipway_task_queue_seconds_sum"] <= 190


async def test_a_retry(tmp_path: Path) -> None:
    """The pause before the next attempt is no wait."""
    story = Story({"a": [succeeds(60), succeeds(1)]})
    measured = Measured(story, tmp_path)
    story.dag("a", defaults={"retries": 1, "retryDelay": "300s"})
    story.trigger()
    await story.run(10)
    story.cluster.patch_status(Kind.POD, story.world.controller.store.tables.pods.popitem()[0], {"phase": "Failed"})
    await story.run()
    told = await measured.told()
    assert told["slipway_task_queue_seconds_count"] == len(story.pods)
    assert told["slipway_task_queue_seconds_sum"] < 1


async def test_a_restart_while_tasks_wait(tmp_path: Path) -> None:
    """The next controller knows since when they have waited, from when they were made."""
    story = Story({"a": succeeds(100), "b": succeeds(1)}, parallelism=1)
    measured = Measured(story, tmp_path)
    story.dag("a; b")
    story.trigger()
    await story.run(50)
    measured.restart()
    await story.run()
    told = await measured.told()
    assert told["slipway_task_queue_seconds_count"] == 1
    assert 98 <= told["slipway_task_queue_seconds_sum"] <= 105
    assert lag(told, "task") == (0, 0)
