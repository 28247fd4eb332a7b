"""Tasks that ask people: one Approval for an attempt, one answer, and nothing left open afterwards."""

import json
from typing import Any

import pytest

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import Raw
from tests.scenarios.asking import clear
from tests.scenarios.story import SPACE, Story, succeeds


def asks(**fields: Any) -> Story:
    """A run whose task a asks, before b runs."""
    story = Story({"b": succeeds()})
    message = "Publish {{ dag.name }}?"
    story.dag("a >> b", tasks={"a": {"approval": {"message": message, **fields}, "retries": 2}})
    story.trigger()
    return story


def approval(story: Story, attempt: int = 1) -> Raw:
    """The question."""
    return story.get(Kind.APPROVAL, f"r-a-{attempt}")


def say(story: Story, answer: str, **more: Any) -> None:
    """Answer the first question."""
    story.edit(Kind.APPROVAL, "r-a-1", answer=answer, **more)


async def test_a_question() -> None:
    """It is asked in an Approval that belongs to the TaskRun."""
    story = asks(timeout="2h", default="reject")
    await story.run(60)
    raw = approval(story)
    assert raw["spec"] == {
        "dagRef": {"name": "d"},
        "dagRunRef": {"name": "r"},
        "taskRunRef": {"name": "r-a"},
        "task": "a",
        "try": 1,
        "message": "Publish d?",
        "options": ["approve", "reject"],
        "default": "reject",
        "expiresAt": "2026-01-01T02:00:00Z",
    }
    assert raw["metadata"]["labels"]["slipway.dev/try"] == "1"
    assert raw["metadata"]["ownerReferences"][0]["name"] == "r-a"
    assert story.status("a")["waitingFor"][0]["message"] == "Approval r-a-1 waits for one of approve, reject"


async def test_a_yes() -> None:
    """The run goes on, and the answer is the output."""
    story = asks()
    await story.run(3600)
    say(story, "approve", by="Ada")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert json.loads(story.status("a")["output"]) == {"answer": "approve", "by": "Ada"}
    status = approval(story)["status"]
    assert (status["state"], status["message"]) == ("Answered", "The task ended as Success: Ada answered approve")


async def test_a_no() -> None:
    """The task fails for good, and says who said what."""
    story = asks()
    await story.run(3600)
    say(story, "reject", by="Ada", comment="the numbers are odd")
    await story.run()
    status = story.status("a")
    assert (status["state"], status["reason"], len(status["attempts"])) == ("Failed", "Rejected", 1)
    assert status["message"] == "Ada answered reject: the numbers are odd"
    assert story.states()["b"] == "UpstreamFailed"
    assert approval(story)["status"]["state"] == "Answered"


async def test_an_answer_of_ones_own() -> None:
    """Any option but reject lets the run go on; nobody need say who they are."""
    story = asks(options=["green", "blue", "reject"])
    await story.run(10)
    say(story, "blue")
    await story.run()
    assert json.loads(story.status("a")["output"]) == {"answer": "blue", "by": None}


async def test_an_answer_that_is_no_option() -> None:
    """It does not count, should the API server ever let it through."""
    story = asks()
    await story.run(10)
    say(story, "maybe")
    await story.run(60)
    assert story.status("a")["state"] == "Deferred"
    say(story, "approve")
    await story.run()
    assert story.states()["run"] == "Success"


@pytest.mark.parametrize(
    ("fields", "state", "reason", "output"),
    [
        ({}, "Failed", "ApprovalTimeout", None),
        ({"default": "approve"}, "Success", "Default", {"answer": "approve", "by": None}),
        ({"default": "reject"}, "Failed", "Rejected", {"answer": "reject", "by": None}),
    ],
)
async def test_nobody_answers(fields: dict[str, str], state: str, reason: str, output: Any) -> None:
    """The default counts, or the task fails; the question is closed."""
    story = asks(timeout="1h", **fields)
    await story.run()
    status = story.status("a")
    assert (status["state"], status["reason"]) == (state, reason)
    assert json.loads(status.get("output", "null")) == output
    assert "Nobody answered within 1h" in status["message"]
    assert approval(story)["status"]["state"] == "Closed"


async def test_a_restart_and_a_question_that_somebody_deleted() -> None:
    """The same question is asked again, under the same name, and time goes on."""
    story = asks(timeout="1h")
    await story.run(600)
    story.delete(Kind.APPROVAL, "r-a-1")
    await story.run(1)
    story.world.restart()
    await story.run(1)
    assert approval(story)["spec"]["expiresAt"] == "2026-01-01T01:00:00Z"
    say(story, "approve")
    await story.run()
    assert story.states()["run"] == "Success"


async def test_an_answer_while_the_controller_is_away() -> None:
    """It is taken when the controller is back."""
    story = asks()
    await story.run(600)
    story.world.controller.session.kill()
    say(story, "approve")
    story.world.restart()
    await story.run()
    assert story.states()["run"] == "Success"


async def test_a_run_that_is_cancelled() -> None:
    """The question is closed, as an answer would change nothing."""
    story = asks()
    await story.run(600)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "Skipped"}
    assert approval(story)["status"]["state"] == "Closed"


async def test_a_question_that_is_cleared() -> None:
    """The old one is closed and a new one asked."""
    story = asks()
    await story.run(600)
    clear(story, "a")
    await story.run(600)
    assert approval(story)["status"]["state"] == "Closed"
    assert approval(story, 2)["status"]["state"] == "Open"
    story.edit(Kind.APPROVAL, "r-a-2", answer="approve")
    await story.run()
    assert story.states()["run"] == "Success"


async def test_a_run_that_is_deleted() -> None:
    """Its questions go with it."""
    story = asks()
    await story.run(600)
    story.delete(Kind.DAG_RUN, "r")
    await story.run()
    assert story.cluster.find(Kind.APPROVAL, Key(SPACE, "r-a-1")) is None


async def test_a_name_that_is_taken() -> None:
    """Somebody else's object is never taken for the question; it is told as an Event of the TaskRun."""
    story = Story()
    reference = {"name": "x"}
    story.apply(
        Kind.APPROVAL,
        "r-a-1",
        {
            "dagRef": reference, "dagRunRef": reference, "taskRunRef": reference, "task": "x", "try": 1,
            "message": "?", "options": ["approve"], "answer": "approve",
        },
    )  # fmt: skip
    story.dag("a", tasks={"a": {"approval": {"message": "?"}}})
    story.trigger()
    await story.run(60)
    assert story.status("a")["state"] == "Deferred"
    assert ("r-a", "NameTaken") in story.told()
