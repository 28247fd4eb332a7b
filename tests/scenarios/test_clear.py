"""Clearing: tasks begin anew, whatever they and their run have come to."""

from typing import Any

import pytest

from controller.model.action import Kind
from tests.scenarios.asking import answer, clear, touched
from tests.scenarios.story import Story, fails, succeeds


async def ended(drawing: str, works: Any = None, **dag: Any) -> Story:
    """A run of this Dag that has ended."""
    story = Story(works)
    story.dag(drawing, **dag)
    story.trigger()
    await story.run()
    return story


async def test_a_failed_task_of_an_ended_run() -> None:
    """The run is queued and begins again, the task has its next try, and what waited for it follows."""
    story = await ended("a >> b >> c", {"b": [fails(), succeeds()]})
    assert story.states() == {"run": "Failed", "a": "Success", "b": "Failed", "c": "UpstreamFailed"}
    first = story.run_status()
    clear(story, "b", downstream=True)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "c": "Success"}
    assert story.pods == ["r-a-1", "r-b-1", "r-b-2", "r-c-1"]
    status = story.run_status()
    assert (status["tasks"], status["counts"], status["round"]) == ("3/3", {"Success": 3}, 1)
    assert status["startedAt"] > first["startedAt"]
    assert "failedTasks" not in status
    assert {c["type"]: c["status"] for c in status["conditions"]} == {"Succeeded": "True", "Finished": "True"}


async def test_a_run_in_the_queue_again() -> None:
    """While it waits its counts leave out what was cleared, and it is not finished."""
    story = await ended("a >> b", {"b": fails()})
    story.edit(Kind.DAG_RUN, "r", paused=True)
    clear(story, "b")
    await story.run(60)
    status = story.run_status()
    assert (status["state"], status["tasks"], status["counts"]) == ("Queued", "1/2", {"Success": 1})
    assert {c["type"]: c["status"] for c in status["conditions"]} == {"Succeeded": "Unknown", "Finished": "False"}
    assert "finishedAt" not in status
    assert story.status("b")["state"] == "Scheduled"
    assert story.status("b")["attempts"][0]["state"] == "Failed"


async def test_a_task_that_runs() -> None:
    """Its Pod is ended, its try counts as cleared and spends no retry, and it begins anew."""
    story = Story({"a": [succeeds(100), succeeds(5)]})
    story.dag("a >> b")
    story.trigger()
    await story.run(10)
    clear(story, "a")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    attempts = [(each["state"], each.get("fault"), each["reason"]) for each in story.status("a")["attempts"]]
    assert attempts == [("Failed", "Cancelled", "Cleared"), ("Success", None, "Completed")]
    assert story.status("a")["attempts"][0]["message"] == "Cleared by ada"


async def test_a_task_that_waits_for_its_retry() -> None:
    """It begins at once, with all of its retries."""
    story = Story({"a": [fails(), fails(), succeeds()]})
    story.dag("a", defaults={"retries": 1, "retryDelay": "1h"})
    story.trigger()
    await story.run(10)
    clear(story, "a")
    await story.run(10)
    assert story.status("a")["state"] == "UpForRetry"
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.status("a")["failures"] == {"application": 1, "before": 1}


async def test_a_task_whose_upstream_is_cleared_too() -> None:
    """It holds until its rule lets it run again, and never runs beside what it waits for."""
    story = await ended("a >> b", {"a": [succeeds(), succeeds(50)]})
    clear(story, "a", downstream=True)
    await story.run(20)
    assert story.states() == {"run": "Running", "a": "Running", "b": "Scheduled"}
    await story.run()
    assert story.pods == ["r-a-1", "r-b-1", "r-a-2", "r-b-2"]


async def test_a_cleared_task_whose_upstream_fails_this_time() -> None:
    """What had run becomes UpstreamFailed, and the run waits until its TaskRun says so."""
    story = await ended("a >> b >> c", {"a": [succeeds(), fails()]})
    clear(story)
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "UpstreamFailed", "c": "UpstreamFailed"}
    assert story.run_status()["counts"] == {"Failed": 1, "UpstreamFailed": 2}


@pytest.mark.parametrize(
    ("task", "how", "found"),
    [
        ("c", {}, ["c"]),
        ("c", {"upstream": True}, ["a", "c"]),
        ("c", {"downstream": True}, ["c", "d"]),
        ("c", {"upstream": True, "downstream": True}, ["a", "c", "d"]),
        ("a", {"downstream": True, "onlyFailed": True}, ["b", "d"]),
        (None, {}, ["a", "b", "c", "d", "x"]),
        (None, {"onlyFailed": True}, ["b", "d"]),
    ],
)
async def test_what_is_touched(task: str | None, how: dict[str, Any], found: list[str]) -> None:
    """The tasks named, what is before or behind them, and of all that only what failed."""
    story = await ended("a >> [b, c] >> d; x", {"b": fails()})
    clear(story, *([task] if task else []), **how)
    await story.run()
    assert touched(story) == found
    assert story.states()["run"] == "Failed"


