"""Validity: branches, setups, teardowns, fail fast and what kinds without a Pod read, as the user is told of it."""

from typing import Any

import pytest

from tests.decide.judged import faults
from tests.decide.test_validity_groups import node, spec


def branch(*follow: str, otherwise: tuple[str, ...] = (), when: str = "true") -> dict[str, Any]:
    """A branch of one case."""
    return {"branch": {"cases": [{"when": when, "follow": list(follow)}], "otherwise": list(otherwise)}}


def stop(when: str) -> dict[str, Any]:
    """A short circuit."""
    return {"shortCircuit": {"when": when}}


PICKS: dict[str, tuple[Any, list[str]]] = {
    "names that are not after the branch": (
        spec(
            node("pick", **branch("a", "far", "gone", "g", "h", otherwise=("pick", "a"))),
            node("a", "pick"),
            node("far", "a"),
            node("in", "pick", group="g"),
            node("out", group="h"),
            groups=[{"name": "g"}, {"name": "h"}],
        ),
        [
            "spec.tasks[0].branch.cases[0].follow: far is not directly after the branch pick",
            "spec.tasks[0].branch.cases[0].follow: gone is not directly after the branch pick",
            "spec.tasks[0].branch.cases[0].follow: h is not directly after the branch pick",
            "spec.tasks[0].branch.otherwise: pick is not directly after the branch pick",
        ],
    ),
    "a choice that leaves its mapped group": (
        spec(
            node("pick", group="g", **branch("a")),
            node("go", group="g", **stop("true")),
            node("a", "pick", group="g"),
            node("b", "pick", "go"),
            groups=[{"name": "g", "map": {"over": [1]}}],
        ),
        [
            "spec.tasks[0].branch: task pick chooses for each element of the mapped group g, but b after it is not in "
            "that group",
            "spec.tasks[1].shortCircuit: task go chooses for each element of the mapped group g, but b after it is not "
            "in that group",
        ],
    ),
    "expressions that can't be": (
        spec(
            node("a", **stop("1 +")),
            node("b", **stop("item > 1")),
            node("c", **stop("params.x && tasks.a.output && tasks.gone.output && params.y == 'tasks.b'")),
            node("d", **stop("tasks[params.y].output")),
            node("e", **branch(when='"a" in tasks')),
            params={"y": {"default": "a"}},
        ),
        [
            "spec.tasks[0].shortCircuit.when: '1 +' is not CEL: <input>:1:4: Syntax error: mismatched input '<EOF>' "
            "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, "
            "BYTES, IDENTIFIER}",
            "spec.tasks[1].shortCircuit.when: expression 'item > 1' uses item; known are dag, params, run, tasks",
            "spec.tasks[2].shortCircuit.when: reads params.x, which the Dag does not declare",
            "spec.tasks[2].shortCircuit.when: reads the output of a, which task c does not depend on",
            "spec.tasks[2].shortCircuit.when: reads the output of gone, which is no task",
            "spec.tasks[3].shortCircuit.when: expression 'tasks[params.y].output' must name each task that it reads, "
            'as tasks.a or tasks["a-b"]',
            "spec.tasks[4].branch.cases[0].when: expression '\"a\" in tasks' must name each task that it reads, "
            'as tasks.a or tasks["a-b"]',
        ],
    ),
    "roles that can't be": (
        spec(
            node("a", failsRun=True),
            node("s", role="setup", failsRun=True),
            node("t", role="teardown", failsRun=True),
            node("u", "s", role="teardown", failsRun=True),
        ),
        [
            "spec.tasks[0].failsRun: goes with role teardown alone: a is a task that works",
            "spec.tasks[1].failsRun: goes with role teardown alone: s is a setup",
            "spec.tasks[2]: the teardown t needs dependsOn, with the setups that it clears up after",
        ],
    ),
    "setups without end": (
        spec(*(node(f"s{n}", role="setup") for n in range(501))),
        ["spec.tasks: has 501 setups and teardowns, more than 500"],
    ),
    "rules of a Dag that fails fast": (
        spec(
            node("s", role="setup"),
            node("a", "s", triggerRule="all_done"),
            node("t", "s", role="teardown"),
            failFast=True,
        ),
        ["spec.tasks[1].triggerRule: is all_done, but with failFast every rule must be all_success"],
    ),
    "a rule from defaults of a Dag that fails fast": (
        spec(node("a"), failFast=True, defaults={"triggerRule": "always"}),
        ["spec.tasks[0].triggerRule: is always, but with failFast every rule must be all_success"],
    ),
}

