"""Mapping, groups, a branch and a teardown on the real cluster: the features of a graph that drawings can't fake."""

import json

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.cluster


def test_mapped_over_an_output(world: World) -> None:
    """Each element has a Pod of its own, and what they give is read as one list in the order of the elements."""
    world.dag(
        "squares",
        [
            {"name": "find", "script": "echo '[3, 1, 2]' > $SLIPWAY_OUTPUT"},
            {
                "name": "square",
                "dependsOn": ["find"],
                "map": {"over": "{{ tasks.find.output }}", "window": 2},
                "script": 'echo $((SLIPWAY_ITEM * SLIPWAY_ITEM)) > "$SLIPWAY_OUTPUT"',
            },
            {
                "name": "sum",
                "dependsOn": ["square"],
                "command": ["sh", "-c", 'echo "$0" > "$SLIPWAY_OUTPUT"'],
                "args": ["{{ tasks.square.output }}"],
            },
        ],
    )
    world.trigger("squares", "squares-run")
    ended = world.ended("squares-run")["status"]
    assert (ended["state"], ended["tasks"], ended["expansions"]) == ("Success", "5/5", {"square": 3})
    assert json.loads(world.task("squares-run", "sum")["output"]) == [9, 1, 4]
    assert world.log("squares-run-square-1-1") == ""
    world.assert_one_pod_per_attempt()


def test_group_branch_and_teardown(world: World) -> None:
    """A group stands for its tasks, a branch leaves one way out, and the teardown runs though the work failed."""
    world.dag(
        "graph",
        [
            {"name": "open", "role": "setup", "script": "true"},
            {"name": "first", "group": "work", "script": "true"},
            {"name": "second", "group": "work", "dependsOn": ["first"], "script": "exit 3"},
            {"name": "close", "role": "teardown", "dependsOn": ["open", "work"], "script": "true"},
            {
                "name": "choose",
                "branch": {"cases": [{"when": "params.fast", "follow": ["short"]}], "otherwise": ["long"]},
            },
            {"name": "short", "dependsOn": ["choose"], "script": "true"},
            {"name": "long", "dependsOn": ["choose"], "script": "true"},
        ],
        groups=[{"name": "work", "dependsOn": ["open"]}],
        params={"fast": {"type": "boolean", "default": True}},
    )
    world.trigger("graph", "graph-run")
    assert world.ended("graph-run")["status"]["state"] == "Failed"
    assert world.task_states("graph-run") == {
        "open": "Success",
        "first": "Success",
        "second": "Failed",
        "close": "Success",
        "choose": "Success",
        "short": "Success",
        "long": "Skipped",
    }
