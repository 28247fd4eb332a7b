"""Mapping: a task, or a group of tasks, once for each element of a list."""

import json
from typing import Any

import pytest

from controller.model.action import Kind
from tests.scenarios.story import Story, fails, succeeds


def items(story: Story, task: str) -> list[Any]:
    """The elements of the task's TaskRuns, in index order."""
    specs = [raw["spec"] for raw in story.cluster.all_of(Kind.TASK_RUN) if raw["spec"]["task"] == task]
    return [json.loads(spec["item"]) for spec in sorted(specs, key=lambda spec: int(spec["index"]))]


def mapped(over: Any, **more: Any) -> dict[str, Any]:
    """The fields of a task that is mapped over this."""
    return {"map": {"over": over, **more}}


async def test_a_list_that_is_written_out() -> None:
    """Each element has a TaskRun, its item and its index; what comes after waits for all."""
    story = Story({"m[1]": succeeds(9)})
    story.dag("m >> z", tasks={"m": mapped(["x", {"y": 1}, None])})
    story.trigger()
    await story.run(5)
    assert story.states() == {"run": "Running", "m[0]": "Success", "m[1]": "Running", "m[2]": "Success"}
    await story.run()
    assert items(story, "m") == ["x", {"y": 1}, None]
    assert story.states()["z"] == "Success"
    assert story.run_status()["tasks"] == "4/4"
    assert story.run_status()["expansions"] == {"m": 3}
    assert story.pods == ["r-m-0-1", "r-m-1-1", "r-m-2-1", "r-z-1"]


async def test_the_output_of_a_task() -> None:
    """Its elements are known once that task has ended."""
    story = Story({"find": succeeds(output='{"files": ["a", "b"]}')})
    story.dag("find >> m", tasks={"m": mapped("{{ tasks.find.output.files }}")})
    story.trigger()
    await story.run()
    assert items(story, "m") == ["a", "b"]


async def test_an_object() -> None:
    """Each field is an element with its key and its value."""
    story = Story({"find": succeeds(output='{"b": 1, "a": 2}')})
    story.dag("find >> m", tasks={"m": mapped("{{ tasks.find.output }}")})
    story.trigger()
    await story.run()
    assert items(story, "m") == [{"key": "b", "value": 1}, {"key": "a", "value": 2}]


async def test_a_product() -> None:
    """Every combination is an element, the last list varying fastest."""
    story = Story({"find": succeeds(output='["x", "y"]')})
    axes = [{"name": "n", "over": [1, 2]}, {"name": "of", "over": "{{ tasks.find.output }}"}]
    story.dag("find >> m", tasks={"m": {"map": {"product": axes}}})
    story.trigger()
    await story.run()
    assert items(story, "m") == [{"n": n, "of": of} for n in (1, 2) for of in "xy"]


async def test_a_task_elsewhere_that_is_mapped_over() -> None:
    """The elements may come from a task that is not directly before it, and that ends after those that are."""
    story = Story({"find": succeeds(9, output="[1]")})
    story.dag(
        "find >> x >> m >> z; other",
        tasks={"x": {"triggerRule": "always"}, "m": mapped("{{ tasks.find.output }}")},
    )
    story.works["other"] = succeeds(30)
    story.trigger()
    await story.run(15)
    assert story.states() == {
        "run": "Running",
        "find": "Success",
        "m[0]": "Success",
        "other": "Running",
        "x": "Success",
        "z": "Success",
    }


async def test_no_elements() -> None:
    """The task is skipped, and so is what needs its success."""
    story = Story({"find": succeeds(output="[]")})
    story.dag(
        "find >> m >> [y, z]",
        tasks={"m": mapped("{{ tasks.find.output }}"), "z": {"triggerRule": "none_failed"}},
    )
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "find": "Success", "m": "Skipped", "y": "Skipped", "z": "Success"}


@pytest.mark.parametrize(
    ("output", "state", "why"),
    [
        ("", "UpstreamFailed", "The mapping of m has no value: it is null"),
        ("3", "Failed", "The mapping of m can't be worked out: a list is needed, but it is '3'"),
        ('"text"', "Failed", "The mapping of m can't be worked out: a list is needed, but it is 'text'"),
    ],
)
async def test_what_is_no_list(output: str, state: str, why: str) -> None:
    """The task ends with a sentence, and nothing else is held up."""
    story = Story({"find": succeeds(output=output)})
    story.dag("find >> m >> z; x >> y", tasks={"m": mapped("{{ tasks.find.output }}")})
    story.trigger()
    await story.run()
    ends = {"find": "Success", "m": state, "z": "UpstreamFailed", "x": "Success", "y": "Success"}
    assert story.states() == {"run": "Failed", **dict(sorted(ends.items()))}
    assert story.run_status()["notes"] == {"m": why}
    if state == "Failed":
        assert story.run_status()["message"] == f"Task m failed: {why}"


