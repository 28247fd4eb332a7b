"""Validity: what only the whole Dag can tell, as the whole list of sentences that the user reads."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decide.validity import judge_spec
from controller.model.dag import DagSpec, canonical_json
from controller.model.task import Task
from tests.decide.drawing import drawn_spec
from tests.decide.judged import TASK, faults, task

MEANINGS: dict[str, tuple[Any, list[str]]] = {
    "a name that stands twice": (
        {"tasks": [TASK, {"name": "b", "noop": {}}, TASK, TASK]},
        [
            "spec.tasks[2].name: a is already the name of tasks[0]",
            "spec.tasks[3].name: a is already the name of tasks[0]",
        ],
    ),
    "a dependency that is no task": (
        task(dependsOn=["b", "c"]),
        [
            "spec.tasks[0].dependsOn: task a depends on b, which is no task",
            "spec.tasks[0].dependsOn: task a depends on c, which is no task",
        ],
    ),
    "a cycle": (drawn_spec("c >> a >> b >> c; b >> d"), ["spec.tasks: the tasks form a cycle: a -> b -> c -> a"]),
    "a task before itself": (drawn_spec("a >> a"), ["spec.tasks: the tasks form a cycle: a -> a"]),
    "a cycle and a dependency": (
        drawn_spec("a >> b >> a", {"b": {"dependsOn": ["a", "gone"]}}),
        [
            "spec.tasks[1].dependsOn: task b depends on gone, which is no task",
            "spec.tasks: the tasks form a cycle: a -> b -> a",
        ],
    ),
    "no kind": (
        {"tasks": [{"name": "a"}]},
        ["spec.tasks[0]: task a needs one kind, such as script, python or noop: has none of them"],
    ),
    "two kinds": (
        task(script="x", noop={}),
        ["spec.tasks[0]: task a needs one kind, such as script, python or noop: has command and script and noop"],
    ),
    "args of a script": (
        {"tasks": [{"name": "a", "script": "x", "args": ["y"]}]},
        ["spec.tasks[0].args: task a has args, which go with command alone"],
    ),
    "a script of many bytes": (
        {"tasks": [{"name": "a", "script": "é" * 32_769}]},
        ["spec.tasks[0].script: is 65,538 bytes, more than 65,536: put it into an image"],
    ),
    "a variable of ours": (
        {**task(env=[{"name": "SLIPWAY_X"}]), "defaults": {"env": [{"name": "OK"}, {"name": "SLIPWAY_Y"}]}},
        [
            "spec.defaults.env[1]: SLIPWAY_Y: names that begin with SLIPWAY_ are set by Slipway",
            "spec.tasks[0].env[0]: SLIPWAY_X: names that begin with SLIPWAY_ are set by Slipway",
        ],
    ),
    "a variable of two values": (
        task(env=[{"name": "X", "value": "1", "valueFrom": {}}]),
        ["spec.tasks[0].env[0]: X has both value and valueFrom"],
    ),
    "a fragment with the task's command": (
        task(pod={"containers": [{"name": "side", "command": []}, {"name": "main", "command": [], "args": []}]}),
        [
            "spec.tasks[0].pod.containers[1].args: can't be set: container main is the task's",
            "spec.tasks[0].pod.containers[1].command: can't be set: container main is the task's",
        ],
    ),
    "a fragment whose containers are none": (
        {**task(pod={"containers": {"main": {}}}), "defaults": {"pod": {"containers": [3]}}},
        [
            "spec.defaults.pod.containers: is not a list of containers",
            "spec.tasks[0].pod.containers: is not a list of containers",
        ],
    ),
    "a template that is not allowed": (
        task(args=["x", "{{ 1 + 1 }}"]),
        ['spec.tasks[0].args[1]: "{{ 1 + 1 }}" uses add, which is not allowed here'],
    ),
    "a template that reads what is not there": (
        drawn_spec(
            "a >> b; c",
            {
                "a": {"args": ["{{ params.day }}{{ tasks.b.output }}"]},
                "b": {"env": [{"name": "X", "value": "{{ tasks.c.output.x }}{{ tasks.gone.output }}"}]},
                "c": {"args": ["{{ tasks.c.output }}"]},
            },
        ),
        [
            "spec.tasks[0].args[0]: reads params.day, which the Dag does not declare",
            "spec.tasks[0].args[0]: reads the output of b, which task a does not depend on",
            "spec.tasks[1].env.X: reads the output of c, which task b does not depend on",
            "spec.tasks[1].env.X: reads the output of gone, which is no task",
            "spec.tasks[2].args[0]: reads the output of c, which task c does not depend on",
        ],
    ),
    "a schedule of two kinds": (
        {**task(), "schedule": {"cron": "@daily", "every": "1h", "timezone": "Mars/Base"}},
        [
            "spec.schedule: needs one of cron, crons and every, or assets, or both: has cron and every",
            "spec.schedule.timezone: 'Mars/Base' is not an IANA time zone: write a name such as UTC or Europe/Zurich",
            "spec.schedule.every: needs start, from which it counts",
        ],
    ),
    "a schedule and params": (
        {**task(), "schedule": {"cron": "@daily"}, "params": {"x": {}, "y": {"type": "string", "default": 3}}},
        [
            "spec.params.x: needs a default, as scheduled runs give no params",
            "spec.params.y.default: is wrong: 3 is not of type 'string'",
        ],
    ),
    "several at once": (
        {"tasks": [TASK, TASK, {"name": "b", "dependsOn": ["gone"], "script": "x", "python": "y"}]},
        [
            "spec.tasks[1].name: a is already the name of tasks[0]",
            "spec.tasks[2].dependsOn: task b depends on gone, which is no task",
            "spec.tasks[2]: task b needs one kind, such as script, python or noop: has script and python",
        ],
    ),
}


@pytest.mark.parametrize(("spec", "told"), MEANINGS.values(), ids=MEANINGS)
def test_a_meaning_that_is_wrong(spec: Any, told: list[str]) -> None:
    """Every fault is told, with its path."""
    assert faults(spec) == told


def test_a_valid_dag() -> None:
    """There is nothing to say, and a plan."""
    judgement = judge_spec(canonical_json(drawn_spec("a >> [b, c] >> d")))
    assert judgement.faults == ()
    assert judgement.plan is not None
    assert judgement.plan.graph.order == ("a", "b", "c", "d")


def test_a_template_that_reads_from_far_above() -> None:
    """Any task before will do, not just the ones directly before."""
    spec = drawn_spec("a >> b >> c", {"c": {"args": ["{{ tasks.a.output }}"]}})
    assert faults(spec) == []


def test_ten_thousand_tasks_that_read_outputs() -> None:
    """A Dag of any size is judged in a few seconds of CPU."""
    tasks = [
        {"name": f"t{n}", "command": ["x"], **({"dependsOn": [f"t{n - 1}"], "args": ["{{tasks.t0}}"]} if n else {})}
        for n in range(3000)
    ]
    began = time.process_time()
    assert faults({"tasks": tasks}) == []
    assert time.process_time() - began < 3


# ---- it never raises -----------------------------------------------------------------------------------------------

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_TEMPLATES = st.sampled_from(["{{ params.a }}", "{{ tasks.a.output }}", "{{", "{{ 1 ** 9 }}", "$(X)", "\ud800"])


def _names(model: type[DagSpec] | type[Task]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


_VALUES = (
    _JSON
    | _TEMPLATES
    | st.sampled_from(["1h", "@daily", "0 0 31 2 *", "UTC", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00"])
    | st.fixed_dictionaries(
        {}, optional={name: _JSON for name in ("cron", "every", "start", "timezone", "name", "value")}
    )
    | st.fixed_dictionaries({"containers": _JSON})
)
_TASKS = st.dictionaries(st.sampled_from(_names(Task)), _VALUES, max_size=5).map(lambda fields: {**TASK, **fields})
_SPECS = st.dictionaries(st.sampled_from(_names(DagSpec)), _VALUES, max_size=4).flatmap(
    lambda fields: st.lists(_TASKS | _JSON, max_size=3).map(lambda tasks: {"tasks": tasks, **fields})
)


@settings(max_examples=150, deadline=None)
@given(_SPECS | _JSON)
def test_any_json(spec: Any) -> None:
    """It is a plan or faults, each with a path and a sentence; nothing is raised."""
    judgement = judge_spec(canonical_json(spec))
    assert (judgement.plan is None) is bool(judgement.faults)
    for fault in judgement.faults:
        assert fault.path.startswith("spec")
        assert fault.message
        json.dumps(str(fault))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "b"]),
        st.dictionaries(
            st.text(max_size=8) | st.sampled_from(["type", "default", "$ref", "pattern", "enum", "items", "minimum"]),
            _VALUES,
            max_size=4,
        ),
    )
)
def test_any_params(params: Any) -> None:
    """A declaration of any form is judged; nothing is raised and nothing is fetched."""
    assert faults({**task(), "params": params}) is not None