READS: dict[str, tuple[Any, list[str]]] = {
    "a wait for nothing, and for two things": (
        spec({"name": "a", "wait": {}}, {"name": "b", "wait": {"for": "1m", "until": "2026-01-01T00:00:00Z"}}),
        [
            "spec.tasks[0].wait: needs exactly one of for and until: has neither",
            "spec.tasks[1].wait: needs exactly one of for and until: has both",
        ],
    ),
    "headers that are not the Dag's": (
        spec(
            {"name": "a", "httpSensor": {"url": "http://a.b", "headers": {"X-Mine": "1", "hOst": "c.d", "TE": "gzip"}}}
        ),
        [
            "spec.tasks[0].httpSensor.headers: TE can't be set: it follows from the URL",
            "spec.tasks[0].httpSensor.headers: hOst can't be set: it follows from the URL",
        ],
    ),
    "texts of kinds without a Pod": (
        spec(
            {"name": "a", "wait": {"until": "{{ params.a }}"}},
            {"name": "b", "httpSensor": {"url": "{{ params.b }}", "expect": "status == 1 && params.x"}},
            {
                "name": "c",
                "resourceSensor": {
                    "apiVersion": "v1",
                    "resource": "pods",
                    "name": "{{ params.c }}",
                    "expect": "object.x && status",
                },
            },
            {
                "name": "d",
                "triggerDag": {
                    "dag": "x",
                    "params": {"p": {"q": ["{{ params.d }}", 3]}, "r": "{{ 1 + 1 }}"},
                    "logicalDate": "{{ params.e }}",
                },
            },
            {"name": "e", "approval": {"message": "{{ params.f }}"}},
        ),
        [
            "spec.tasks[0].wait.until: reads params.a, which the Dag does not declare",
            "spec.tasks[1].httpSensor.url: reads params.b, which the Dag does not declare",
            "spec.tasks[1].httpSensor.expect: reads params.x, which the Dag does not declare",
            "spec.tasks[2].resourceSensor.name: reads params.c, which the Dag does not declare",
            "spec.tasks[2].resourceSensor.expect: expression 'object.x && status' uses status; "
            "known are dag, object, params, run",
            "spec.tasks[3].triggerDag.logicalDate: reads params.e, which the Dag does not declare",
            "spec.tasks[3].triggerDag.params.p.q[0]: reads params.d, which the Dag does not declare",
            'spec.tasks[3].triggerDag.params.r: "{{ 1 + 1 }}" uses add, which is not allowed here',
            "spec.tasks[4].approval.message: reads params.f, which the Dag does not declare",
        ],
    ),
    "an element where there is none": (
        spec(
            {"name": "a", "command": ["x"], "args": ["{{ item }}"]},
            {"name": "b", "command": ["x"], "args": ["{{ item.x }}"], "map": {"over": [1]}},
        ),
        ["spec.tasks[0].args[0]: reads item, but task a is not mapped"],
    ),
}


@pytest.mark.parametrize(("spec", "told"), PICKS.values(), ids=PICKS)
def test_choices_that_are_wrong(spec: Any, told: list[str]) -> None:
    """Every fault is told, with its path."""
    assert faults(spec) == told


@pytest.mark.parametrize(("spec", "told"), READS.values(), ids=READS)
def test_readings_that_are_wrong(spec: Any, told: list[str]) -> None:
    """Every fault is told, with its path."""
    assert faults(spec) == told


def test_choices_that_are_right() -> None:
    """There is nothing to say of them."""
    tasks = [
        node("count", script="true"),
        node("pick", "count", **branch("g", otherwise=("b",), when="tasks.count.output.rows > 1 && params.day != ''")),
        node("a", "pick", group="g"),
        node("b", "pick"),
        node("first", "b", group="each", **stop('item.n > 1 && has(tasks["count"].output)')),
        node("then", "first", group="each"),
    ]
    groups = [{"name": "g"}, {"name": "each", "map": {"over": [{"n": 1}]}}]
    assert faults(spec(*tasks, groups=groups, params={"day": {"default": "x"}})) == []