async def test_a_value_that_is_missing() -> None:
    """A field that the output does not have makes the task UpstreamFailed, and says which."""
    story = Story({"find": succeeds(output='{"x": 1}')})
    story.dag("find >> m", tasks={"m": mapped("{{ tasks.find.output.files }}")})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "find": "Success", "m": "UpstreamFailed"}
    assert "files" in story.run_status()["notes"]["m"]


async def test_an_upstream_that_failed() -> None:
    """A mapped task whose rule does not hold ends as one."""
    story = Story({"find": fails()})
    story.dag("find >> m >> z", tasks={"m": mapped("{{ tasks.find.output }}")})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "find": "Failed", "m": "UpstreamFailed", "z": "UpstreamFailed"}


async def test_a_window() -> None:
    """No more elements than the window are unfinished at once; each end lets the next one begin, in order."""
    story = Story({"m[0]": succeeds(20), "m[1]": succeeds(5)})
    story.dag("m", tasks={"m": mapped([0] * 6, window=2)})
    story.trigger()
    await story.run(1)
    assert story.names(Kind.TASK_RUN) == ["r-m-0", "r-m-1"]
    await story.run(6)
    assert story.names(Kind.TASK_RUN) == ["r-m-0", "r-m-1", "r-m-2", "r-m-3", "r-m-4"]
    await story.run()
    assert story.states() == {"run": "Success", **{f"m[{index}]": "Success" for index in range(6)}}


async def test_the_results_of_all_elements() -> None:
    """They are one list in the order of the elements, null where there is none, whoever ended first."""
    story = Story({f"m[{index}]": succeeds(9 - index, output=str(index)) for index in range(3)})
    story.works["m[1]"] = fails(99)
    story.dag(
        "m >> z",
        tasks={
            "m": mapped([1, 2, 3]),
            "z": {
                "triggerRule": "all_done",
                "script": None,
                "command": ["echo"],
                "args": ["{{ tasks.m.output }}", "{{ tasks.m.output | first }}"],
            },
        },
    )
    story.trigger()
    await story.run()
    container = story.get(Kind.POD, "r-z-1")["spec"]["containers"][0]
    assert container["args"] == ["[0,null,2]", "0"]


async def test_an_element_in_a_template() -> None:
    """`item` is the element of this TaskRun, also in a mapped group."""
    story = Story()
    story.dag(
        "m",
        tasks={"m": {"script": None, "command": ["x"], "args": ["{{ item.n }}", "{{ item }}"], "group": "g"}},
        groups=[{"name": "g", "map": {"over": [{"n": 7}, {"n": 8}]}}],
    )
    story.trigger()
    await story.run()
    assert story.get(Kind.POD, "r-m-1-1")["spec"]["containers"][0]["args"] == ["8", '{"n":8}']


@pytest.mark.parametrize(
    ("rule", "codes", "ends_as"),
    [
        ("all_success", (0, 0), "Success"),
        ("all_success", (0, 1), "UpstreamFailed"),
        ("all_success", (0, 99), "Skipped"),
        ("all_failed", (1, 1), "Success"),
        ("all_failed", (1, 0), "Skipped"),
        ("all_done", (1, 99), "Success"),
        ("all_done_min_one_success", (0, 1), "Success"),
        ("all_done_min_one_success", (1, 1), "UpstreamFailed"),
        ("all_done_setup_success", (1, 0), "Success"),
        ("one_success", (1, 0), "Success"),
        ("one_success", (1, 1), "UpstreamFailed"),
        ("one_failed", (0, 1), "Success"),
        ("one_failed", (0, 0), "Skipped"),
        ("one_done", (99, 0), "Success"),
        ("one_done", (99, 99), "Skipped"),
        ("none_failed", (0, 99), "Success"),
        ("none_failed_min_one_success", (99, 99), "Skipped"),
        ("none_skipped", (1, 0), "Success"),
        ("none_skipped", (99, 0), "Skipped"),
        ("all_skipped", (99, 99), "Success"),
        ("always", (1, 1), "Success"),
    ],
)
async def test_a_rule_over_a_mapped_task(rule: str, codes: tuple[int, int], ends_as: str) -> None:
    """Every element counts as one upstream task."""
    story = Story({f"m[{index}]": fails(code) for index, code in enumerate(codes)})
    story.dag("m >> z", tasks={"m": mapped(["a", "b"]), "z": {"triggerRule": rule}})
    story.trigger()
    await story.run()
    assert story.states()["z"] == ends_as
