"""Groups and scopes: what names of groups stand for, and how far setups, teardowns and choices reach."""

from typing import Any

from controller.model.dag import DagSpec
from controller.model.groups import MOST_AROUND
from controller.model.plan import Plan, build_plan
from controller.model.scopes import MOST_ROLES


def plan(*tasks: dict[str, Any], groups: Any = (), **spec: Any) -> Plan:
    """The plan of these tasks, which do nothing unless they say else."""
    kinds = {"branch", "shortCircuit"}
    written = [{**({} if kinds & task.keys() else {"noop": {}}), **task} for task in tasks]
    return build_plan(DagSpec.model_validate({"tasks": written, "groups": groups, **spec}))


def node(name: str, *after: str, **fields: Any) -> dict[str, Any]:
    """A task after these."""
    return {"name": name, "dependsOn": list(after), **fields}


def test_the_ends_of_groups() -> None:
    """A group stands for its last tasks; of teardowns at its end, the work before them counts, once."""
    found = plan(
        node("w", group="g"),
        node("v", "w", group="h"),
        node("t", "v", group="g", role="teardown"),
        node("u", "v", group="g", role="teardown"),
        node("z", "g"),
        node("y", "h", "empty", "gone"),
        groups=[{"name": "g"}, {"name": "h", "group": "g"}, {"name": "empty"}],
    )
    assert found.graph.upstream["z"] == ("v",)
    assert found.graph.upstream["y"] == ("v",)
    assert found.grouping.members == {"g": ("w", "v", "t", "u"), "h": ("v",), "empty": ()}
    assert found.named(["h", "w", "gone", "w"]) == ("v", "w")


def test_groups_around_themselves() -> None:
    """They count once, and those that are too far out not at all."""
    assert plan(node("a", group="g"), groups=[{"name": "g", "group": "g"}]).grouping.chain == {"a": ("g",)}
    deep = [{"name": f"g{n}", "group": f"g{n + 1}"} for n in range(40)]
    assert len(plan(node("a", group="g0"), groups=deep).grouping.chain["a"]) == MOST_AROUND


def test_the_reach_of_a_setup() -> None:
    """It ends at its teardown; teardowns themselves, and what is directly behind it, are the rules' business."""
    found = plan(
        node("s", role="setup"),
        node("o", role="setup"),
        node("a", "s"),
        node("u", "a", "o", role="teardown"),
        node("b", "u"),
        node("t", "s", "b", role="teardown"),
        node("c", "t"),
    ).scopes
    assert found.direct_setups == {"a": ("s",), "u": ("o",), "t": ("s",)}
    assert found.setups == {"b": ("s",)}
    assert found.between == {"u": (), "t": ("a", "u", "b")}
    assert found.reach == {"s": ("b",), "a": ("t",), "u": ("t",)}


def test_a_setup_that_nothing_tears_down() -> None:
    """It reaches everything behind it."""
    found = plan(node("s", role="setup"), node("a", "s"), node("b", "a"), node("c", "b")).scopes
    assert found.setups == {"b": ("s",), "c": ("s",)}


def test_more_setups_than_may_be() -> None:
    """The Dag is refused, so their reach is not worked out."""
    found = plan(
        *(node(f"s{n}", role="setup") for n in range(MOST_ROLES)), node("a", "s0"), node("t", "a", role="teardown")
    )
    assert (found.scopes.setups, found.scopes.between) == ({}, {})


def test_what_choices_reach() -> None:
    """A branch reaches what is directly behind it, a short circuit everything, or the same; no teardown is reached."""
    branch = {"branch": {"cases": [{"when": "true", "follow": ["a"]}]}}
    found = plan(
        node("p", **branch),
        node("q", shortCircuit={"when": "true"}),
        node("r", shortCircuit={"when": "true", "skipAll": False}),
        node("a", "p", "q", "r"),
        node("t", "p", "r", role="teardown"),
    )
    assert found.scopes.skippers == {"a": ("p", "r")}
    assert found.scopes.stoppers == 1 << found.graph.rank["q"]


def test_a_mapping_reaches_from_afar() -> None:
    """What is mapped hangs on the tasks whose names stand in its lists."""
    found = plan(
        node("find"),
        node("x", "find"),
        node("m", "x", map={"over": "{{ tasks.find.output or tasks.x.output }}"}),
        node("n", "x", map={"product": [{"name": "k", "over": "{{ tasks.find.output }}"}]}),
        node("o", "x", map={"over": ["find"]}),
    )
    assert found.scopes.reach == {"find": ("m", "n")}


def test_leaves() -> None:
    """A run is judged by the last tasks that count: teardowns do where they may fail it."""
    found = plan(
        node("a"),
        node("t", "a", role="teardown"),
        node("b"),
        node("u", "b", role="teardown", failsRun=True),
    )
    assert found.leaves() == ("a", "u")
    assert found.counting() == ("a", "b", "u")
