"""Clearing where the graph has more to it: branches, mappings, setups and teardowns."""

import json
from typing import Any

import pytest

from tests.scenarios.asking import answer, clear, touched, verdicts
from tests.scenarios.story import Story, fails, succeeds

CHOICE: dict[str, Any] = {
    "b": {
        "branch": {"cases": [{"when": "tasks.a.output.go == 'x'", "follow": ["x"]}], "otherwise": ["y"]},
    },
}
SPREAD: dict[str, Any] = {"m": {"map": {"over": "{{ tasks.src.output }}"}}}
SCOPED: dict[str, Any] = {"s": {"role": "setup"}, "t": {"role": "teardown"}}


def output(value: object) -> str:
    """What a task leaves behind."""
    return json.dumps(value)


def lists(*values: object) -> list[Any]:
    """A task that leaves one of these at each attempt."""
    return [succeeds(output=output(value)) for value in values]


def dag(story: Story, drawing: str, tasks: dict[str, Any], **spec: Any) -> None:
    """Apply a Dag of which some tasks have no script."""
    story.dag(drawing, tasks=tasks, **spec)
    story.trigger()


# ---- branches ------------------------------------------------------------------------------------------------------


async def test_a_branch() -> None:
    """Its choice is made anew, from the outputs as they are now."""
    story = Story({"a": lists({"go": "x"}, {"go": "y"})})
    dag(story, "a >> b >> [x, y]", CHOICE)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "x": "Success", "y": "Skipped"}
    clear(story, "a", downstream=True)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "x": "Skipped", "y": "Success"}
    assert story.run_status()["followed"] == {"b": ["y"]}


async def test_behind_a_branch() -> None:
    """The choice that stands is applied again: what it left out stays left out."""
    story = Story({"a": lists({"go": "x"})})
    dag(story, "a >> b >> [x, y] >> z", {**CHOICE, "z": {"triggerRule": "none_failed"}})
    await story.run()
    clear(story, "x", "y", "z")
    await story.run()
    assert story.states() == {
        **{"run": "Success", "a": "Success", "b": "Success"},
        **{"x": "Success", "y": "Skipped", "z": "Success"},
    }
    assert story.pods == ["r-a-1", "r-x-1", "r-z-1", "r-x-2", "r-z-2"]


# ---- mappings ------------------------------------------------------------------------------------------------------


async def test_a_mapped_task() -> None:
    """All its instances begin anew, with the elements that they had."""
    story = Story({"src": lists([1, 2, 3])})
    dag(story, "src >> m >> z", SPREAD)
    await story.run()
    clear(story, "m")
    await story.run()
    assert touched(story) == ["m[0-2]"]
    assert story.pods == ["r-src-1", "r-m-0-1", "r-m-1-1", "r-m-2-1", "r-z-1", "r-m-0-2", "r-m-1-2", "r-m-2-2"]
    assert story.run_status()["tasks"] == "5/5"


async def test_one_instance() -> None:
    """Only that one begins anew; an index that there is not is told."""
    story = Story({"src": lists([1, 2])})
    dag(story, "src >> m", SPREAD)
    await story.run()
    clear(story, "m[1]")
    await story.run()
    assert story.pods[-1] == "r-m-1-2"
    assert story.states()["run"] == "Success"
    clear(story, "m[2]", id_="2")
    await story.run()
    assert answer(story)["message"] == "The run has no task m[2]"


async def test_a_list_that_becomes_shorter() -> None:
    """The elements are worked out anew, and instances that have none any more end as Removed."""
    story = Story({"src": lists([1, 2, 3, 4], [7, 8])})
    dag(story, "src >> m >> z", SPREAD)
    await story.run()
    clear(story, "src", downstream=True)
    await story.run()
    assert story.states() == {
        **{"run": "Success", "src": "Success", "z": "Success"},
        **{"m[0]": "Success", "m[1]": "Success", "m[2]": "Removed", "m[3]": "Removed"},
    }
    assert (story.run_status()["tasks"], story.run_status()["expansions"]) == ("4/4", {"m": 2})
    assert [raw["spec"]["item"] for raw in map(story.task_run, ("m-0", "m-1"))] == ["7", "8"]


