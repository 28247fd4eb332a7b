"""Setups and teardowns: what work needs before it, and what is cleared up behind it, come what may."""

from collections.abc import Mapping
from typing import Any

import pytest

from controller.model.action import Kind
from tests.scenarios.story import Story, Works, fails, succeeds

SETUP = {"role": "setup"}
TEARDOWN = {"role": "teardown"}


async def ended(drawing: str, works: Works, **tasks: Mapping[str, Any]) -> dict[str, str]:
    """The states after a run of setup s, teardown t and other tasks."""
    story = Story(works)
    story.dag(drawing, tasks={"s": SETUP, "t": TEARDOWN, **tasks})
    story.trigger()
    await story.run()
    return story.states()


@pytest.mark.parametrize(
    ("works", "ends"),
    [
        ({}, "run:Success a:Success b:Success s:Success t:Success"),
        ({"s": fails()}, "run:Failed a:UpstreamFailed b:UpstreamFailed s:Failed t:UpstreamFailed"),
        ({"s": fails(99)}, "run:Success a:Skipped b:Skipped s:Skipped t:Skipped"),
        ({"a": fails()}, "run:Failed a:Failed b:UpstreamFailed s:Success t:Success"),
        ({"b": fails()}, "run:Failed a:Success b:Failed s:Success t:Success"),
        ({"t": fails()}, "run:Success a:Success b:Success s:Success t:Failed"),
    ],
)
async def test_a_setup_two_tasks_and_a_teardown(works: Works, ends: str) -> None:
    """The teardown runs whenever the setup succeeded, and decides on the run only if it is told to."""
    assert await ended("s >> a >> b >> t; s >> t", works) == dict(pair.split(":") for pair in ends.split())


async def test_a_teardown_that_may_fail_the_run() -> None:
    """With `failsRun` its failure is the run's."""
    states = await ended("s >> a >> t; s >> t", {"t": fails()}, t={**TEARDOWN, "failsRun": True})
    assert states == {"run": "Failed", "a": "Success", "s": "Success", "t": "Failed"}


async def test_a_leaf_before_a_teardown() -> None:
    """A run is judged on its work, though the teardown comes last and succeeds."""
    states = await ended("s >> a >> t; s >> t; a >> t", {"a": fails()})
    assert (states["run"], states["t"]) == ("Failed", "Success")


async def test_a_teardown_of_a_teardown() -> None:
    """Both are left out when the run is judged."""
    story = Story({"u": fails()})
    story.dag("a >> t >> u", tasks={"t": TEARDOWN, "u": TEARDOWN})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "t": "Success", "u": "Failed"}


@pytest.mark.parametrize(
    ("code", "ends"), [(0, "Success"), (1, "UpstreamFailed"), (99, "Skipped")], ids=["succeeds", "fails", "is skipped"]
)
async def test_a_setup_further_up(code: int, ends: str) -> None:
    """A task needs its setup though it is not directly behind it, and though its own rule would let it run."""
    works = {"s": fails(code, 5)}
    states = await ended(
        "s >> a >> b >> t; s >> t; b", works, a={"triggerRule": "all_done"}, b={"triggerRule": "all_done"}
    )
    assert states["b"] == ends


async def test_a_setup_without_a_teardown() -> None:
    """Everything behind it needs it."""
    states = await ended(
        "s >> a >> b; n >> t", {"s": fails(5)}, a={"triggerRule": "all_done"}, b={"triggerRule": "all_done"}
    )
    assert (states["a"], states["b"]) == ("Success", "UpstreamFailed")


async def test_a_task_behind_the_teardown() -> None:
    """It is out of the setup's reach: only its own upstream counts."""
    states = await ended("s >> a >> t >> c; s >> t", {"s": fails(99)}, c={"triggerRule": "all_skipped"})
    assert states == {"run": "Success", "a": "Skipped", "c": "Success", "s": "Skipped", "t": "Skipped"}


async def test_a_task_that_does_not_wait_for_its_setup() -> None:
    """Its rule holds before the setup has ended: it waits, and begins as soon as the setup has succeeded."""
    story = Story({"s": succeeds(10), "other": succeeds(60)})
    story.dag(
        "s >> a >> b >> t; s >> t; x >> b; other",
        tasks={"s": SETUP, "t": TEARDOWN, "b": {"triggerRule": "one_success"}},
    )
    story.works["a"] = succeeds(30)
    story.trigger()
    await story.run(5)
    assert story.pods == ["r-s-1", "r-x-1", "r-other-1"]
    await story.run(6)
    assert story.pods[3:] == ["r-a-1", "r-b-1"]
    await story.run()
    assert story.states()["run"] == "Success"


async def test_a_rule_that_always_lets_run() -> None:
    """`always` asks for no setup."""
    states = await ended("s >> a >> b >> t; s >> t", {"s": fails()}, b={"triggerRule": "always"})
    assert states["b"] == "Success"


async def test_a_teardown_that_waits_for_work_in_between() -> None:
    """What is directly before it has ended, but a task on the way from its setup has not: it waits for that."""
    story = Story({"a": succeeds(20), "other": succeeds(60)})
    story.dag(
        "s >> a >> b >> t; s >> t; other",
        tasks={"s": SETUP, "t": TEARDOWN, "b": {"triggerRule": "always"}},
    )
    story.trigger()
    await story.run(10)
    assert story.states()["b"] == "Success"
    assert "t" not in story.states()
    await story.run(13)
    assert story.states()["t"] == "Success"
    await story.run()


@pytest.mark.parametrize(
    ("cancel", "teardown"), [("graceful", "Success"), ("force", "Skipped")], ids=["graceful", "force"]
)
async def test_a_cancelled_run(cancel: str, teardown: str) -> None:
    """A graceful cancel lets teardowns run once the work has stopped, one by force does not."""
    story = Story({"a": succeeds(100)})
    story.dag("s >> a >> b >> t; s >> t", tasks={"s": SETUP, "t": TEARDOWN})
    story.trigger()
    await story.run(10)
    story.edit(Kind.DAG_RUN, "r", cancel=cancel)
    await story.run()
    ends = {"a": "Failed", "b": "Skipped", "s": "Success", "t": teardown}
    assert story.states() == {"run": "Failed", **ends}
    assert story.run_status()["reason"] == "Cancelled"


async def test_a_run_that_took_too_long() -> None:
    """Its time is up for teardowns too."""
    story = Story({"a": succeeds(100)})
    story.dag("s >> a >> t; s >> t", tasks={"s": SETUP, "t": TEARDOWN}, runTimeout="30s")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Skipped", "s": "Success", "t": "Skipped"}
