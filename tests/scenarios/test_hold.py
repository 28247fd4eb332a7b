"""pauseAfterFailedRuns: a Dag whose runs fail and fail is held until somebody does something about it."""

from controller.model.action import Kind
from tests.scenarios.asking import mark
from tests.scenarios.story import Story, fails, succeeds


def paused(story: Story) -> tuple[str, str]:
    """Status and reason of the Dag's condition Paused."""
    [told] = [c for c in story.get(Kind.DAG, "d")["status"]["conditions"] if c["type"] == "Paused"]
    return told["status"], told["reason"]


async def failed_twice() -> Story:
    """An hourly Dag that is held after two failed runs."""
    story = Story({"a": fails()})
    story.dag("a", schedule={"cron": "@hourly"}, pauseAfterFailedRuns=2)
    await story.run(5 * 3600)
    return story


async def test_a_schedule_that_fails() -> None:
    """No third run is made, the spec stays as it is, and one Event tells of it."""
    story = await failed_twice()
    assert len(story.names(Kind.DAG_RUN)) == 2
    assert paused(story) == ("True", "TooManyFailures")
    assert "paused" not in story.get(Kind.DAG, "d")["spec"]
    assert story.told().count(("d", "TooManyFailures")) == 1


async def test_a_restart() -> None:
    """It stays held."""
    story = await failed_twice()
    story.world.restart()
    await story.run(3600)
    assert len(story.names(Kind.DAG_RUN)) == 2


async def test_a_run_by_hand_meanwhile() -> None:
    """It waits in the queue, and runs once the Dag goes on."""
    story = await failed_twice()
    story.trigger("r")
    await story.run(60)
    assert story.run_status("r")["waitingFor"][0]["reason"] == "Paused"
    story.works["a"] = succeeds()
    story.edit(Kind.DAG, "d", description="mended")
    await story.run(60)
    assert story.states("r")["run"] == "Success"
    assert paused(story) == ("False", "Active")


async def test_it_fails_again() -> None:
    """After it was let go on it takes as many failures as before to be held again."""
    story = await failed_twice()
    for value in (True, False):
        story.edit(Kind.DAG, "d", paused=value)
        await story.run(60)
    assert paused(story) == ("False", "Active")
    runs = len(story.names(Kind.DAG_RUN))
    await story.run(5 * 3600)
    assert paused(story) == ("True", "TooManyFailures")
    failed = [run for run in story.cluster.all_of(Kind.DAG_RUN) if run["status"]["state"] == "Failed"]
    assert len(failed) - 2 == 2
    assert runs <= len(failed)


async def test_what_runs_goes_on() -> None:
    """A run that is at work when the Dag is held ends the tasks that have a Pod, and starts no more."""
    story = Story({"x": succeeds(100)})
    story.dag("x >> y", pauseAfterFailedRuns=1)
    story.trigger("slow")
    story.trigger("bad")
    await story.run(5)
    mark(story, "failed", run="bad")
    await story.run(200)
    assert paused(story) == ("True", "TooManyFailures")
    assert story.states("slow") == {"run": "Running", "x": "Success", "y": "Queued"}
    assert story.status("y", "slow")["waitingFor"][0]["reason"] == "Paused"
    story.edit(Kind.DAG, "d", pauseAfterFailedRuns=None)
    await story.run()
    assert story.states("slow")["run"] == "Success"


async def test_cancelled_runs() -> None:
    """They are nobody's failure."""
    story = Story({"a": succeeds(100)})
    story.dag("a", pauseAfterFailedRuns=1)
    story.trigger(cancel="force")
    await story.run()
    assert story.states()["run"] == "Failed"
    assert paused(story) == ("False", "Active")
