"""Tasks without a Pod: sensors that look outside, waits, and what ends any of them before its time."""

import json
from typing import Any

from controller.model.action import Kind, Look, ObjectName, Url
from controller.model.metadata import Key
from controller.simulate.cluster import Raw
from tests.scenarios.asking import clear, mark
from tests.scenarios.story import Story, succeeds

SENSOR = {"httpSensor": {"url": "http://files/{{ dag.name }}", "interval": "30s", "timeout": "10m"}}


def answers(story: Story, *statuses: int) -> None:
    """Let the file server answer so, look by look; the last answer stays."""
    left = list(statuses)

    def see(look: Look) -> tuple[dict[str, Any], str]:
        status = left.pop(0) if len(left) > 1 else left[0]
        return {"status": status, "body": "", "json": None}, ""

    story.world.elsewhere.answer = see


def waits(story: Story, task: str = "a") -> tuple[str, str]:
    """The task's state, and the message of what it waits for."""
    status = story.status(task)
    return status["state"], status["waitingFor"][0]["message"]


async def test_a_page_that_is_there_at_the_third_look() -> None:
    """It is asked every 30 s, holds no Pod meanwhile, and its output is the answer's status."""
    story = Story({"b": succeeds()})
    answers(story, 404, 404, 200)
    story.dag("a >> b", tasks={"a": SENSOR})
    story.trigger()
    await story.run(20)
    assert waits(story) == ("Deferred", "Waiting for http://files/d")
    await story.run(25)
    assert waits(story) == ("Deferred", "Waiting for http://files/d: it answered 404")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert (json.loads(story.status("a")["output"]), story.status("a")["try"]) == ({"status": 200}, 1)
    assert story.pods == ["r-b-1"]
    assert [look.at for look in story.world.elsewhere.looks] == [Url("http://files/d", {})] * 3
    assert (len(story.world.controller.store.sights), len(story.world.controller.store.watches)) == (0, 0)


async def test_a_page_that_never_is_there() -> None:
    """Time is counted from the first look; the failure is final in spite of retries, and tells the last trouble."""
    story = Story()
    story.dag("a", tasks={"a": {**SENSOR, "retries": 3}})
    story.trigger()
    await story.run()
    status = story.status("a")
    assert (status["state"], status["reason"]) == ("Failed", "SensorTimeout")
    assert status["message"] == "http://files/d was not as wanted within 10m: nothing is there"
    assert len(status["attempts"]) == 1
    assert story.took() == 600
    assert len(story.world.elsewhere.looks) == 20


async def test_a_page_that_is_not_worth_a_failure() -> None:
    """With softFail the task is skipped when time is up."""
    story = Story()
    story.dag("a >> b", tasks={"a": {"httpSensor": {**SENSOR["httpSensor"], "softFail": True}}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Skipped", "b": "Skipped"}


async def test_a_restart_while_a_sensor_waits() -> None:
    """The page is asked again at once, and time goes on from the first look."""
    story = Story()
    story.dag("a", tasks={"a": SENSOR})
    story.trigger()
    await story.run(300)
    before = len(story.world.elsewhere.looks)
    story.world.restart()
    await story.run(1)
    assert len(story.world.elsewhere.looks) == before + 1
    await story.run()
    assert story.took() == 600


async def test_few_writes_while_a_sensor_waits() -> None:
    """A day of looks costs no write: its beginning is told, its first trouble, and then nothing that is new."""
    story = Story()
    story.dag("a", tasks={"a": {"httpSensor": {"url": "http://files/d", "interval": "10s"}}})
    story.trigger()
    await story.run(24 * 3600)
    assert len(story.world.elsewhere.looks) > 8000
    assert story.world.controller.session.writes["status", "TaskRun"] == 2


async def test_an_object_that_comes_to_be_as_wanted() -> None:
    """An expression that can't be worked out on what is there is no failure; it is told while the task waits."""
    seen: list[Raw] = [{}, {"status": {"succeeded": 0}}, {"status": {"succeeded": 1}}]
    story = Story()
    story.world.elsewhere.answer = lambda look: ({"object": seen.pop(0)}, "")
    sensor = {"apiVersion": "batch/v1", "resource": "jobs", "name": "{{ params.job }}"}
    expect = "object.status.succeeded >= 1"
    story.dag(
        "a",
        tasks={"a": {"resourceSensor": {**sensor, "expect": expect}}},
        params={"job": {"type": "string", "default": "load"}},
    )
    story.trigger()
    await story.run(50)
    assert waits(story)[1].startswith(
        "Waiting for jobs/load: expression 'object.status.succeeded >= 1' can't be worked"
    )
    await story.run()
    assert json.loads(story.status("a")["output"]) == {"name": "load"}
    assert story.world.elsewhere.looks[0].at == ObjectName("batch/v1", "jobs", "load")


async def test_a_run_that_is_paused() -> None:
    """No task without a Pod begins, and it says so; once begun, it goes on as a Pod would."""
    story = Story({"a": succeeds(10)})
    story.dag("a >> b", tasks={"b": {"wait": {"for": "1m"}}})
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(60)
    assert (story.status("b")["state"], waits(story, "b")[1]) == ("Queued", "Dag d is paused")
    story.edit(Kind.DAG, "d", paused=False)
    await story.run(10)
    assert story.status("b")["state"] == "Deferred"
    story.edit(Kind.DAG_RUN, "r", paused=True)
    await story.run(60)
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}


async def test_a_run_that_is_cancelled_while_it_waits() -> None:
    """What waits fails with the run, and what could not begin is skipped."""
    story = Story({"x": succeeds(100)})
    story.dag("a; x >> b", tasks={"a": SENSOR, "b": SENSOR})
    story.trigger()
    await story.run(20)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "Skipped", "x": "Failed"}
    assert story.status("a")["attempts"][0]["fault"] == "Cancelled"


