"""Effective weights, by hand and against the plain definition."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decide.priority import priorities
from controller.model.dag import DagSpec
from controller.model.graph import reachable
from controller.model.plan import Plan, build_plan
from tests.decide.drawing import drawn_plan

WIDEST = 2**31 - 1


def weighed(drawing: str, rule: str = "downstream", **weights: int) -> dict[str, int]:
    """The weights of a Dag whose tasks weigh 1, or as said, all by one rule."""
    tasks = {name: {"priorityWeight": weight} for name, weight in weights.items()}
    return priorities(drawn_plan(drawing, tasks, defaults={"weightRule": rule}))


@pytest.mark.parametrize(
    ("drawing", "rule", "expected"),
    [
        ("a >> b >> c", "downstream", {"a": 3, "b": 2, "c": 1}),
        ("a >> b >> c", "upstream", {"a": 1, "b": 2, "c": 3}),
        ("a >> b >> c", "absolute", {"a": 1, "b": 1, "c": 1}),
        ("a >> [b, c] >> d", "downstream", {"a": 4, "b": 2, "c": 2, "d": 1}),
        ("a >> [b, c] >> d", "upstream", {"a": 1, "b": 2, "c": 2, "d": 4}),
        ("a >> [b, c] >> d; a >> d", "downstream", {"a": 4, "b": 2, "c": 2, "d": 1}),
        ("a; b", "downstream", {"a": 1, "b": 1}),
    ],
)
def test_a_drawing(drawing: str, rule: str, expected: dict[str, int]) -> None:
    """A task weighs as much as all that it reaches together, each counted once."""
    assert weighed(drawing, rule) == expected


def test_weights_of_all_kinds() -> None:
    """Own weights add up, negative ones and zero included."""
    assert weighed("a >> b >> c", a=10, b=-3, c=0) == {"a": 7, "b": -3, "c": 0}


def test_a_weight_beyond_int32() -> None:
    """Each own weight is cut before summing; the sum is not."""
    assert weighed("a >> b", a=2**40, b=2**62) == {"a": 2 * WIDEST, "b": WIDEST}
    assert weighed("a >> b", a=-(2**40), b=-(2**31)) == {"a": -(2**32), "b": -(2**31)}


def test_a_rule_for_each_task() -> None:
    """A task's rule is its own; it does not pass on to its neighbours."""
    rules = {"a": {"weightRule": "absolute"}, "c": {"weightRule": "upstream"}}
    assert priorities(drawn_plan("a >> b >> c", rules)) == {"a": 1, "b": 2, "c": 3}


def test_the_order_of_the_answer() -> None:
    """It is the order of writing."""
    assert list(weighed("c; a; b; a >> b >> c")) == ["c", "a", "b"]


def chain(count: int) -> Plan:
    """Tasks in a row, each of another weight."""
    tasks = [
        {"name": f"t{n}", "noop": {}, "priorityWeight": n, **({"dependsOn": [f"t{n - 1}"]} if n else {})}
        for n in range(count)
    ]
    return build_plan(DagSpec.model_validate({"tasks": tasks}))


def test_ten_thousand_tasks_of_as_many_weights() -> None:
    """The answer takes seconds of CPU at most; work that grows with the square would take minutes."""
    plan = chain(10_000)
    began = time.process_time()
    weights = priorities(plan)
    assert time.process_time() - began < 5
    assert weights["t0"] == sum(range(10_000))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Small graphs with weights near every edge of int32."""
    count = draw(st.integers(1, 8))
    tasks = [
        {
            "name": f"t{number}",
            "noop": {},
            "dependsOn": sorted(draw(st.sets(st.sampled_from([f"t{before}" for before in range(number)]))))
            if number
            else [],
            "priorityWeight": draw(st.sampled_from([0, 1, -1, 7, WIDEST, -WIDEST - 1, 2**40, -(2**40)])),
            "weightRule": draw(st.sampled_from(["downstream", "upstream", "absolute"])),
        }
        for number in range(count)
    ]
    return build_plan(DagSpec.model_validate({"tasks": tasks}))


@settings(deadline=None)
@given(plans())
def test_any_graph(plan: Plan) -> None:
    """The weights are what the definition says, task by task."""
    own = {name: max(-WIDEST - 1, min(WIDEST, task.weight)) for name, task in plan.tasks.items()}
    around = {
        "downstream": lambda name: reachable(name, plan.graph.downstream),
        "upstream": lambda name: reachable(name, plan.graph.upstream),
        "absolute": lambda name: frozenset[str](),
    }
    assert priorities(plan) == {
        name: own[name] + sum(own[other] for other in around[task.weight_rule.value](name))
        for name, task in plan.tasks.items()
    }
