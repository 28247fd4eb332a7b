"""Tasks that depend on the run before: what they wait for, and what lets them go on."""

from typing import Any

import pytest

from controller.model.action import Kind
from tests.scenarios.story import Story, Works, fails, succeeds

PAST = {"dependsOnPast": True}


def day(number: int) -> str:
    """A logical date."""
    return f"2026-01-{number:02}T00:00:00Z"


def two_runs(works: Works, drawing: str = "a", **tasks: Any) -> Story:
    """A Dag whose task a depends on its past, and two runs of it at once."""
    story = Story(works)
    story.dag(drawing, tasks={"a": PAST, **tasks})
    story.trigger("r1", logicalDate=day(1))
    story.trigger("r2", logicalDate=day(2))
    return story


async def test_two_runs_at_once() -> None:
    """The second waits, says for what, and begins at the instant at which the first one's task has ended."""
    story = two_runs({"a": succeeds(100)}, "a >> z")
    story.works["z"] = succeeds(100)
    await story.run(60)
    assert story.states("r2") == {"run": "Running"}
    waiting = story.run_status("r2")["waitingFor"][0]
    assert (waiting["reason"], waiting["message"]) == (
        "PreviousRun",
        "Task a has not succeeded in the run before, r1",
    )
    await story.run(45)
    assert story.pods == ["r1-a-1", "r1-z-1", "r2-a-1"]
    assert "waitingFor" not in story.run_status("r2")
    await story.run()
    assert (story.states("r1")["run"], story.states("r2")["run"]) == ("Success", "Success")


async def test_the_same_task_failed_before() -> None:
    """The task waits until somebody sees to it; a skip would do."""
    story = two_runs({"a": fails(1, 5)}, "a; b")
    await story.run(300)
    assert story.states("r2") == {"run": "Running", "b": "Success"}
    story.edit(Kind.DAG_RUN, "r1", request={"id": "1", "mark": {"state": "skipped", "tasks": ["a"]}})
    story.works["a"] = succeeds()
    await story.run()
    assert story.states("r2") == {"run": "Success", "a": "Success", "b": "Success"}


async def test_the_run_before_is_deleted() -> None:
    """What is gone is waited for no more."""
    story = two_runs({"a": fails(1, 5)})
    await story.run(60)
    story.delete(Kind.DAG_RUN, "r1")
    story.works["a"] = succeeds()
    await story.run(5)
    assert story.states("r2") == {"run": "Success", "a": "Success"}


async def test_a_task_that_is_settled_without_a_taskrun() -> None:
    """A skip or a noop of the run before lets the next one go on at once, while that run goes on."""
    story = Story({"x": fails(99, 20), "slow": succeeds(500)})
    story.dag("x >> [a, n]; slow", tasks={"a": PAST, "n": {"noop": {}, **PAST}, "x": {}})
    story.trigger("r1", logicalDate=day(1))
    story.trigger("r2", logicalDate=day(2))
    story.works["x"] = [fails(99, 20)]
    await story.run(30)
    states = {"run": "Running", "a": "Skipped", "n": "Skipped", "slow": "Running", "x": "Skipped"}
    assert (story.states("r1"), story.states("r2")) == (states, states)


async def test_noops_of_many_runs() -> None:
    """They pass from run to run, in the order of the dates, whichever run was made first."""
    story = Story()
    story.dag("n >> a", tasks={"n": {"noop": {}, **PAST}})
    for number in (3, 1, 2):
        story.trigger(f"r{number}", logicalDate=day(number))
    await story.run()
    assert [story.states(f"r{number}")["run"] for number in (1, 2, 3)] == ["Success"] * 3


async def test_runs_without_a_date() -> None:
    """They come after none."""
    story = Story({"a": fails()})
    story.dag("a", tasks={"a": PAST})
    story.trigger("r1", logicalDate=day(1))
    story.trigger("r2")
    await story.run()
    assert story.states("r2") == {"run": "Failed", "a": "Failed"}


@pytest.mark.parametrize(("catchup", "state"), [(True, "Success"), (False, "Running")], ids=["catchup", "no catchup"])
async def test_a_run_by_hand_in_between(catchup: bool, state: str) -> None:
    """With catch-up it is not the one before; without it is."""
    story = Story({"a": succeeds()}, start="2026-01-03")
    schedule = {"cron": "@daily", "start": "2026-01-01T00:00:00Z", "catchup": catchup, "end": "2026-01-04T00:00:00Z"}
    story.dag("a", tasks={"a": PAST}, schedule=schedule)
    await story.run(60)
    story.works["a"] = fails()
    story.trigger("hand", logicalDate="2026-01-03T12:00:00Z")
    await story.run(60)
    story.works["a"] = succeeds()
    await story.run(2 * 86400)
    assert story.run_status("hand")["state"] == "Failed"
    assert story.run_status("d-20260104t000000")["state"] == state


async def test_a_task_that_is_new() -> None:
    """The run before has it not: the task waits, unless it is told that the first time needs no past."""
    story = Story()
    story.dag("a", tasks={"a": PAST})
    story.trigger("r1", logicalDate=day(1))
    await story.run()
    story.dag("a; b; c", tasks={"a": PAST, "b": PAST, "c": {**PAST, "ignoreFirstDependsOnPast": True}})
    story.trigger("r2", logicalDate=day(2))
    await story.run(60)
    assert story.states("r2") == {"run": "Running", "a": "Success", "c": "Success"}
    assert story.run_status("r2")["waitingFor"][0]["message"] == "Task b is not in the run before, r1"


