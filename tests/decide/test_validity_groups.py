"""Validity: groups and mappings, as the whole list of sentences that the user reads."""

from typing import Any

import pytest

from controller.decide.validity import judge_spec
from controller.model.dag import canonical_json
from tests.decide.judged import faults


def node(name: str, *after: str, **fields: Any) -> dict[str, Any]:
    """A task that does nothing, after these."""
    kind: dict[str, Any] = {} if fields.keys() & {"branch", "shortCircuit", "script"} else {"noop": {}}
    return {"name": name, **kind, **({"dependsOn": list(after)} if after else {}), **fields}


def spec(*tasks: dict[str, Any], groups: Any = (), **fields: Any) -> dict[str, Any]:
    """A spec of these tasks and groups."""
    return {"tasks": list(tasks), "groups": list(groups), **fields}


GROUPS: dict[str, tuple[Any, list[str]]] = {
    "names that are taken": (
        spec(node("a"), node("b"), groups=[{"name": "a"}, {"name": "g"}, {"name": "g"}]),
        [
            "spec.groups[0].name: a is already the name of tasks[0]",
            "spec.groups[2].name: g is already the name of groups[1]",
        ],
    ),
    "groups that are none": (
        spec(node("a", group="h"), groups=[{"name": "g", "group": "i"}]),
        [
            "spec.tasks[0].group: task a is in h, which is no group",
            "spec.groups[0].group: group g is in i, which is no group",
        ],
    ),
    "dependencies that are neither": (
        spec(node("a", "x"), groups=[{"name": "g", "dependsOn": ["y"]}]),
        [
            "spec.tasks[0].dependsOn: task a depends on x, which is no task and no group",
            "spec.groups[0].dependsOn: group g depends on y, which is no task and no group",
        ],
    ),
    "groups around themselves": (
        spec(
            node("a"),
            groups=[
                {"name": "g", "group": "h"},
                {"name": "h", "group": "i"},
                {"name": "i", "group": "h"},
                {"name": "j", "group": "j"},
            ],
        ),
        [
            "spec.groups[1].group: group h is around itself: h in i in h",
            "spec.groups[3].group: group j is around itself: j in j",
        ],
    ),
    "a task that depends on its own group": (
        spec(node("a", "g", group="h"), groups=[{"name": "g"}, {"name": "h", "group": "g"}]),
        ["spec.tasks[0].dependsOn: task a depends on group g, which it is in"],
    ),
    "groups that depend on what is theirs": (
        spec(
            node("a", group="h"),
            groups=[
                {"name": "g", "dependsOn": ["a", "h", "g"]},
                {"name": "h", "group": "g", "dependsOn": ["g"]},
            ],
        ),
        [
            "spec.groups[0].dependsOn: group g depends on a, which is in it",
            "spec.groups[0].dependsOn: group g depends on h, which is in it",
            "spec.groups[0].dependsOn: group g depends on itself",
            "spec.groups[1].dependsOn: group h depends on g, which it is in",
        ],
    ),
    "a cycle through a group": (
        spec(node("a", group="g"), node("b", "g"), groups=[{"name": "g", "dependsOn": ["b"]}]),
        ["spec.tasks: the tasks form a cycle: a -> b -> a, through group g"],
    ),
    "a cycle through two groups": (
        spec(
            node("a", group="g"),
            node("b", group="h"),
            groups=[{"name": "g", "dependsOn": ["h"]}, {"name": "h", "dependsOn": ["g"]}],
        ),
        ["spec.tasks: the tasks form a cycle: a -> b -> a, through groups g and h and groups h and g"],
    ),
    "groups in groups without end": (
        spec(
            node("a", group="g24"),
            groups=[{"name": f"g{n}", **({"group": f"g{n - 1}"} if n else {})} for n in range(25)],
        ),
        ["spec.groups[20].group: group g20 is more than 20 groups deep"],
    ),
    "a setting of a group": (
        spec(node("a"), groups=[{"name": "g", "defaults": {"env": [{"name": "SLIPWAY_X"}]}}]),
        ["spec.groups[0].defaults.env[0]: SLIPWAY_X: names that begin with SLIPWAY_ are set by Slipway"],
    ),
}


