"""Tasks that wait for another Dag's runs about the same time."""

from typing import Any

from controller.model.action import Kind
from tests.scenarios.story import Story, fails, succeeds

HOURS = {"every": "1h", "start": "2026-01-01T00:00:00Z", "mode": "interval", "catchup": True}
DAYS = {**HOURS, "every": "1d"}


def sensor(story: Story, schedule: Any = None, **fields: Any) -> None:
    """Dag d, whose task a waits for Dag x."""
    spec = {"schedule": schedule} if schedule else {}
    story.dag("a", tasks={"a": {"dagSensor": {"dag": "x", **fields}}}, **spec)


def message(story: Story, run: str = "r") -> str:
    """What the sensor says."""
    return str(story.status("a", run)["waitingFor"][0]["message"])


async def test_a_day_of_hours() -> None:
    """A daily run waits for all 24 hourly ones, also for those that do not exist yet when it begins."""
    story = Story({"x": succeeds(600)})
    story.dag("x", name="x", schedule={**HOURS, "end": "2026-01-02T12:00:00Z"})
    sensor(story, {**DAYS, "end": "2026-01-01T00:00:00Z"})
    await story.run(24 * 3600 + 60)
    said = message(story, "d-20260101t000000")
    assert said == "Waiting for runs of Dag x: 1 of 24 have not arrived, the first is about 2026-01-01T23:00:00Z"
    await story.run(3600)
    status = story.status("a", "d-20260101t000000")
    assert (status["state"], status["output"]) == ("Success", '{"runs":24}')
    assert status["finishedAt"] <= "2026-01-02T00:10:10Z"


async def test_an_hour_of_a_day() -> None:
    """Where the other Dag's slots are longer, it waits for the one that contains its own; a restart changes nothing."""
    story = Story({"x": succeeds(600)})
    story.dag("x", name="x", schedule={**DAYS, "end": "2026-01-01T00:00:00Z"})
    sensor(story, {**HOURS, "end": "2026-01-01T05:00:00Z"})
    await story.run(7 * 3600)
    said = message(story, "d-20260101t050000")
    assert said == "Waiting for runs of Dag x: 1 of 1 have not arrived, the first is about 2026-01-01T00:00:00Z"
    story.world.restart()
    await story.run()
    assert story.states("d-20260101t050000")["run"] == "Success"
    assert story.status("a", "d-20260101t050000")["finishedAt"] <= "2026-01-02T00:10:10Z"


async def test_a_task_of_another_dag() -> None:
    """It waits for that task alone, not for the end of the run."""
    story = Story({"x": succeeds(100), "y": succeeds(1000)})
    story.dag("x >> y", name="x")
    sensor(story, task="x")
    for name, dag in (("r", "d"), ("other", "x")):
        story.trigger(name, dag, logicalDate="2026-01-01T00:00:00Z")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.took() < 120


async def test_a_task_that_its_run_settles() -> None:
    """Tasks that end without a TaskRun count too, UpstreamFailed as Failed."""
    story = Story({"x": fails()})
    story.dag("x >> y", name="x")
    sensor(story, task="y", states=["Failed"])
    for name, dag in (("r", "d"), ("other", "x")):
        story.trigger(name, dag, logicalDate="2026-01-01T00:00:00Z")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.took() < 10


async def test_a_failure_that_is_waited_for_in_vain() -> None:
    """With failOn the sensor fails with the run; without it, it goes on waiting for a better one."""
    story = Story({"x": [fails(), succeeds()]})
    story.dag("x", name="x")
    sensor(story, failOn=["Failed"], timeout="1h")
    story.dag("a", name="patient", tasks={"a": {"dagSensor": {"dag": "x"}}})
    for name, dag in (("r", "d"), ("p", "patient"), ("first", "x")):
        story.trigger(name, dag, logicalDate="2026-01-01T00:00:00Z")
    await story.run(60)
    assert story.status("a")["reason"] == "RunFailed"
    assert story.status("a", "p")["state"] == "Deferred"
    story.works["x"] = succeeds()
    story.trigger("second", "x", logicalDate="2026-01-01T00:00:00Z")
    await story.run()
    assert story.states("p") == {"run": "Success", "a": "Success"}


async def test_a_mapped_task() -> None:
    """It waits for all instances."""
    story = Story({"x": succeeds(100)})
    story.dag("x", name="x", tasks={"x": {"map": {"over": [1, 2, 3], "window": 1}}})
    sensor(story, task="x")
    for name, dag in (("r", "d"), ("other", "x")):
        story.trigger(name, dag, logicalDate="2026-01-01T00:00:00Z")
    await story.run()
    assert story.states()["run"] == "Success"
    assert 300 <= story.took() < 330


async def test_a_run_about_no_time() -> None:
    """There is nothing to wait for."""
    story = Story()
    sensor(story)
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.took() == 0


async def test_a_dag_that_does_not_exist() -> None:
    """It is told, waited for until time is up, and taken when it comes."""
    story = Story()
    sensor(story, timeout="1h")
    story.trigger(logicalDate="2026-01-01T00:00:00Z")
    await story.run(60)
    assert message(story) == "Waiting for runs of Dag x: Dag x does not exist"
    await story.run()
    status = story.status("a")
    assert status["message"] == "Runs of Dag x did not arrive within 1h: Dag x does not exist"


async def test_few_decisions_while_it_waits() -> None:
    """A sensor is asked when something changes, and else once in its interval."""
    story = Story()
    story.dag("x", name="x")
    sensor(story, interval="1h", timeout="30d")
    story.trigger(logicalDate="2026-01-01T00:00:00Z")
    await story.run(24 * 3600)
    assert sum(story.world.controller.loop.decisions.values()) < 80
    story.trigger("other", "x", logicalDate="2026-01-01T00:00:00Z")
    await story.run(30)
    assert story.states()["run"] == "Success"
    assert len(story.names(Kind.APPROVAL)) == 0
