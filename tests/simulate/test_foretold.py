"""Tasks without a Pod in `slipway simulate`: they end as told, hold no slot, and a wait really waits."""

from typing import Any

from controller.decide.validity import judge_spec
from controller.model.dag import canonical_json
from controller.simulate.recorder import Course
from controller.simulate.run import simulate_run
from controller.simulate.script import Script, Setting


async def simulated(tasks: list[dict[str, Any]], **scripts: Script) -> Course:
    """How a run of these tasks goes."""
    plan = judge_spec(canonical_json({"tasks": tasks, "concurrency": {"maxActiveTasks": 1}})).plan
    assert plan is not None
    return await simulate_run(Setting("d", plan, scripts))


KINDS: dict[str, Any] = {
    "http": {"httpSensor": {"url": "http://h/"}},
    "resource": {"resourceSensor": {"apiVersion": "v1", "resource": "pods", "name": "p", "expect": "true"}},
    "dag": {"dagSensor": {"dag": "x"}},
    "trigger": {"triggerDag": {"dag": "x"}},
    "approval": {"approval": {"message": "?"}},
}


async def test_all_succeed_by_default() -> None:
    """At the same time, as none of them holds a slot."""
    went = await simulated([{"name": name, **kind} for name, kind in KINDS.items()])
    assert {state.value for state in went.states.values()} == {"Success"}
    assert {moment.at for moment in went.timeline if moment.state == "Success"} == {1.0}


async def test_ends_that_are_told() -> None:
    """Failures of sensors and people are final; a triggerDag is tried again."""
    tasks = [{"name": name, "retries": 1, "retryDelay": "10s", **kind} for name, kind in KINDS.items()]
    failed_once = Script(("failed", "success"))
    went = await simulated(tasks, **{**dict.fromkeys(KINDS, failed_once), "http": Script(("skipped",), 5)})
    assert {name: state.value for name, state in went.states.items()} == {
        "http": "Skipped",
        "resource": "Failed",
        "dag": "Failed",
        "trigger": "Success",
        "approval": "Failed",
    }
    ends = {(moment.instance, moment.attempt): moment.at for moment in went.timeline if moment.state != "Deferred"}
    assert (ends["http", 1], ends["trigger", 1], ends["trigger", 2]) == (5.0, 1.0, 12.0)


async def test_a_wait() -> None:
    """It takes as long as it says, whatever was told of it."""
    went = await simulated([{"name": "a", "wait": {"for": "1h"}}], a=Script(("failed",)))
    assert [(moment.at, moment.state.value) for moment in went.timeline] == [(0.0, "Deferred"), (3600.0, "Success")]


async def test_an_answer_by_default() -> None:
    """Somebody says the first thing that is not no, so that a branch behind it can read it."""
    approval = {"approval": {"message": "?", "options": ["reject", "later", "now"]}}
    branch = {"cases": [{"when": "tasks.a.output.answer == 'later'", "follow": ["b"]}]}
    went = await simulated(
        [
            {"name": "a", **approval},
            {"name": "c", "branch": branch, "dependsOn": ["a"]},
            {"name": "b", "noop": {}, "dependsOn": ["c"]},
        ]
    )
    assert went.states["b"].value == "Success"