async def test_the_first_time_is_not_every_time() -> None:
    """A run before that has the task, and has not begun it, is waited for all the same."""
    story = two_runs({"x": succeeds(50)}, "x >> a", a={**PAST, "ignoreFirstDependsOnPast": True})
    story.works["x"] = succeeds(50)
    await story.run(10)
    story.works["x"] = succeeds(1)
    story.trigger("r3", logicalDate=day(3))
    await story.run(20)
    assert story.states("r3") == {"run": "Running", "x": "Success"}
    await story.run()
    assert story.states("r3")["run"] == "Success"


async def test_what_comes_after_in_the_run_before() -> None:
    """With waitForDownstream the tasks directly after the task must have gone well too, and only those."""
    story = two_runs({"b": succeeds(50), "c": succeeds(500)}, "a >> b >> c", a={"waitForDownstream": True})
    await story.run(40)
    assert story.states("r2") == {"run": "Running"}
    assert story.run_status("r2")["waitingFor"][0]["message"] == "Task b has not succeeded in the run before, r1"
    await story.run(25)
    assert story.states("r2") == {"run": "Running", "a": "Success", "b": "Running"}
    await story.run()


async def test_a_task_after_it_that_is_new() -> None:
    """One that the run before has not is not waited for."""
    story = Story()
    story.dag("a >> b", tasks={"a": {"waitForDownstream": True}})
    story.trigger("r1", logicalDate=day(1))
    await story.run()
    story.dag("a >> [b, c]", tasks={"a": {"waitForDownstream": True}})
    story.trigger("r2", logicalDate=day(2))
    await story.run()
    assert story.states("r2") == {"run": "Success", "a": "Success", "b": "Success", "c": "Success"}


@pytest.mark.parametrize("waits", [False, True])
async def test_a_skip_that_waits_for_the_past(waits: bool) -> None:
    """With waitForPastBeforeSkipping a task is skipped only once its past is fulfilled, by whatever it is skipped."""
    story = Story({"slow": succeeds(100)})
    of_skips = {**PAST, "waitForPastBeforeSkipping": waits}
    story.dag(
        "slow >> [a, b]; x >> a; ok >> b",
        tasks={
            "a": {**of_skips, "triggerRule": "one_failed"},
            "b": of_skips,
            "x": {"noop": {}},
            "ok": {"shortCircuit": {"when": "run.name == 'r1'"}},
            "slow": {},
        },
    )
    story.trigger("r1", logicalDate=day(1))
    story.trigger("r2", logicalDate=day(2))
    await story.run(50)
    skipped = {"b": "Skipped"} if not waits else {}
    expected = {"run": "Running", **skipped, "ok": "Success", "slow": "Running", "x": "Success"}
    assert story.states("r2") == dict(expected)
    await story.run()
    assert story.states("r2")["a"] == "Skipped"
    assert story.states("r2")["b"] == "Skipped"


async def test_a_skip_of_a_mapped_task_that_waits_for_the_past() -> None:
    """It waits before its elements are known, and where there are none."""
    story = Story({"x": fails(99, 50)})
    of_skips = {**PAST, "waitForPastBeforeSkipping": True}
    none = {**of_skips, "map": {"over": []}, "triggerRule": "all_done"}
    story.dag("x >> [m, n]", tasks={"m": {**of_skips, "map": {"over": [1]}}, "n": none})
    story.trigger("r1", logicalDate=day(1))
    await story.run(10)
    story.works["x"] = fails(99, 1)
    story.trigger("r2", logicalDate=day(2))
    await story.run(10)
    assert story.states("r2") == {"run": "Running", "x": "Skipped"}
    await story.run()
    assert story.states("r2") == {"run": "Success", "m": "Skipped", "n": "Skipped", "x": "Skipped"}


async def test_elements_of_a_mapped_task() -> None:
    """Each waits for the same element before; where there were fewer, for all of them."""
    story = Story({"m[0]": succeeds(1), "m[1]": succeeds(50)})
    story.dag("find >> m", tasks={"m": {"map": {"over": "{{ tasks.find.output }}"}, **PAST}})
    story.works["find"] = succeeds(1, "[0, 1]")
    story.trigger("r1", logicalDate=day(1))
    await story.run(5)
    story.works["find"] = succeeds(1, "[0, 1, 2]")
    story.trigger("r2", logicalDate=day(2))
    await story.run(20)
    assert story.states("r2") == {"run": "Running", "find": "Success", "m[0]": "Success"}
    await story.run()
    assert story.states("r2")["run"] == "Success"


async def test_a_wait_has_an_end() -> None:
    """The run's time runs while it waits."""
    story = Story({"a": fails()})
    story.dag("a", tasks={"a": PAST}, runTimeout="1h")
    story.trigger("r1", logicalDate=day(1))
    story.trigger("r2", logicalDate=day(2))
    await story.run()
    assert story.states("r2") == {"run": "Failed", "a": "Skipped"}
    assert story.run_status("r2")["reason"] == "TimedOut"


async def test_a_restart_while_it_waits() -> None:
    """It makes no difference."""
    story = two_runs({"a": succeeds(100)})
    await story.run(60)
    story.world.restart()
    await story.run()
    assert story.states("r2") == {"run": "Success", "a": "Success"}
