"""Advance: mapped tasks and groups in single looks, where a whole story would hide what each look does."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from controller.decide.advance import Advance, advance
from controller.decide.advance.expand import MOST_ELEMENTS, work_out
from controller.decide.advance.scene import Scene
from controller.decide.run import decide_run
from controller.model.action import CreateTaskRun, DirectTask
from controller.model.dagrun import DagRun, Settled
from controller.model.instance import task_and_index
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.standing import Look
from controller.model.states import TaskState
from controller.model.taskrun import TaskRun, Verdict
from tests.decide.drawing import drawn_plan, drawn_spec, states
from tests.decide.objects import NOW, run_snapshot, running, standing, task_run, written

WINDOWED = {"m": {"map": {"over": [0, 1, 2, 3], "window": 2}}}


def looked(plan: Plan, now: str = "", changed: str | None = None, **status: Any) -> Advance:
    """One look at a run whose instances stand so."""
    spec = drawn_spec("a")
    made = {}
    for instance, state in states(now).items():
        task, index = task_and_index(instance)
        place = {} if index is None else {"index": index, "item": json.dumps(index)}
        made[instance] = task_run(task, {"state": state}, place)
    run = running(spec, status)
    marked = None if changed is None else frozenset(changed.split())
    return advance(seen(spec, run, made, changed=marked), plan, None)


def seen(spec: dict[str, Any], run: DagRun, made: Mapping[str, TaskRun], **more: Any) -> RunSnapshot:
    """The run with these TaskRuns."""
    return replace(run_snapshot(spec, run, **more), task_runs=made, standing=standing(run, made))


def begun(went: Advance) -> str:
    """What starts."""
    return " ".join(start.instance for start in went.starts)


def test_the_first_look() -> None:
    """As many elements begin as the window lets through, each with its item."""
    went = looked(drawn_plan("m >> z", WINDOWED))
    assert [(start.instance, start.item) for start in went.starts] == [("m[0]", "0"), ("m[1]", "1")]
    assert (went.expansions, went.total, went.counts) == ({"m": 4}, 5, {"Active": 2})


def test_an_element_that_ended() -> None:
    """It lets the next one in, also where one before it was taken back."""
    plan = drawn_plan("m >> z", WINDOWED)
    assert begun(looked(plan, "m[0]:Success m[1]:Running", "m[0]", expansions={"m": 4})) == "m[2]"
    assert begun(looked(plan, "m[1]:Running m[2]:Success", "m[2]", expansions={"m": 4})) == "m[0]"


def test_all_elements_have_begun() -> None:
    """Nothing is left to do for them."""
    went = looked(drawn_plan("m", {"m": {"map": {"over": [0, 1]}}}), "m[0]:Running m[1]:Running", expansions={"m": 2})
    assert begun(went) == ""


def test_an_upstream_that_fails_later() -> None:
    """What was cleared and then failed ends the elements that have not begun, whatever the window."""
    went = looked(drawn_plan("a >> m", WINDOWED), "a:Failed m[0]:Success", expansions={"m": 4})
    assert went.settled == {f"m[{index}]": TaskState.UPSTREAM_FAILED for index in (1, 2, 3)}


def test_a_wait_before_the_next_element() -> None:
    """An upstream task that was cleared holds the others back."""
    went = looked(drawn_plan("a >> m", WINDOWED), "a:Running m[0]:Success", expansions={"m": 4})
    assert (begun(went), went.settled) == ("", {})


def test_a_join_of_many_tasks_and_a_mapped_one() -> None:
    """Every element counts, the one that has not begun too."""
    names = [f"t{number}" for number in range(10)]
    plan = drawn_plan(f"[{', '.join(names)}, m] >> z", {"m": {"map": {"over": [0, 1]}}})
    others = " ".join(f"{name}:Success" for name in names)
    assert begun(looked(plan, f"{others} m[0]:Success m[1]:Running", expansions={"m": 2})) == ""
    assert begun(looked(plan, f"{others} m[0]:Success m[1]:Success", expansions={"m": 2})) == "z"


def scene_of(mapping: dict[str, Any]) -> Scene:
    """A look at task m, mapped so."""
    spec = drawn_spec("a")
    snapshot = run_snapshot(spec, running(spec, {"params": '{"n": 3, "list": [1]}'}))
    plan = drawn_plan("m", {"m": {"map": mapping}}, params={"n": {}, "list": {}})
    return Scene(snapshot, plan, Look(snapshot.standing))


@pytest.mark.parametrize(
    ("mapping", "ends_as", "why"),
    [
        ({"over": [0] * (MOST_ELEMENTS + 1)}, "Failed", "it has 100,001 elements, more than 100,000"),
        (
            {"product": [{"name": name, "over": [0] * 400} for name in "xy"]},
            "Failed",
            "there are 160,000 combinations, more than 100,000",
        ),
        (
            {"over": "{{ params.n | length }}"},
            "Failed",
            "\"{{ params.n | length }}\" can't be worked out: object of type 'int' has no len()",
        ),
        ({"over": "{{ params.list.gone.more }}"}, "UpstreamFailed", None),
    ],
)
def test_elements_that_can_not_be_used(mapping: dict[str, Any], ends_as: str, why: str | None) -> None:
    """The reason names the mapping and what is wrong with it."""
    found = work_out(scene_of(mapping), "m")
    assert found.ends_as == ends_as
    assert why is None or found.reason == f"The mapping of m can't be worked out: {why}"
    assert found.reason.startswith("The mapping of m ")


def test_an_output_of_a_task_without_a_taskrun() -> None:
    """There is none: a task that was skipped has no value."""
    plan = drawn_plan("a >> m", {"m": {"triggerRule": "all_done", "map": {"over": "{{ tasks.a.output }}"}}})
    went = looked(plan, settled=Settled(skipped=("a",)).dump())
    assert went.settled == {"m": TaskState.UPSTREAM_FAILED}


def test_an_element_that_begins_anew() -> None:
    """A TaskRun that was cleared is told to run, with its element as it is now; one that is there is made no more."""
    spec = drawn_spec("m", {"m": {"map": {"over": ["new"]}}})
    held = task_run("m", {"state": "Scheduled"}, {"index": 0, "item": '"old"', "verdict": "Hold"})
    decision = decide_run(seen(spec, running(spec, {"expansions": {"m": 1}}), {"m[0]": held}), NOW)
    assert [action for action in decision.actions if isinstance(action, CreateTaskRun)] == []
    told = [action for action in decision.actions if isinstance(action, DirectTask)]
    assert [(each.verdict, each.item) for each in told] == [(Verdict.RUN, '"new"')]


def test_a_run_that_nothing_moves() -> None:
    """Were there ever a task that no rule decides on, its run would fail and say so, not wait for ever."""
    spec = drawn_spec("a >> b", {"b": {"triggerRule": "all_skipped"}})
    decision = decide_run(seen(spec, running(spec), {"a": task_run("a", {"state": "Removed"})}), NOW)
    assert (written(decision)["state"], written(decision)["reason"]) == ("Failed", "Deadlocked")
