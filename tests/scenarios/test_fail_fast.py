"""Dags that fail fast: the first task that fails for good ends the run."""

from controller.model.action import Kind
from tests.scenarios.story import Story, fails, succeeds


async def test_the_first_failure() -> None:
    """Tasks at work are stopped as Failed, all others are skipped, and the run fails with the first as its reason."""
    story = Story({"a": fails(3, 10), "x": succeeds(100)})
    story.dag("a >> b >> c; x >> y; q", failFast=True)
    story.trigger()
    await story.run()
    assert story.states() == {
        "run": "Failed",
        "a": "Failed",
        "b": "Skipped",
        "c": "Skipped",
        "q": "Success",
        "x": "Failed",
        "y": "Skipped",
    }
    assert story.status("x")["message"] == "Another task failed, and the Dag fails fast"
    assert story.run_status()["failedTasks"] == ["a", "x"]
    assert story.run_status()["message"] == "Task a failed: The task ended with exit code 3, and 1 more"
    assert story.took() < 50


async def test_a_failure_that_is_tried_again() -> None:
    """It is none yet."""
    story = Story({"a": [fails(), succeeds()]})
    story.dag("a >> b", tasks={"a": {"retries": 1, "retryDelay": "5s"}}, failFast=True)
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}


async def test_a_task_in_the_queue() -> None:
    """It has a TaskRun and no Pod: it is skipped."""
    story = Story({"a": fails(1, 10)}, parallelism=1)
    story.dag("a; b", tasks={"a": {"priorityWeight": 9}}, failFast=True)
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "Skipped"}
    assert story.pods == ["r-a-1"]


async def test_teardowns() -> None:
    """They are left alone: one at work goes on, and the others run once the work has stopped."""
    story = Story({"b": fails(1, 10), "u": succeeds(60), "c": succeeds(100)})
    story.dag(
        "s >> [b, c] >> t; s >> t; r >> u",
        tasks={name: {"role": role} for name, role in (("s", "setup"), ("t", "teardown"), ("u", "teardown"))},
        failFast=True,
    )
    story.trigger()
    await story.run()
    ends = {"b": "Failed", "c": "Failed", "r": "Success", "s": "Success", "t": "Success", "u": "Success"}
    assert story.states() == {"run": "Failed", **ends}


async def test_a_teardown_that_fails() -> None:
    """It stops nothing."""
    story = Story({"t": fails(), "c": succeeds(50)})
    story.dag("s >> t; c", tasks={"s": {"role": "setup"}, "t": {"role": "teardown"}}, failFast=True)
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "c": "Success", "s": "Success", "t": "Failed"}


async def test_a_failure_without_a_pod() -> None:
    """A mapping that can't be worked out is a failure like any other; of what began with it teardowns alone go on."""
    story = Story({"x": succeeds(100)})
    story.dag(
        "a >> [b, t, m]; m >> z; x",
        tasks={"m": {"map": {"over": "{{ tasks.a.output }}"}}, "t": {"role": "teardown"}},
        failFast=True,
    )
    story.works["a"] = succeeds(5, output="3")
    story.trigger()
    await story.run()
    assert story.states() == {
        "run": "Failed",
        "a": "Success",
        "b": "Skipped",
        "m": "Failed",
        "t": "Success",
        "x": "Failed",
        "z": "Skipped",
    }
    assert "r-b" not in story.names(Kind.TASK_RUN)


async def test_what_else_would_begin_at_that_instant() -> None:
    """It does not: a task whose upstream ended together with the failure has no Pod."""
    story = Story({"a": fails(), "b": succeeds()})
    story.dag("b >> c; a", failFast=True)
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "Success", "c": "Skipped"}
    assert story.names(Kind.TASK_RUN) == ["r-a", "r-b"]


async def test_elements_of_a_mapped_task() -> None:
    """Those at work are stopped, those that wait for the window are skipped."""
    story = Story({"m[0]": fails(1, 5), "m[1]": succeeds(100)})
    story.dag("m >> z", tasks={"m": {"map": {"over": [1, 2, 3], "window": 2}}}, failFast=True)
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "m[0]": "Failed", "m[1]": "Failed", "m[2]": "Skipped", "z": "Skipped"}