MAPS: dict[str, tuple[Any, list[str]]] = {
    "the name of a mapped task's TaskRun": (
        spec(node("load", map={"over": [1]}), node("load-1"), node("load-x"), node("x-1")),
        ["spec.tasks[1].name: load-1 would be the name of a TaskRun of the mapped task load: it needs another name"],
    ),
    "a mapped group in another": (
        spec(
            node("a", group="h"),
            groups=[
                {"name": "g", "map": {"over": [1]}},
                {"name": "h", "group": "g", "map": {"over": [1]}},
                {"name": "empty", "group": "g", "map": {"over": [1]}},
            ],
        ),
        [
            "spec.groups[1].map: group h is in g, which is mapped too: mapped groups can't be nested",
            "spec.groups[2].map: group empty is in g, which is mapped too: mapped groups can't be nested",
        ],
    ),
    "a mapped task in a mapped group": (
        spec(node("a", group="g", map={"over": [1]}), groups=[{"name": "g", "map": {"over": [1]}}]),
        ["spec.tasks[0].map: task a is in group g, which is mapped too: only one of the two can be"],
    ),
    "a mapped choice": (
        spec(
            node("a", map={"over": [1]}, shortCircuit={"when": "true"}),
            node("b", map={"over": [1]}, branch={"cases": [{"when": "true", "follow": ["c"]}]}),
            node("c", "b"),
        ),
        [
            f"spec.tasks[{place}].map: task {name} chooses what comes after it, so only a group that has both in it "
            "can be mapped"
            for place, name in enumerate("ab")
        ],
    ),
    "neither and both": (
        spec(
            node("a", map={}),
            node("b", map={"over": [1], "product": [{"name": "x", "over": [1]}]}),
        ),
        [
            "spec.tasks[0].map: needs exactly one of over and product: has neither",
            "spec.tasks[1].map: needs exactly one of over and product: has both",
        ],
    ),
    "two lists of one name": (
        spec(node("a", map={"product": [{"name": "x", "over": [1]}, {"name": "x", "over": {}}]})),
        ["spec.tasks[0].map.product[1].name: x is already the name of product[0]"],
    ),
    "no lists": (
        spec(node("a", map={"over": 3}), node("b", map={"product": [{"name": "x", "over": "words"}]})),
        [
            "spec.tasks[0].map.over: must be a list, an object, or one expression in {{ }}, but it is 3",
            "spec.tasks[1].map.product[0].over: must be a list, an object, or one expression in {{ }}, "
            "but it is 'words'",
        ],
    ),
    "more than one expression": (
        spec(node("a", map={"over": "{{ params.x }} and more"}), params={"x": {"default": []}}),
        ['spec.tasks[0].map.over: "{{ params.x }} and more" must be one expression in {{ }} and nothing else'],
    ),
    "an expression that reads what is not there": (
        spec(
            node("a"),
            node("b", "a", map={"over": "{{ tasks.c.output[params.y] }}"}),
            node("c", map={"over": "{{ tasks.gone.output or tasks.a.output or tasks.c.output }}"}),
            node("d", map={"over": "{{ item }}"}),
        ),
        [
            'spec.tasks[1].map.over: "{{ tasks.c.output[params.y] }}" takes an item by a name that is not written out',
            "spec.tasks[2].map.over: reads the output of gone, which is no task",
            "spec.tasks[2].map.over: reads the output of a, which is not before c",
            "spec.tasks[2].map.over: reads the output of c, which is not before c",
            "spec.tasks[3].map.over: reads item, which only the mapping makes",
        ],
    ),
    "a group that does not wait for what it is mapped over": (
        spec(
            node("find"),
            node("a", "find", group="g"),
            node("b", group="g"),
            groups=[{"name": "g", "map": {"over": "{{ tasks.find.output or params.x }}"}}],
        ),
        [
            "spec.groups[0].map.over: reads the output of find, which is not before g",
            "spec.groups[0].map.over: reads params.x, which the Dag does not declare",
        ],
    ),
}


@pytest.mark.parametrize(("spec", "told"), GROUPS.values(), ids=GROUPS)
def test_groups_that_are_wrong(spec: Any, told: list[str]) -> None:
    """Every fault is told, with its path."""
    assert faults(spec) == told


@pytest.mark.parametrize(("spec", "told"), MAPS.values(), ids=MAPS)
def test_mappings_that_are_wrong(spec: Any, told: list[str]) -> None:
    """Every fault is told, with its path."""
    assert faults(spec) == told


def test_a_cycle_hides_what_is_before() -> None:
    """The cycle alone is told, not what follows from it."""
    tasks = [node("a", "b"), node("b", "a", map={"over": "{{ tasks.a.output }}"})]
    assert faults(spec(*tasks)) == ["spec.tasks: the tasks form a cycle: a -> b -> a"]


def test_groups_and_mappings_that_are_right() -> None:
    """There is nothing to say of them."""
    tasks = [
        node("find"),
        node("load", "find", group="each"),
        node("check", "load", group="each"),
        node("pairs", "each", map={"product": [{"name": "x", "over": "{{ tasks.load.output }}"}]}),
        node("empty", "nothing", group="outer"),
    ]
    groups = [
        {"name": "outer"},
        {"name": "each", "group": "outer", "map": {"over": "{{ tasks.find.output }}"}},
        {"name": "nothing"},
    ]
    assert faults(spec(*tasks, groups=groups)) == []


def test_groups_that_are_too_many_edges() -> None:
    """Two groups of 800 tasks after each other are refused at once, with the way out."""
    tasks = [node(f"{group}{n}", group=group) for group in "gh" for n in range(800)]
    told = faults(spec(*tasks, groups=[{"name": "g"}, {"name": "h", "dependsOn": ["g"]}]))
    assert told == [
        "spec.tasks: the tasks have more than 500,000 dependencies: put a noop between groups that are so large"
    ]


def test_a_plan_of_an_invalid_dag() -> None:
    """It is not handed out."""
    assert judge_spec(canonical_json(spec(node("a", group="h")))).plan is None
