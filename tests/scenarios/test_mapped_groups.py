"""Mapped groups: all tasks of a group once for each element, each element on its own way."""

from typing import Any

from controller.model.action import Kind
from tests.scenarios.story import Story, fails, succeeds

EACH = [{"name": "g", "map": {"over": ["x", "y", "z"]}}]


def in_group(*names: str, **more: Any) -> dict[str, Any]:
    """The fields of tasks that are in the group."""
    return {name: {"group": "g", **more.get(name, {})} for name in names}


async def test_an_element_on_its_own_way() -> None:
    """A task waits for the one before it of the same element alone; one that fails holds up no other."""
    story = Story({"a[0]": succeeds(20), "a[1]": fails()})
    story.dag("a >> b >> z", tasks=in_group("a", "b") | {"z": {"triggerRule": "all_done"}}, groups=EACH)
    story.trigger()
    await story.run(10)
    assert story.states() == {
        "run": "Running",
        "a[0]": "Running",
        "a[1]": "Failed",
        "a[2]": "Success",
        "b[1]": "UpstreamFailed",
        "b[2]": "Success",
    }
    await story.run()
    assert story.states()["b[0]"] == "Success"
    assert story.states()["z"] == "Success"
    assert story.run_status()["tasks"] == "7/7"


async def test_outputs_of_the_same_element() -> None:
    """Inside the group a task reads the output of its own element, outside all of them."""
    story = Story({f"a[{index}]": succeeds(output=str(index * 10)) for index in range(3)})
    args = {"script": None, "command": ["x"], "args": ["{{ tasks.a.output }}"]}
    story.dag("a >> b >> z", tasks=in_group("a", "b", b=args) | {"z": args}, groups=EACH)
    story.trigger()
    await story.run()
    given = {name: story.get(Kind.POD, f"r-{name}-1")["spec"]["containers"][0]["args"] for name in ("b-0", "b-2", "z")}
    assert given == {"b-0": ["0"], "b-2": ["20"], "z": ["[0,10,20]"]}


async def test_a_branch_for_each_element() -> None:
    """It chooses by its element, and what it leaves out is skipped for that element alone."""
    story = Story()
    branch = {"cases": [{"when": "item == 'y'", "follow": ["left"]}], "otherwise": ["right"]}
    tasks = in_group("pick", "left", "right", "join", pick={"branch": branch}, join={"triggerRule": "one_success"})
    story.dag("pick >> [left, right] >> join", tasks=tasks, groups=EACH)
    story.trigger()
    await story.run()
    ends = {
        **{f"pick[{index}]": "Success" for index in range(3)},
        **{f"left[{index}]": "Success" if index == 1 else "Skipped" for index in range(3)},
        **{f"right[{index}]": "Skipped" if index == 1 else "Success" for index in range(3)},
        **{f"join[{index}]": "Success" for index in range(3)},
    }
    assert story.states() == {"run": "Success", **dict(sorted(ends.items()))}
    assert story.run_status()["followed"] == {"pick[0]": ["right"], "pick[1]": ["left"], "pick[2]": ["right"]}


async def test_a_short_circuit_for_each_element() -> None:
    """It stops its own element, however far behind, and neither another nor what is outside."""
    story = Story()
    tasks = in_group("ok", "a", "b", ok={"shortCircuit": {"when": "item != 'y'"}}, b={"triggerRule": "all_done"})
    story.dag("ok >> a >> b >> z", tasks=tasks | {"z": {"triggerRule": "none_failed"}}, groups=EACH)
    story.trigger()
    await story.run()
    assert {each: state for each, state in story.states().items() if state == "Skipped"} == {
        "a[1]": "Skipped",
        "b[1]": "Skipped",
    }
    assert story.states()["z"] == "Success"


async def test_a_teardown_for_each_element() -> None:
    """It clears up after its own element while others still work."""
    story = Story({"w[0]": succeeds(30), "w[1]": fails()})
    tasks = in_group("s", "w", "t", s={"role": "setup"}, t={"role": "teardown"})
    story.dag("s >> w >> t; s >> t", tasks=tasks, groups=EACH)
    story.trigger()
    await story.run(10)
    assert [story.states()[f"t[{index}]"] for index in (1, 2)] == ["Success", "Success"]
    assert "t[0]" not in story.states()
    await story.run()
    assert story.states()["run"] == "Failed"


async def test_no_elements_at_all() -> None:
    """Every task of the group is skipped as one."""
    story = Story()
    story.dag("a >> b >> z", tasks=in_group("a", "b"), groups=[{"name": "g", "map": {"over": []}}])
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Skipped", "b": "Skipped", "z": "Skipped"}


async def test_a_group_behind_a_failure() -> None:
    """It is expanded for all of its tasks or for none, also where one of them runs in spite of the failure."""
    story = Story({"x": fails(), "find": succeeds(5, output="[1, 2]")})
    tasks = in_group("a", "b", a={"dependsOn": ["x", "find"]}, b={"triggerRule": "all_done"})
    story.dag(
        "x; find; a >> b >> z",
        tasks=tasks | {"z": {"triggerRule": "all_done"}},
        groups=[{"name": "g", "map": {"over": "{{ tasks.find.output }}"}}],
    )
    story.trigger()
    await story.run()
    assert story.states() == {
        "run": "Success",
        "a[0]": "UpstreamFailed",
        "a[1]": "UpstreamFailed",
        "b[0]": "Success",
        "b[1]": "Success",
        "find": "Success",
        "x": "Failed",
        "z": "Success",
    }


async def test_a_group_whose_elements_are_never_known() -> None:
    """Each of its tasks ends as its rule says of the others, or with the reason."""
    story = Story({"find": fails()})
    tasks = in_group("a", "b", b={"triggerRule": "all_done"})
    story.dag("find >> a >> b", tasks=tasks, groups=[{"name": "g", "map": {"over": "{{ tasks.find.output }}"}}])
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "UpstreamFailed", "b": "UpstreamFailed", "find": "Failed"}
    assert story.run_status()["notes"] == {"b": "The mapping of g has no value: it is null"}


async def test_a_window_of_a_group() -> None:
    """Each task of the group has as many unfinished elements at once, and an end lets in one that is ready."""
    story = Story({"b": succeeds(10)})
    groups = [{"name": "g", "map": {"over": [0] * 6, "window": 2}}]
    story.dag("a >> b", tasks=in_group("a", "b"), groups=groups)
    story.trigger()
    await story.run(8)
    unfinished = [each for each, state in story.states().items() if state in {"Scheduled", "Running"}]
    assert sorted(unfinished) == ["b[0]", "b[1]", "run"]
    assert [story.states()[f"a[{index}]"] for index in range(6)] == ["Success"] * 6
    await story.run()
    assert story.states()["run"] == "Success"
    assert [pod for pod in story.pods if pod.startswith("r-b")] == [f"r-b-{index}-1" for index in range(6)]
