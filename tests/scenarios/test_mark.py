"""Marking: tasks and runs end as a person says, whatever they are at."""

import pytest

from controller.model.action import Kind
from controller.simulate.kubelet import Work
from tests.scenarios.asking import answer, mark, touched
from tests.scenarios.story import Story, fails, succeeds

STATES = {"success": "Success", "failed": "Failed", "skipped": "Skipped"}


@pytest.mark.parametrize("state", STATES)
async def test_a_task_that_runs(state: str) -> None:
    """Its Pod is ended, and the task is what it was marked."""
    story = Story({"a": succeeds(100)})
    story.dag("a")
    story.trigger()
    await story.run(10)
    mark(story, state, "a")
    await story.run()
    assert story.states()["a"] == STATES[state]
    assert story.states()["run"] == ("Failed" if state == "failed" else "Success")
    assert (story.status("a")["reason"], story.status("a")["message"]) == ("Marked", "Marked by ada")
    assert story.took() < 20


@pytest.mark.parametrize("state", STATES)
async def test_a_task_that_has_not_begun(state: str) -> None:
    """It ends without a TaskRun, and what is behind it follows at once."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b >> c")
    story.trigger()
    await story.run(10)
    mark(story, state, "b")
    await story.run(10)
    behind = {"success": "Scheduled", "failed": "UpstreamFailed", "skipped": "Skipped"}[state]
    found = {**story.states(), "c": "Scheduled"} if state == "success" else story.states()
    assert found == {"run": "Running", "a": "Running", "b": STATES[state], "c": behind}
    await story.run()
    assert story.names(Kind.TASK_RUN) == ["r-a", "r-c"] if state == "success" else ["r-a"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("before", ["Success", "Failed", "Skipped"])
async def test_a_task_that_has_ended(state: str, before: str) -> None:
    """Its state changes, and its run ends anew; one that stands so already is left alone."""
    story = Story({"a": {"Success": succeeds(), "Failed": fails(), "Skipped": fails(99)}[before]})
    story.dag("a")
    story.trigger()
    await story.run()
    mark(story, state, "a")
    await story.run()
    assert story.states() == {"run": "Failed" if state == "failed" else "Success", "a": STATES[state]}
    assert answer(story)["count"] == (0 if before == STATES[state] else 1)
    assert story.pods == ["r-a-1"]


async def test_a_task_that_waits_for_its_retry() -> None:
    """The next attempt does not come."""
    story = Story({"a": fails()})
    story.dag("a >> b", defaults={"retries": 3, "retryDelay": "1h"})
    story.trigger()
    await story.run(10)
    mark(story, "success", "a")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}


async def test_what_failed_behind_it() -> None:
    """It is cleared, so that an ended run goes on from there; what succeeded stays."""
    story = Story({"a": fails()})
    story.dag("a >> b >> c; a >> d", tasks={"d": {"triggerRule": "all_done"}})
    story.trigger()
    await story.run()
    before = {"run": "Failed", "a": "Failed", "b": "UpstreamFailed", "c": "UpstreamFailed", "d": "Success"}
    assert story.states() == before
    mark(story, "success", "a")
    await story.run()
    assert story.states() == {"run": "Success", **dict.fromkeys("abcd", "Success")}
    assert answer(story)["message"] == "Mark 1 task success, and clear 2 tasks behind"
    assert story.pods == ["r-a-1", "r-d-1", "r-b-1", "r-c-1"]


async def test_before_and_behind() -> None:
    """Upstream and downstream go along; a teardown only if it is named itself."""
    story = Story({"a": fails()})
    story.dag("s >> a >> b >> t; s >> t", tasks={"s": {"role": "setup"}, "t": {"role": "teardown"}})
    story.trigger()
    await story.run()
    mark(story, "success", "a", upstream=True, downstream=True)
    await story.run()
    assert touched(story) == ["a", "b"]
    assert story.states()["run"] == "Success"
    mark(story, "failed", "t", id_="2")
    await story.run()
    assert (story.states()["t"], story.states()["run"]) == ("Failed", "Success")


async def test_a_mapped_task_without_elements_yet() -> None:
    """It ends as a whole; of a mapped group one task alone can't."""
    story = Story({"src": succeeds(100, "[1, 2]")})
    over = {"over": "{{ tasks.src.output }}"}
    groups = [{"name": "g", "map": over}]
    story.dag("src >> m >> x >> y", tasks={"m": {"map": over}, "x": {"group": "g"}, "y": {"group": "g"}}, groups=groups)
    story.trigger()
    await story.run(10)
    mark(story, "success", "x")
    await story.run(10)
    assert answer(story)["message"] == "The elements of group g are not known yet: mark the whole group, or wait"
    mark(story, "success", "m", "g", id_="2")
    await story.run()
    assert story.states() == {"run": "Success", **dict.fromkeys(["src", "m", "x", "y"], "Success")}


