"""Random Dags with groups, mappings, choices, setups and teardowns, and tasks that depend on the run before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cel  # noqa: F401 its first import draws random numbers, which a strategy must not
from hypothesis import strategies as st

import controller.decide.templates  # noqa: F401 likewise
from controller.decide.validity import judge_spec
from controller.model.action import Kind
from controller.model.dag import canonical_json
from controller.model.task import TriggerRule
from controller.simulate.kubelet import Work
from tests.properties.graphs import ENDS, WORKS
from tests.scenarios.story import Story

RUNS = ("p", "r")
_OUTPUTS = ("", "[]", "[1, 2]", '{"x": [1], "y": 2}')
Fields = dict[str, Any]


@dataclass(frozen=True)
class Feature:
    """A Dag, how the attempts of its tasks end, and the limits that it meets."""

    spec: Fields
    works: Mapping[str, tuple[Work, ...]]
    parallelism: int
    order: tuple[int, ...] = field(default=())
    """The places of the tasks in the manifest."""

    def story(self) -> Story:
        """The Dag and two runs of it, before anything has happened."""
        story = Story(self.works, parallelism=self.parallelism)
        tasks = [self.spec["tasks"][place] for place in self.order] if self.order else self.spec["tasks"]
        story.apply(Kind.DAG, "d", {**self.spec, "tasks": tasks})
        for number, name in enumerate(RUNS, 1):
            story.trigger(name, logicalDate=f"2026-01-0{number}T00:00:00Z")
        return story

    @property
    def is_timeless(self) -> bool:
        """Whether its end does not hang on which of two tasks ended first, by a rule, a choice or a setup."""
        chooses = any(task.keys() & {"branch", "shortCircuit"} or "role" in task for task in self.spec["tasks"])
        plan = judge_spec(canonical_json(self.spec)).plan
        assert plan is not None
        torn = any(
            task.trigger_rule is TriggerRule.ALL_SUCCESS and len(plan.graph.upstream[name]) > 1
            for name, task in plan.tasks.items()
        )
        many = any(task.trigger_rule is TriggerRule.ALL_SUCCESS and plan.mapped for task in plan.tasks.values())
        return not (chooses or torn or many or self.spec["failFast"])


@st.composite
def features(draw: st.DrawFn, *, past: bool = True) -> Feature:
    """Any small Dag of this kind; with `past`, some of its tasks depend on the run before."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 8)))]
    start, end = sorted((draw(st.integers(0, len(names))), draw(st.integers(0, len(names)))))
    inner = draw(st.integers(start, end))
    fails_fast = draw(st.integers(0, 7)) == 0
    tasks = []
    for place, name in enumerate(names):
        before = [*names[:place], *(["g"] if place >= end > start else []), *(["h"] if place >= end > inner else [])]
        upstream = sorted(draw(st.lists(st.sampled_from(before), unique=True, max_size=3))) if before else []
        group = {"group": "h"} if inner <= place < end else {"group": "g"} if start <= place < inner else {}
        task = {"name": name, **group, **({"dependsOn": upstream} if upstream else {})}
        tasks.append({**task, **_settings(draw, fails_fast=fails_fast, past=past)})
    groups: list[Fields] = [
        {"name": "g", **_after(draw, names[:start])},
        {"name": "h", "group": "g", **_after(draw, names[:inner])},
    ]
    mapped = draw(st.sampled_from([None, None, "g", "h"]))
    for each in groups:
        if each["name"] == mapped:
            each["map"] = {"over": draw(st.sampled_from([[], [1], [1, 2, 3]])), "window": draw(st.integers(1, 3))}
    spec: Fields = {"failFast": fails_fast, "groups": groups, "tasks": tasks}
    spec["concurrency"] = {"maxActiveTasks": draw(st.integers(1, 4))}
    _give_kinds(draw, spec)
    return Feature(spec, {name: _works(draw) for name in names}, draw(st.integers(1, 5)))


def _after(draw: st.DrawFn, before: Sequence[str]) -> Fields:
    upstream = draw(st.lists(st.sampled_from(before), unique=True, max_size=1)) if before else []
    return {"dependsOn": upstream} if upstream else {}


def _settings(draw: st.DrawFn, *, fails_fast: bool, past: bool) -> Fields:
    rules = st.sampled_from([rule.value for rule in TriggerRule])
    found: Fields = {} if fails_fast else {"triggerRule": draw(st.just("all_success") | rules)}
    found |= {"retries": draw(st.integers(0, 1)), "retryDelay": "3s"}
    if past and draw(st.integers(0, 4)) == 0:
        flags = ("waitForDownstream", "ignoreFirstDependsOnPast", "waitForPastBeforeSkipping")
        found |= {"dependsOnPast": True, **{flag: draw(st.booleans()) for flag in flags}}
    return found


def _works(draw: st.DrawFn) -> tuple[Work, ...]:
    ends = draw(st.lists(st.sampled_from(ENDS), min_size=1, max_size=2))
    seconds, output = draw(st.integers(1, 4)), draw(st.sampled_from(_OUTPUTS))
    return tuple(Work(seconds, WORKS[end].exit_code, output=output, pod_reason=WORKS[end].pod_reason) for end in ends)


def _give_kinds(draw: st.DrawFn, spec: Fields) -> None:
    """Let tasks run something, choose, be mapped, set up or clear up; what would not be valid runs a script."""
    for task in spec["tasks"]:
        task["script"] = "true"
    for task in spec["tasks"]:
        kind = draw(st.sampled_from(["script", "script", "noop", "branch", "stop", "map", "setup", "teardown"]))
        before = dict(task)
        task |= _fields(draw, kind, task, spec)
        if kind in {"noop", "branch", "stop"}:
            del task["script"]
        if judge_spec(canonical_json(spec)).faults:
            task.clear()
            task |= before


def _fields(draw: st.DrawFn, kind: str, task: Fields, spec: Fields) -> Fields:
    plan = judge_spec(canonical_json(spec)).plan
    assert plan is not None
    upstream = plan.graph.upstream[task["name"]]
    when = st.sampled_from(["true", "false", *(f"size(tasks.{name}.output) > 1" for name in upstream)])
    match kind:
        case "noop":
            return {"noop": {}}
        case "branch":
            follow = st.lists(st.sampled_from([*plan.graph.downstream[task["name"]], "t7"]), unique=True, max_size=2)
            return {"branch": {"cases": [{"when": draw(when), "follow": draw(follow)}], "otherwise": draw(follow)}}
        case "stop":
            return {"shortCircuit": {"when": draw(when), "skipAll": draw(st.booleans())}}
        case "map":
            over = st.sampled_from([[], [1], [1, 2, 3], *(f"{{{{ tasks.{name}.output }}}}" for name in upstream)])
            return {"map": {"over": draw(over), "window": draw(st.integers(1, 3))}}
        case "setup":
            return {"role": "setup"}
        case "teardown":
            return {"role": "teardown", "failsRun": draw(st.booleans())}
        case _:
            return {}
