"""Tasks that make runs of other Dags: made once, waited for, and never the parent's own."""

import json
from typing import Any

import pytest

from controller.model.action import Kind
from controller.simulate.cluster import Raw
from tests.scenarios.asking import clear
from tests.scenarios.story import Story, fails, succeeds


def parent(story: Story, **fields: Any) -> None:
    """Dag d, whose task a makes a run of Dag child; `task` has more fields of the task."""
    task = fields.pop("task", {})
    story.dag("a", tasks={"a": {"triggerDag": {"dag": "child", **fields}, **task}})


def child(story: Story, **spec: Any) -> None:
    """Dag child, of one task c."""
    story.dag("c", name="child", **spec)


def children(story: Story) -> list[Raw]:
    """The runs of Dag child."""
    return [raw for raw in story.cluster.all_of(Kind.DAG_RUN) if raw["spec"]["dagRef"]["name"] == "child"]


async def test_a_run_that_is_waited_for() -> None:
    """It is made once, about the same time, told whose it is, and its end is the task's."""
    story = Story({"c": succeeds(100)})
    child(story, params={"n": {"type": "integer"}, "who": {"type": "string"}, "deep": {}})
    story.dag(
        "a",
        tasks={
            "a": {
                "triggerDag": {
                    "dag": "child",
                    "params": {
                        "n": "{{ params.n }}",
                        "who": "the {{ dag.name }}",
                        "deep": [{"x": "{{ params.n }}"}, 1],
                    },
                }
            }
        },
        params={"n": {"type": "integer", "default": 3}},
    )
    story.trigger(logicalDate="2026-01-01T00:00:00Z")
    await story.run(50)
    (run,) = children(story)
    assert run["metadata"]["name"].startswith("r-a-1-")
    assert run["metadata"]["ownerReferences"][0]["name"] == "child"
    assert run["spec"] == {
        "dagRef": {"name": "child"},
        "runType": "operator_triggered",
        "logicalDate": "2026-01-01T00:00:00Z",
        "params": {"n": 3, "who": "the d", "deep": [{"x": 3}, 1]},
        "note": "Made by task a of run r",
        "paused": False,
    }
    waiting = story.status("a")["waitingFor"][0]
    assert (story.status("a")["state"], waiting["reason"]) == ("Deferred", "Run")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert json.loads(story.status("a")["output"]) == {"run": run["metadata"]["name"], "state": "Success"}
    assert story.took() == pytest.approx(100, abs=5)


async def test_a_run_that_is_not_waited_for() -> None:
    """The task ends when the run is there, and says its name."""
    story = Story({"c": fails()})
    child(story)
    parent(story, wait=False, logicalDate="2026-02-01T00:00:00Z")
    story.trigger()
    await story.run()
    (run,) = children(story)
    assert (run["status"]["state"], run["spec"]["logicalDate"]) == ("Failed", "2026-02-01T00:00:00Z")
    assert story.states() == {"run": "Success", "a": "Success"}
    assert json.loads(story.status("a")["output"]) == {"run": run["metadata"]["name"]}


async def test_a_run_that_fails_and_is_tried_again() -> None:
    """Each retry makes a run of its own."""
    story = Story({"c": fails()})
    child(story)
    parent(story, task={"retries": 1, "retryDelay": "10s"})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert len(children(story)) == 2
    status = story.status("a")
    assert [each["reason"] for each in status["attempts"]] == ["RunFailed", "RunFailed"]
    assert status["message"].startswith("Run r-a-2-")
    assert story.failures("a") == (2, 0, 0)


@pytest.mark.parametrize(
    ("when", "number"), [(when, number) for when in ("before", "after") for number in range(1, 12)]
)
async def test_a_crash_at_any_write(when: str, number: int) -> None:
    """However often the controller dies on the way, there is one run."""
    story = Story({"c": succeeds(10)})
    child(story)
    parent(story)
    story.trigger()
    story.world.controller.session.kill_at = (when, number)
    await story.run()
    story.world.restart()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert len(children(story)) == 1


async def test_a_dag_that_comes_a_moment_later() -> None:
    """The task waits a little for a Dag that does not exist yet."""
    story = Story()
    parent(story)
    story.trigger()
    await story.run(10)
    assert story.status("a")["waitingFor"][0]["message"] == "Dag child does not exist"
    child(story)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}


@pytest.mark.parametrize(
    ("tasks", "reason", "message"),
    [
        (None, "DagMissing", "Dag child does not exist"),
        ([{"name": "c"}], "DagNotReady", "Dag child is not valid: see its condition Ready"),
    ],
)
async def test_a_dag_that_can_not_run(tasks: Any, reason: str, message: str) -> None:
    """The failure says so."""
    story = Story()
    if tasks is not None:
        story.apply(Kind.DAG, "child", {"tasks": tasks})
    parent(story)
    story.trigger()
    await story.run()
    status = story.status("a")
    assert (status["state"], status["reason"], status["message"]) == ("Failed", reason, message)


async def test_params_that_the_dag_does_not_take() -> None:
    """No run is made, and the task fails for good with the sentence that says which."""
    story = Story()
    child(story, params={"n": {"type": "integer", "maximum": 5}})
    parent(story, params={"n": 7}, task={"retries": 2})
    story.trigger()
    await story.run()
    status = story.status("a")
    assert (status["reason"], len(status["attempts"]), children(story)) == ("ParamsInvalid", 1, [])
    assert status["message"] == (
        "Dag child does not take the params: param n is wrong: 7 is greater than the maximum of 5"
    )


async def test_a_parent_that_is_cancelled() -> None:
    """The run goes on: it is the other Dag's."""
    story = Story({"c": succeeds(100)})
    child(story)
    parent(story)
    story.trigger()
    await story.run(20)
    story.edit(Kind.DAG_RUN, "r", cancel="force")
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert [run["status"]["state"] for run in children(story)] == ["Success"]


async def test_a_run_that_is_cancelled() -> None:
    """That is a failure of the task."""
    story = Story({"c": succeeds(100)})
    child(story)
    parent(story)
    story.trigger()
    await story.run(20)
    story.edit(Kind.DAG_RUN, children(story)[0]["metadata"]["name"], cancel="force")
    await story.run()
    assert story.status("a")["reason"] == "RunFailed"
    assert story.status("a")["message"].endswith("failed: The run was cancelled by force")


async def test_a_run_that_is_deleted() -> None:
    """It is not made a second time by the same attempt."""
    story = Story({"c": succeeds(100)})
    child(story)
    parent(story)
    story.trigger()
    await story.run(20)
    story.delete(Kind.DAG_RUN, children(story)[0]["metadata"]["name"])
    await story.run()
    assert story.status("a")["reason"] == "RunDeleted"
    assert children(story) == []


async def test_a_parent_that_is_deleted_and_made_anew() -> None:
    """The new TaskRun of the old name makes a run of its own, though the old one's is still there."""
    story = Story()
    child(story)
    parent(story)
    story.trigger()
    await story.run()
    story.delete(Kind.DAG_RUN, "r")
    await story.run()
    story.trigger()
    await story.run()
    assert len(children(story)) == 2


async def test_a_trigger_that_is_cleared() -> None:
    """It makes another run; the first one stays."""
    story = Story()
    child(story)
    parent(story)
    story.trigger()
    await story.run()
    clear(story, "a")
    await story.run()
    assert len(children(story)) == 2
    assert story.states() == {"run": "Success", "a": "Success"}