async def test_a_list_that_becomes_empty() -> None:
    """The mapped task is skipped as a whole, and all its instances are removed."""
    story = Story({"src": lists([1, 2], [])})
    dag(story, "src >> m", SPREAD)
    await story.run()
    clear(story, "src", downstream=True)
    await story.run()
    assert story.states() == {
        **{"run": "Success", "src": "Success", "m": "Skipped"},
        **{"m[0]": "Removed", "m[1]": "Removed"},
    }


async def test_a_list_that_does_not_come_this_time() -> None:
    """The mapped task is UpstreamFailed as a whole; its instances of the time before are removed, not left holding."""
    story = Story({"src": [*lists([1, 2]), fails()]})
    dag(story, "src >> m", SPREAD)
    await story.run()
    clear(story)
    await story.run()
    assert story.states() == {
        **{"run": "Failed", "src": "Failed", "m": "UpstreamFailed"},
        **{"m[0]": "Removed", "m[1]": "Removed"},
    }


async def test_a_list_that_becomes_longer_again() -> None:
    """New elements get instances, and one that was removed begins anew."""
    story = Story({"src": lists([1, 2, 3], [4], [5, 6, 7, 8])})
    dag(story, "src >> m", SPREAD)
    await story.run()
    clear(story)
    await story.run()
    assert story.states()["m[2]"] == "Removed"
    clear(story, id_="2")
    await story.run()
    assert story.states() == {"run": "Success", "src": "Success"} | {f"m[{index}]": "Success" for index in range(4)}
    items = [story.task_run(f"m-{index}")["spec"]["item"] for index in range(4)]
    assert items == ["5", "6", "7", "8"]
    assert "r-m-2-2" in story.pods


async def test_a_mapped_group() -> None:
    """Each instance of the group waits for its own, and the shorter list removes what is too much of all its tasks."""
    story = Story({"src": lists([1, 2, 3], [9])})
    story.dag(
        "src >> x >> y",
        tasks={"x": {"group": "g"}, "y": {"group": "g"}},
        groups=[{"name": "g", "map": {"over": "{{ tasks.src.output }}"}}],
    )
    story.trigger()
    await story.run()
    clear(story, "src", downstream=True)
    await story.run()
    removed = {f"{task}[{index}]": "Removed" for task in "xy" for index in (1, 2)}
    assert story.states() == {"run": "Success", "src": "Success", "x[0]": "Success", "y[0]": "Success", **removed}


# ---- setups and teardowns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "how", "found"),
    [
        (["w"], {}, ["s", "w", "t"]),
        (["s"], {}, ["s", "t"]),
        (["t"], {}, ["t"]),
        (["w"], {"upstream": True}, ["s", "w", "t"]),
        (["z"], {}, ["z"]),
        (["z"], {"upstream": True}, ["s", "w", "t", "z"]),
    ],
)
async def test_setups_and_teardowns(names: list[str], how: dict[str, Any], found: list[str]) -> None:
    """What a cleared task needs set up is cleared along, and with it what tears that down."""
    story = Story()
    dag(story, "s >> w >> t; s >> t; w >> z", SCOPED)
    await story.run()
    clear(story, *names, **how)
    await story.run()
    assert sorted(touched(story)) == sorted(found)
    assert story.states() == {"run": "Success"} | dict.fromkeys("swtz", "Success")


async def test_a_failed_task_with_a_setup() -> None:
    """Only-failed takes along what the failed task needs, as that was torn down."""
    story = Story({"w": [fails(), succeeds()]})
    dag(story, "s >> w >> t; s >> t", SCOPED)
    await story.run()
    clear(story, onlyFailed=True)
    await story.run()
    assert sorted(touched(story)) == ["s", "t", "w"]
    assert story.states() == {"run": "Success"} | dict.fromkeys("swt", "Success")


async def test_a_dag_that_fails_fast() -> None:
    """Only-failed also takes what was skipped for the failure."""
    story = Story({"a": [fails(), succeeds()], "b": [succeeds(50), succeeds(1)]})
    dag(story, "a >> c; b >> d", {}, failFast=True)
    await story.run()
    clear(story, onlyFailed=True)
    await story.run()
    assert sorted(touched(story)) == ["a", "b", "c", "d"]
    assert story.states() == {"run": "Success"} | dict.fromkeys("abcd", "Success")
    assert set(verdicts(story).values()) == {"Run"}