async def test_a_run_that_takes_too_long_while_it_waits() -> None:
    """At the runTimeout the task is skipped, to the second."""
    story = Story()
    story.dag("a", tasks={"a": {"wait": {"for": "1h"}}}, runTimeout="5m")
    story.trigger()
    await story.run()
    assert (story.states(), story.took()) == ({"run": "Failed", "a": "Skipped"}, 300)


async def test_a_run_that_is_paused_for_too_long() -> None:
    """The runTimeout also ends what did not begin."""
    story = Story({"a": succeeds(10)})
    story.dag("a >> b", tasks={"b": {"wait": {"for": "1m"}}}, runTimeout="5m")
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Success", "b": "Skipped"}


async def test_a_sensor_that_is_cleared_while_it_waits() -> None:
    """The attempt counts as cleared, and the next one has a number and a time of its own."""
    story = Story()
    story.dag("a", tasks={"a": SENSOR})
    story.trigger()
    await story.run(400)
    clear(story, "a")
    await story.run()
    status = story.status("a")
    assert [(each["number"], each["reason"]) for each in status["attempts"]] == [(1, "Cleared"), (2, "SensorTimeout")]
    assert story.took() == 1000


async def test_a_wait_that_is_marked_while_it_waits() -> None:
    """It ends as marked, at once."""
    story = Story()
    story.dag("a >> b", tasks={"a": {"wait": {"for": "1h"}}})
    story.trigger()
    await story.run(10)
    mark(story, "success", "a")
    await story.run(60)
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}


async def test_a_run_that_is_marked_while_it_waits() -> None:
    """What waits ends as the run is marked."""
    story = Story()
    story.dag("a >> b", tasks={"a": SENSOR})
    story.trigger()
    await story.run(10)
    mark(story, "failed")
    await story.run(60)
    assert story.states()["run"] == "Failed"
    assert story.status("a")["state"] == "Failed"


async def test_sensors_do_not_wait_for_slots() -> None:
    """A hundred of them wait at once where one Pod may run."""
    story = Story(parallelism=1)
    answers(story, 200)
    tasks = {f"s{number}": SENSOR for number in range(100)}
    story.dag("; ".join(tasks), tasks=tasks, concurrency={"maxActiveTasks": 1})
    story.trigger()
    await story.run()
    assert story.run_status()["state"] == "Success"
    assert story.took() == 0


async def test_a_sensor_whose_run_is_deleted() -> None:
    """Nothing of it stays in memory."""
    story = Story()
    story.dag("a", tasks={"a": SENSOR})
    story.trigger()
    await story.run(10)
    story.delete(Kind.DAG_RUN, "r")
    await story.run()
    assert story.cluster.find(Kind.TASK_RUN, Key("team", "r-a")) is None
    assert len(story.world.controller.store.sights) == 0
