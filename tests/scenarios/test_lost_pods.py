"""Pods that somebody else ends: the attempt is accounted for, whoever took it away, and never runs twice at once."""

import pytest

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import POD_FINALIZER
from controller.simulate.kubelet import Work
from tests.scenarios.story import SPACE, Story, at, succeeds


async def test_a_running_pod_is_deleted_by_hand() -> None:
    """It is the infrastructure's fault: the task is tried again and spends no retry."""
    story = Story({"a": [succeeds(100), succeeds()]})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.delete(Kind.POD, "r-a-1")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.failures("a") == (0, 1, 0)
    assert story.status("a")["attempts"][0]["reason"] == "PodDeleted"
    assert story.names(Kind.POD) == ["r-a-2"]


async def test_a_pod_that_takes_its_time_to_go() -> None:
    """The next attempt starts only when the old Pod has ended."""
    story = Story({"a": [Work(seconds=100, stop_seconds=20), succeeds()]})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.delete(Kind.POD, "r-a-1")
    await story.run(10)
    assert story.pods == ["r-a-1"]
    await story.run()
    assert story.pods == ["r-a-1", "r-a-2"]
    assert story.took() == 31


async def test_a_pending_pod_is_deleted_by_hand() -> None:
    """One that no node had taken was never started: that spends a launch."""
    story = Story({"a": [Work(has_node=False), succeeds()]})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.delete(Kind.POD, "r-a-1")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.failures("a") == (0, 0, 1)
    assert story.names(Kind.POD) == ["r-a-2"]


@pytest.mark.parametrize("is_awake", [True, False])
async def test_a_pod_vanishes_with_its_finalizer(is_awake: bool) -> None:
    """Forced away by somebody who takes our finalizer off, even while no controller runs: lost, and tried again."""
    story = Story({"a": [succeeds(100), succeeds()]})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.delete(Kind.POD, "r-a-1", grace_seconds=0)
    story.cluster.merge(Kind.POD, Key(SPACE, "r-a-1"), {"metadata": {"finalizers": None}})
    if not is_awake:
        story.world.restart()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.status("a")["attempts"][0]["reason"] == "PodLost"
    assert story.pods == ["r-a-1", "r-a-2"]


async def test_a_finished_pod_is_deleted_while_the_controller_is_away() -> None:
    """Our finalizer keeps it, so its success still counts."""
    story = Story({"a": succeeds(10, output='{"rows": 7}')})
    story.dag("a")
    story.trigger()
    await story.run(5)
    story.world.controller.session.kill()
    await story.run()
    story.world.clock.move_to(at("2026-01-01 00:01"))
    story.world.kubelet.work()
    story.delete(Kind.POD, "r-a-1")
    story.world.restart()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.status("a")["output"] == '{"rows":7}'
    assert story.names(Kind.POD) == []


async def test_pods_keep_their_logs_until_the_run_is_cleared_away() -> None:
    """A finished Pod stays, without our finalizer, so that anybody may delete it."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run()
    assert story.names(Kind.POD) == ["r-a-1"]
    assert POD_FINALIZER not in story.get(Kind.POD, "r-a-1")["metadata"]["finalizers"]


async def test_an_attempt_at_its_end_is_not_overtaken_by_a_deletion() -> None:
    """A Pod that succeeded in its grace period is a success."""
    story = Story({"a": Work(seconds=20, stop_seconds=30)})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.delete(Kind.POD, "r-a-1")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.pods == ["r-a-1"]


async def test_a_deletion_is_seen_before_the_answer_to_the_write_that_made_it() -> None:
    """The late answer does not bring the Pod back into the store."""
    story = Story({"a": [succeeds(100), succeeds()]})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.world.controller.session.before_answer = story.world.deliver
    story.delete(Kind.POD, "r-a-1")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert [key.name for key in story.world.controller.store.tables.pods] == story.names(Kind.POD) == ["r-a-2"]
