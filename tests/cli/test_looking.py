"""`slipway why` and `slipway diff` as users call them: what is printed, and the exit code."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from controller.model.action import Kind
from tests.cli.calling import slipway
from tests.cli.standing_cluster import StandingCluster
from tests.scenarios.story import SPACE, Story, succeeds

Work = Callable[[StandingCluster, str], Awaitable[int]]


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Story:
    """A run at work in a cluster that the commands find."""
    told = Story({"a": succeeds(100)})
    told.dag("a >> b")
    told.trigger()
    asyncio.run(told.run(10))

    def answer(where: object, work: Work) -> int:
        return asyncio.run(_coroutine(work(StandingCluster(told, is_away=True), SPACE)))

    monkeypatch.setattr("controller.cli.why.exit_code", answer)
    monkeypatch.setattr("controller.cli.diff.exit_code", answer)
    return told


async def _coroutine(work: Awaitable[int]) -> int:
    return await work


def test_why(story: Story) -> None:
    """A table, or a list of objects."""
    code, out, err = slipway("why", "r", "b")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["TASK", "REASON", "OBJECT", "SINCE", "MESSAGE"]
    assert "b      TriggerRule   task/b   -" in out
    answer = json.loads(slipway("why", "r", "b", "-o", "json").out)
    assert answer[1] == {
        "task": "b",
        "reason": "Upstream",
        "object": "task/a",
        "since": "2026-01-01T00:00:00Z",
        "message": "Task a is running",
    }


def test_the_latest_run_of_a_dag(story: Story) -> None:
    """Stands for its name, wherever a run is asked for."""
    assert slipway("why", "d@latest", "b") == slipway("why", "r", "b")
    assert slipway("diff", "d@latest", "d@latest") == slipway("diff", "r", "r")
    assert slipway("why", "x@latest") == (1, "", "slipway: Dag x has no run in namespace team\n")


def test_why_of_nothing(story: Story) -> None:
    """Exit code 1 and one sentence; 2 for a format that there is not."""
    assert slipway("why", "x") == (1, "", "slipway: there is no run x in namespace team\n")
    assert slipway("why", "r", "-o", "xml").code == 2


def test_diff(story: Story) -> None:
    """Exit codes are diff's: 0 and nothing where nothing changed, 1 with the difference, 2 where nothing is there."""
    assert slipway("diff", "r") == (0, "", "")
    story.edit(Kind.DAG, "d", description="new")
    code, out, err = slipway("diff", "r")
    assert (code, err) == (1, "")
    assert "+description: new\n" in out
    assert slipway("diff", "x") == (2, "", "slipway: there is no run x in namespace team\n")
