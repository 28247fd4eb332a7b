"""`slipway approvals`, `approve` and `reject`: what is printed, and what the tasks make of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from controller.cli.answering import Asked, give_answer, show_approvals
from controller.errors import SlipwayError, Usage
from controller.model.action import Kind
from tests.cli.calling import slipway
from tests.cli.standing_cluster import StandingCluster
from tests.scenarios.story import SPACE, Story, succeeds

Work = Callable[[StandingCluster, str], Awaitable[int]]


async def asking(**fields: Any) -> StandingCluster:
    """A run whose task a asks, before b runs."""
    story = Story({"b": succeeds()})
    story.dag("a >> b", tasks={"a": {"approval": {"message": "Publish\nit?", **fields}}})
    story.trigger()
    await story.run(60)
    return StandingCluster(story)


def yes(name: str = "r-a-1", task: str | None = None, answer: str | None = None, comment: str | None = None) -> Asked:
    """A yes, or this answer."""
    return Asked(name, task, answer, comment)


async def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Questions that wait; with --all also those that are answered, with who answered."""
    cluster = await asking()
    assert await show_approvals(cluster, SPACE, "table", every=False) == 0
    title, line = capsys.readouterr().out.splitlines()
    assert title.split() == ["NAME", "RUN", "TASK", "STATE", "OPTIONS", "ANSWER", "BY", "MESSAGE"]
    assert line.split() == ["r-a-1", "r", "a", "Open", "approve,reject", "Publish", "it?"]
    await give_answer(cluster, SPACE, yes())
    await cluster.story.run()
    capsys.readouterr()
    await show_approvals(cluster, SPACE, "json", every=False)
    assert json.loads(capsys.readouterr().out) == []
    await show_approvals(cluster, SPACE, "table", every=True)
    assert "Answered   approve,reject   approve   system:serviceaccount:team:ada" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "task"), [("r-a-1", None), ("r", "a"), ("d@latest", "a")])
async def test_a_yes(capsys: pytest.CaptureFixture[str], name: str, task: str | None) -> None:
    """The run goes on; who answered is who the API server knows. The question is named, or its run and task."""
    cluster = await asking()
    assert await give_answer(cluster, SPACE, yes(name, task, comment="fine")) == 0
    assert capsys.readouterr().out == "approval.slipway.dev/r-a-1 answered approve\n"
    spec = cluster.story.get(Kind.APPROVAL, "r-a-1")["spec"]
    assert (spec["by"], spec["comment"]) == ("system:serviceaccount:team:ada", "fine")
    await cluster.story.run()
    assert cluster.story.states() == {"run": "Success", "a": "Success", "b": "Success"}


async def test_an_answer_of_its_own() -> None:
    """With options of its own a yes is the one besides reject; of several one must be named."""
    one = await asking(options=["publish", "reject"])
    assert await give_answer(one, SPACE, yes()) == 0
    assert one.story.get(Kind.APPROVAL, "r-a-1")["spec"]["answer"] == "publish"
    several = await asking(options=["publish", "hold", "reject"])
    with pytest.raises(Usage, match="--answer: the options are publish, hold, reject"):
        await give_answer(several, SPACE, yes())
    with pytest.raises(Usage, match="perhaps is not an answer to it"):
        await give_answer(several, SPACE, yes(answer="perhaps"))
    assert await give_answer(several, SPACE, yes(answer="hold")) == 0
    assert several.story.get(Kind.APPROVAL, "r-a-1")["spec"]["answer"] == "hold"


async def test_a_second_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """The same changes nothing, exit code 3; another one is refused."""
    cluster = await asking()
    assert [await give_answer(cluster, SPACE, yes()), await give_answer(cluster, SPACE, yes())] == [0, 3]
    assert capsys.readouterr().out.endswith("approval.slipway.dev/r-a-1 unchanged\n")
    with pytest.raises(SlipwayError, match="ada has answered approve to r-a-1 already"):
        await give_answer(cluster, SPACE, yes(answer="reject"))


async def test_an_answer_that_comes_too_late() -> None:
    """The task has ended without one."""
    cluster = await asking(timeout="5m")
    await cluster.story.run()
    with pytest.raises(SlipwayError, match="has ended without an answer"):
        await give_answer(cluster, SPACE, yes())
    with pytest.raises(SlipwayError, match="task a of run r asks nothing now"):
        await give_answer(cluster, SPACE, yes("r", "a"))


async def test_a_question_that_is_not_there() -> None:
    """One sentence, with the way on."""
    with pytest.raises(SlipwayError, match="there is no approval x in namespace team: `slipway approvals` lists them"):
        await give_answer(await asking(), SPACE, yes("x"))


async def test_a_mapped_task_that_asks() -> None:
    """Its instances ask for themselves: one must be named."""
    story = Story()
    story.dag("a", tasks={"a": {"approval": {"message": "Go?"}, "map": {"over": [1, 2]}}})
    story.trigger()
    await story.run(60)
    cluster = StandingCluster(story)
    with pytest.raises(Usage, match="asks more than once, so name one: r-a-0-1, r-a-1-1"):
        await give_answer(cluster, SPACE, yes("r", "a"))
    assert await give_answer(cluster, SPACE, yes("r", "a[1]")) == 0
    assert story.get(Kind.APPROVAL, "r-a-1-1")["spec"]["answer"] == "approve"


def test_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words and options reach the answer: `reject` fails the task."""
    cluster = asyncio.run(asking())

    def answer(where: object, work: Work) -> int:
        async def done() -> int:
            return await work(cluster, SPACE)

        return asyncio.run(done())

    monkeypatch.setattr("controller.cli.connect.exit_code", answer)
    assert "r-a-1" in slipway("approvals").out
    assert slipway("approvals", "-o", "xml").code == 2
    assert slipway("approve", "r", "a", "--answer", "maybe").code == 2
    code, out, _ = slipway("reject", "r", "a", "--comment", "Not today")
    assert (code, out) == (0, "approval.slipway.dev/r-a-1 answered reject\n")
    assert slipway("approve", "r-a-1").code == 1
    asyncio.run(cluster.story.run())
    assert cluster.story.states()["a"] == "Failed"
