"""Groups of tasks: seen as one in `dependsOn`, nested, and with settings in common."""

from controller.model.action import Kind
from tests.scenarios.story import Story, fails


async def test_a_group_between_two_tasks() -> None:
    """Its first tasks come after what the group depends on, and what depends on it waits for its last ones."""
    story = Story()
    story.dag(
        "start; a >> b; c; end",
        tasks={
            "a": {"group": "g"},
            "b": {"group": "g", "dependsOn": ["a"]},
            "c": {"group": "g"},
            "end": {"dependsOn": ["g"]},
        },
        groups=[{"name": "g", "dependsOn": ["start"]}],
    )
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success"} | dict.fromkeys(["a", "b", "c", "end", "start"], "Success")
    assert story.pods == ["r-start-1", "r-a-1", "r-c-1", "r-b-1", "r-end-1"]


async def test_a_group_in_a_group() -> None:
    """The outer group's dependencies come before the inner one's first tasks, and its end is theirs."""
    story = Story({"b": fails()})
    story.dag(
        "start; a; b; end",
        tasks={
            "a": {"group": "outer"},
            "b": {"group": "inner"},
            "end": {"dependsOn": ["outer"], "triggerRule": "one_failed"},
        },
        groups=[
            {"name": "inner", "group": "outer", "dependsOn": ["a"]},
            {"name": "outer", "dependsOn": ["start"]},
        ],
    )
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Failed", "end": "Success", "start": "Success"}
    assert story.pods == ["r-start-1", "r-a-1", "r-b-1", "r-end-1"]


async def test_a_group_that_ends_with_a_teardown() -> None:
    """What comes after the group waits for its work, not for the clearing up."""
    story = Story()
    story.dag(
        "s; w; t; next",
        tasks={
            "s": {"group": "g", "role": "setup"},
            "w": {"group": "g", "dependsOn": ["s"]},
            "t": {"group": "g", "dependsOn": ["s", "w"], "role": "teardown"},
            "next": {"dependsOn": ["g"]},
        },
        groups=[{"name": "g"}],
    )
    story.works["t"] = fails(1, 50)
    story.trigger()
    await story.run(9)
    assert story.states() == {"run": "Running", "next": "Success", "s": "Success", "t": "Running", "w": "Success"}
    await story.run()
    assert story.states()["run"] == "Success"


async def test_settings_of_groups() -> None:
    """The task's own come first, then those of the groups from the innermost outwards, then the Dag's."""
    story = Story()
    story.dag(
        "a; b; c",
        tasks={"a": {"group": "inner", "pool": "own"}, "b": {"group": "inner"}, "c": {"group": "outer"}},
        groups=[
            {"name": "outer", "defaults": {"pool": "outer", "poolSlots": 2}},
            {"name": "inner", "group": "outer", "defaults": {"pool": "inner"}},
        ],
        defaults={"poolSlots": 3, "priorityWeight": 7},
    )
    story.trigger()
    await story.run(1)
    specs = [story.get(Kind.TASK_RUN, f"r-{task}")["spec"] for task in "abc"]
    assert [(spec["pool"], spec["poolSlots"], spec["priority"]) for spec in specs] == [
        ("own", 2, 7),
        ("inner", 2, 7),
        ("outer", 2, 7),
    ]