async def test_a_dry_run() -> None:
    """It lists and changes nothing, not even the run's end."""
    story = await ended("a >> b", {"a": fails()})
    before = story.run_status()
    clear(story, dryRun=True)
    await story.run()
    after = story.run_status()
    told = after.pop("requests")
    assert {**after, "observedGeneration": None} == {**before, "observedGeneration": None}
    assert (told[0]["dryRun"], told[0]["tasks"], told[0]["count"]) == (True, ["a", "b"], 2)
    assert told[0]["message"] == "Would clear 2 tasks"


async def test_the_same_request_twice() -> None:
    """The second time nothing happens, as its id is in the list; another id is another request."""
    story = await ended("a")
    for _ in range(2):
        clear(story, "a")
        await story.run()
    assert story.pods == ["r-a-1", "r-a-2"]
    clear(story, "a", id_="2")
    await story.run()
    assert story.pods == ["r-a-1", "r-a-2", "r-a-3"]


async def test_who_asked_and_when() -> None:
    """The run keeps the last 20 requests, with who, when and what."""
    story = await ended("a")
    for number in range(22):
        clear(story, "a", id_=str(number), dryRun=True)
        await story.run()
    kept = story.run_status()["requests"]
    assert [each["id"] for each in kept] == [str(number) for number in range(2, 22)]
    assert (kept[0]["by"], kept[0]["action"], kept[0]["tasks"]) == ("ada", "clear", ["a"])
    assert kept[0]["at"].startswith("2026-01-01T00:00:")


@pytest.mark.parametrize("name", ["nope", "a[0]"])
async def test_a_name_that_is_no_task(name: str) -> None:
    """The answer says so, and nothing changes."""
    story = await ended("a")
    clear(story, name)
    await story.run()
    assert answer(story)["message"] == f"The run has no task {name}"
    assert story.pods == ["r-a-1"]


async def test_nothing_failed() -> None:
    """Only-failed finds nothing, and the run stays as it ended."""
    story = await ended("a")
    clear(story, onlyFailed=True)
    await story.run()
    assert (answer(story)["message"], story.states()["run"]) == ("Clear 0 tasks", "Success")


async def test_a_cancelled_run() -> None:
    """With spec.cancel still set the answer asks to take it away; taken away in the same patch, the run goes on."""
    story = Story({"a": [succeeds(100), succeeds(5)]})
    story.dag("a >> b >> c")
    story.trigger()
    await story.run(10)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "Skipped", "c": "Skipped"}
    clear(story)
    await story.run()
    assert answer(story)["message"].startswith("The run is cancelled: take spec.cancel away")
    assert story.states()["run"] == "Failed"
    clear(story, id_="dry", dryRun=True)
    await story.run()
    assert answer(story)["message"] == "Would clear 3 tasks, once spec.cancel is taken away"
    clear(story, id_="2", cancel=None, onlyFailed=True)
    await story.run()
    assert touched(story) == ["a", "b", "c"]
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "c": "Success"}


async def test_a_run_that_never_began() -> None:
    """It has no tasks to clear; it is queued, and then begins for the first time."""
    story = Story()
    story.trigger(cancel="graceful")
    await story.run(10)
    assert story.states() == {"run": "Failed"}
    story.dag("a")
    clear(story, cancel=None, dryRun=True)
    await story.run(10)
    assert answer(story)["message"] == "Would let the run begin, which it never did"
    clear(story, id_="2")
    await story.run()
    assert answer(story)["message"] == "The run never began, and is queued again"
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_settled_tasks() -> None:
    """Noops, skipped and upstream-failed tasks have no TaskRun: they are forgotten and judged anew."""
    more = {"n": {"noop": {}}, "u": {"triggerRule": "all_failed"}}
    story = await ended("a >> [b, u]; n >> a", {"a": [fails(), succeeds()]}, tasks=more)
    assert story.run_status()["settled"] == {"success": ["n"], "upstreamFailed": ["b"]}
    clear(story)
    await story.run()
    assert story.states() == {"run": "Success", "n": "Success", "a": "Success", "b": "Success", "u": "Skipped"}
    assert story.run_status()["settled"] == {"success": ["n"]}


async def test_a_limit_of_runs() -> None:
    """A cleared run waits for its turn like any other."""
    story = Story({"a": [fails(seconds=1), succeeds(5)]})
    story.dag("a", concurrency={"maxActiveRuns": 1})
    story.trigger("one")
    await story.run()
    story.works["a"] = succeeds(100)
    story.trigger("two")
    await story.run(10)
    clear(story, run="one")
    await story.run(10)
    assert (story.states("one")["run"], story.states("two")["run"]) == ("Queued", "Running")
    await story.run()
    assert (story.states("one")["run"], story.states("two")["run"]) == ("Success", "Success")
