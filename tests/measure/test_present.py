"""What is read of the store when Prometheus asks: queues, pools, runs, Pods and Dags."""

from datetime import timedelta
from math import inf
from pathlib import Path

from controller.model.action import Kind
from controller.model.pool import DEFAULT_POOL_SLOTS
from controller.simulate.kubelet import Work
from tests.measure.measured import Measured, of
from tests.scenarios.story import Story, succeeds


async def test_a_pool_that_is_full(tmp_path: Path) -> None:
    """Its slots, those that are taken, and who waits; and the pool that nobody has made."""
    story = Story({name: succeeds(60) for name in "abc"})
    measured = Measured(story, tmp_path)
    story.apply(Kind.POOL, "db", {"slots": 2})
    story.dag("a; b; c", defaults={"pool": "db"})
    story.trigger()
    await story.run(30)
    told = await measured.told()
    db, default = '{namespace="team",pool="db"}', '{namespace="team",pool="default"}'
    assert of(told, "slipway_queue_length") == {db: 1}
    assert told[f"slipway_queue_length{default}"] == 0
    assert of(told, "slipway_pool_slots") == {db: 2, default: DEFAULT_POOL_SLOTS}
    assert of(told, "slipway_pool_slots_used") == {db: 2}
    assert (told["slipway_parallelism"], told["slipway_parallelism_used"]) == (32, 2)
    assert of(told, "slipway_runs_active") == {'{state="Running"}': 1}
    assert of(told, "slipway_tasks_active") == {'{state="Queued"}': 1, '{state="Running"}': 2}
    assert of(told, "slipway_pods") == {'{state="running"}': 2}
    await story.run()
    told = await measured.told()
    assert of(told, "slipway_runs_active") == of(told, "slipway_tasks_active") == of(told, "slipway_pods") == {}
    assert of(told, "slipway_queue_length") == of(told, "slipway_pool_slots_used") == {}


async def test_a_pool_without_limit_and_one_that_is_missing(tmp_path: Path) -> None:
    """The first has +Inf slots; who waits for the second is told all the same."""
    story = Story({name: succeeds(60) for name in "ab"})
    measured = Measured(story, tmp_path)
    story.apply(Kind.POOL, "all", {"slots": -1})
    story.dag("a; b", tasks={"a": {"pool": "all"}, "b": {"pool": "none"}})
    story.trigger()
    await story.run(10)
    told = await measured.told()
    assert told['slipway_pool_slots{namespace="team",pool="all"}'] == inf
    assert of(told, "slipway_queue_length") == {'{namespace="team",pool="none"}': 1}
    assert 'slipway_pool_slots{namespace="team",pool="none"}' not in told


async def test_a_pod_that_does_not_start(tmp_path: Path) -> None:
    """It is told how long it has waited."""
    story = Story({"a": Work(has_node=False)})
    measured = Measured(story, tmp_path)
    story.dag("a")
    story.trigger()
    await story.run(200)
    told = await measured.told()
    assert of(told, "slipway_pods") == {'{state="pending"}': 1}
    assert 195 <= told["slipway_pod_pending_seconds"] <= 201


async def test_dags(tmp_path: Path) -> None:
    """Ready and not, paused, and no slot that waits for its run."""
    story = Story({"a": succeeds()})
    measured = Measured(story, tmp_path)
    story.dag("a", schedule={"cron": "0 * * * *"})
    story.dag("a", name="idle", paused=True)
    story.apply(Kind.DAG, "broken", {"tasks": [{"name": "a", "script": "true", "dependsOn": ["b"]}]})
    await story.run(5000)
    told = await measured.told()
    assert of(told, "slipway_dags") == {'{ready="True"}': 2, '{ready="False"}': 1}
    assert (told["slipway_dags_paused"], told["slipway_schedule_overdue_seconds"]) == (1, 0)
    assert of(told, "slipway_objects")['{kind="Dag"}'] == 3


async def test_a_slot_that_nobody_meets(tmp_path: Path) -> None:
    """A controller that stands still tells how long a slot is due; one at its limit of runs does not."""
    story = Story({"a": succeeds(9000)})
    measured = Measured(story, tmp_path)
    story.dag("a", schedule={"cron": "0 * * * *"})
    await story.run(1800)
    story.world.clock.move_to(story.world.clock.now + timedelta(minutes=45))
    assert (await measured.told())["slipway_schedule_overdue_seconds"] == 900
    story.dag("a", schedule={"cron": "0 * * * *"}, concurrency={"maxActiveRuns": 1})
    await story.run(5000)
    assert (await measured.told())["slipway_schedule_overdue_seconds"] == 0
