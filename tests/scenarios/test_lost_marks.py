"""Two things at one instant, or one in the middle of another: nothing of either is lost, and nobody waits for ever."""

from typing import Any

import pytest

from controller.errors import Refused
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import Raw
from tests.scenarios.asking import answer, clear, mark
from tests.scenarios.story import SPACE, Story, succeeds


@pytest.mark.parametrize("what", ["dry run", "nonsense"])
async def test_a_request_that_changes_nothing_as_a_task_ends(what: str) -> None:
    """What is behind the task still starts, though the decision that answered looked at no task."""
    story = Story({"a": succeeds(10), "c": succeeds(500)})
    story.dag("a >> b; c")
    story.trigger()
    await story.run(5)

    def ask(kind: Kind, type_: str, raw: Raw) -> None:
        if kind is Kind.TASK_RUN and raw["status"].get("state") == "Success":
            story.cluster.watchers.remove(ask)
            clear(story, "a" if what == "dry run" else "nobody", dryRun=True)

    story.cluster.watchers.append(ask)
    await story.run(20)
    assert answer(story)["refused"] is (what == "nonsense")
    assert story.states() == {"run": "Running", "a": "Success", "b": "Success", "c": "Running"}


async def test_a_request_for_tasks_that_are_told_to_hold_already() -> None:
    """The run hears that they have heard, though they stand as before."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run()
    story.edit(Kind.DAG, "d", paused=True)
    clear(story, "a", id_="1")
    await story.run(3)
    clear(story, "a", id_="2")
    story.edit(Kind.DAG, "d", paused=False)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.run_status()["round"] == 2


async def test_a_revision_that_goes_and_comes_back() -> None:
    """Without it nothing can be decided; then the run goes on with all that ended meanwhile."""
    story = Story({"a": succeeds(10), "c": succeeds(500)})
    story.dag("a >> b; c")
    story.trigger()
    await story.run(5)

    def refuse(kind: Kind, raw: dict[str, Any]) -> None:
        if kind is Kind.REVISION:
            raise Refused("not now", "Forbidden", 403)

    story.cluster.admit = refuse
    story.delete(Kind.REVISION, story.names(Kind.REVISION)[0])
    await story.run(20)
    assert story.states()["run"] == "Running"
    story.cluster.admit = lambda kind, raw: None
    await story.run(100)
    assert story.states() == {"run": "Running", "a": "Success", "b": "Success", "c": "Running"}


async def test_a_task_is_cleared_after_its_pod_was_refused() -> None:
    """The refusal was the last attempt's: the next Pod is asked for, and not judged by it."""
    story = Story()

    def refuse(kind: Kind, raw: dict[str, Any]) -> None:
        if kind is Kind.POD:
            raise Refused("violates PodSecurity restricted", "Forbidden", 403)

    story.cluster.admit = refuse
    story.dag("a")
    story.trigger()
    await story.run()
    assert (story.states()["run"], story.status("a")["reason"]) == ("Failed", "PodRefused")
    story.cluster.admit = lambda kind, raw: None
    clear(story, "a")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_a_task_run_is_deleted_in_the_foreground() -> None:
    """It goes after its Pod, so the Pod is let go before it has ended."""
    story = Story({"a": succeeds(100)})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.cluster.merge(Kind.TASK_RUN, Key(SPACE, "r-a"), {"metadata": {"finalizers": ["foregroundDeletion"]}})
    story.delete(Kind.TASK_RUN, "r-a")
    story.delete(Kind.POD, "r-a-1")
    await story.run(60)
    assert story.names(Kind.POD) == []


async def test_a_queued_run_that_is_being_deleted() -> None:
    """It does not keep back the runs behind it, however long its deletion takes."""
    story = Story({"a": succeeds(10)})
    story.dag("a", concurrency={"maxActiveRuns": 1})
    for day, name in enumerate(("one", "two", "three"), 1):
        story.trigger(name, logicalDate=f"2026-01-0{day}T00:00:00Z")
    await story.run(5)
    story.cluster.merge(Kind.DAG_RUN, Key(SPACE, "two"), {"metadata": {"finalizers": ["foregroundDeletion"]}})
    story.delete(Kind.DAG_RUN, "two")
    await story.run(60)
    assert [story.run_status(name)["state"] for name in ("one", "two", "three")] == ["Success", "Queued", "Success"]


async def test_everything_is_deleted() -> None:
    """Nothing of it stays in memory: no timer, no failure, no count."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b", runTimeout="10d")
    for name in ("r", "s"):
        story.trigger(name)
    await story.run(50)
    mark(story, "failed", "a")
    await story.run(10)
    for name in ("r", "s"):
        story.delete(Kind.DAG_RUN, name)
    story.delete(Kind.DAG, "d")
    await story.run()
    loop, store = story.world.controller.loop, story.world.controller.store
    assert loop.next_at is None
    assert (store.changed, store.status_written_at, store.line.starting, store.line.refusals) == ({}, {}, set(), {})
    assert len(store.tables.runs_of(Key(SPACE, "d"))) == 0