# ---- the run -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["success", "failed"])
async def test_a_run_that_runs(state: str) -> None:
    """What is at work ends so, what is not begun is skipped, what has ended stays; a teardown still runs."""
    story = Story({"q": succeeds(), "f": fails(), "a": succeeds(100)})
    more = {"s": {"role": "setup"}, "t": {"role": "teardown"}}
    story.dag("q; f; s >> a >> b >> t; s >> t", tasks=more)
    story.trigger()
    await story.run(10)
    mark(story, state)
    await story.run()
    assert story.states() == {
        **{"run": STATES[state], "a": STATES[state], "b": "Skipped"},
        **{"q": "Success", "f": "Failed", "s": "Success", "t": "Success"},
    }
    assert (story.run_status()["reason"], answer(story)["message"]) == ("Marked", f"The run was marked {state}")


@pytest.mark.parametrize("state", ["success", "failed"])
@pytest.mark.parametrize("works", [succeeds(), fails()])
async def test_a_run_that_has_ended(state: str, works: Work) -> None:
    """Its own state changes, its tasks stay, and its conditions say so."""
    story = Story({"a": works})
    story.dag("a")
    story.trigger()
    await story.run()
    before = story.states()["a"]
    mark(story, state)
    await story.run()
    assert story.states() == {"run": STATES[state], "a": before}
    conditions = {each["type"]: each["status"] for each in story.run_status()["conditions"]}
    assert conditions == {"Succeeded": str(state == "success"), "Finished": "True"}


async def test_a_run_in_the_queue() -> None:
    """It ends at once, without waiting for its turn."""
    story = Story()
    story.dag("a >> b", paused=True)
    story.trigger()
    await story.run(60)
    mark(story, "success")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Skipped", "b": "Skipped"}
    assert story.pods == []


async def test_a_mark_that_is_taken_back() -> None:
    """A clear of tasks lets a marked run go on."""
    story = Story({"a": fails()})
    story.dag("a >> b")
    story.trigger()
    await story.run()
    mark(story, "success")
    await story.run()
    mark(story, "success", "a", id_="2")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert story.run_status()["reason"] == "Completed"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"mark": {"state": "skipped"}}, "A run as a whole can be marked success or failed, not skipped"),
        ({}, "The request needs either clear or mark"),
        ({"mark": {"state": "failed"}, "clear": {}}, "The request needs either clear or mark"),
        ({"mark": {"state": "failed", "tasks": ["x"]}}, "The run has no task x"),
        ({"mark": {"state": "failed"}, "dryRun": True}, "Would mark the run failed"),
        ({"mark": {"state": "failed", "tasks": ["a"]}, "dryRun": True}, "Would mark 1 task failed"),
    ],
)
async def test_what_is_only_answered(asked: dict[str, object], told: str) -> None:
    """A request that makes no sense, or a dry run, changes nothing."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run()
    story.edit(Kind.DAG_RUN, "r", request={"id": "1", **asked})
    await story.run()
    assert answer(story)["message"] == told
    assert story.states() == {"run": "Success", "a": "Success"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"mark": {"state": "success", "tasks": ["a"]}}, "The run never began, so it has no tasks to mark"),
        ({"mark": {"state": "success"}}, "The run was marked success"),
        ({"clear": {}}, "The run is cancelled: take spec.cancel away in the same patch as the request"),
    ],
)
async def test_a_run_that_never_began(asked: dict[str, object], told: str) -> None:
    """It has no tasks, but is answered too."""
    story = Story()
    story.trigger(cancel="force")
    await story.run()
    story.edit(Kind.DAG_RUN, "r", request={"id": "1", **asked})
    await story.run()
    assert answer(story)["message"] == told
    assert story.states() == {"run": "Success" if "marked" in told else "Failed"}
