"""Runs that end before their time, and those that are held up: timeout, cancel, pause."""

from datetime import timedelta

from controller.model.action import Kind
from controller.simulate.kubelet import Work
from tests.scenarios.story import Story, fails, succeeds


async def test_a_run_that_takes_too_long() -> None:
    """At runTimeout what runs is ended and everything unfinished is skipped; the run is Failed."""
    story = Story({"a": succeeds(1000), "q": succeeds(2)})
    story.dag("a >> b; q", runTimeout="60s")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Skipped", "b": "Skipped", "q": "Success"}
    assert story.run_status()["reason"] == "TimedOut"
    assert story.run_status()["duration"] == "1m"
    assert story.names(Kind.POD) == ["r-q-1"]


async def test_a_run_that_times_out_between_two_attempts() -> None:
    """A task that waits for its retry is skipped too."""
    story = Story({"a": fails()})
    story.dag("a", runTimeout="60s", defaults={"retries": 1, "retryDelay": "1h"})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Skipped"}
    assert story.took() == 60


async def test_a_run_that_times_out_before_a_task_may_start() -> None:
    """A task that waits for a slot is skipped, and never gets a Pod."""
    story = Story({"a": succeeds(1000)})
    story.dag("a; b", runTimeout="60s", concurrency={"maxActiveTasks": 1})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Skipped", "b": "Skipped"}
    assert story.pods == ["r-a-1"]


async def test_a_graceful_cancel() -> None:
    """Pods get their grace to end; their tasks are Failed, what has not begun is Skipped."""
    story = Story({"a": Work(seconds=1000, stop_seconds=10)})
    story.dag("a >> b")
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run(5)
    assert story.states() == {"run": "Running", "a": "Running", "b": "Skipped"}
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "Skipped"}
    assert story.took() == 15
    assert (story.run_status()["reason"], story.status("a")["reason"]) == ("Cancelled", "Cancelled")
    assert story.names(Kind.POD) == []


async def test_a_cancel_by_force() -> None:
    """Pods are killed at once, however long they would take to end."""
    story = Story({"a": Work(seconds=1000, stop_seconds=25)})
    story.dag("a")
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run(1)
    story.edit(Kind.DAG_RUN, "r", cancel="force")
    await story.run(1)
    assert story.states() == {"run": "Failed", "a": "Failed"}
    await story.run()
    assert story.names(Kind.POD) == []


async def test_a_cancel_before_the_run_began() -> None:
    """The run is Failed without a task."""
    story = Story()
    story.dag("a", concurrency={"maxActiveRuns": 1}, paused=True)
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run()
    assert story.states() == {"run": "Failed"}
    assert story.run_status()["reason"] == "Cancelled"


async def test_a_cancel_of_a_task_that_waits_for_its_retry() -> None:
    """It is skipped at once."""
    story = Story({"a": fails()})
    story.dag("a >> b", defaults={"retries": 1, "retryDelay": "1h"})
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Skipped", "b": "Skipped"}


async def test_a_success_just_when_the_run_is_cancelled() -> None:
    """A task that had succeeded stays a success."""
    story = Story({"a": succeeds(5)})
    story.dag("a >> b")
    story.trigger()
    await story.run(4)
    story.world.clock.move_to(story.world.clock.now + timedelta(seconds=1))
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Success", "b": "Skipped"}


async def test_a_dag_that_is_paused_in_the_middle() -> None:
    """What runs goes on, nothing new starts, and all of it starts when the pause ends."""
    story = Story({"a": succeeds(10)})
    story.dag("a >> b")
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(60)
    assert story.states() == {"run": "Running", "a": "Success", "b": "Queued"}
    assert story.status("b")["waitingFor"][0] | {"since": ""} == {
        "reason": "Paused",
        "message": "Dag d is paused",
        "since": "",
    }
    story.edit(Kind.DAG, "d", paused=False)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert len(story.names(Kind.REVISION)) == 1


async def test_a_run_that_is_paused() -> None:
    """Only this run is held up."""
    story = Story()
    story.dag("a >> b")
    story.trigger("held", paused=True)
    story.trigger("free")
    await story.run(60)
    assert story.states("held") == {"run": "Queued"}
    assert story.states("free") == {"run": "Success", "a": "Success", "b": "Success"}
    assert story.run_status("held")["waitingFor"][0]["reason"] == "Paused"
    story.edit(Kind.DAG_RUN, "held", paused=None)
    await story.run()
    assert story.states("held") == {"run": "Success", "a": "Success", "b": "Success"}


async def test_a_run_that_is_paused_in_the_middle() -> None:
    """Its next task waits until the run goes on."""
    story = Story({"a": succeeds(10)})
    story.dag("a >> b")
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG_RUN, "r", paused=True)
    await story.run(60)
    assert story.states() == {"run": "Running", "a": "Success", "b": "Queued"}
    story.edit(Kind.DAG_RUN, "r", paused=False)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
