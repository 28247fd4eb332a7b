"""clear, mark, pause, cancel and their kin: what is printed, the exit code, and what it comes to."""

from typing import Any

import pytest

from controller.cli.ask_run import Wish, ask
from controller.cli.clear import Asked, ask_runs
from controller.cli.steer import Change, steer
from controller.errors import SlipwayError, Usage
from controller.model.action import Kind
from controller.model.metadata import Key
from tests.cli.calling import slipway
from tests.cli.standing_cluster import StandingCluster
from tests.scenarios.story import SPACE, Story, fails, succeeds

RUN = Key(SPACE, "r")


def wish(verb: str = "clear", *, dry_run: bool = False, **fields: Any) -> Wish:
    """Something asked of the run; the answer is awaited for a moment."""
    return Wish(RUN, verb, fields, {"clear": "cleared", "mark": "marked"}[verb], dry_run, 1.0)


async def ended(**works: Any) -> StandingCluster:
    """A cluster with a run of a >> b that has ended."""
    story = Story(works)
    story.dag("a >> b")
    story.trigger()
    await story.run()
    return StandingCluster(story)


@pytest.fixture(name="out")
def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """What was printed since the last look."""
    return lambda: capsys.readouterr().out.splitlines()


async def test_a_clear(out: Any) -> None:
    """It prints what kubectl would, what was done, and the tasks; who asked is who the API server knows."""
    cluster = await ended(a=[fails(), succeeds()])
    assert await ask(cluster, wish(tasks=["a"], downstream=True)) == 0
    assert out() == ["dagrun.slipway.dev/r cleared", "  Clear 2 tasks", "  a", "  b"]
    await cluster.story.run()
    assert cluster.story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert cluster.story.run_status()["requests"][0]["by"] == "system:serviceaccount:team:ada"


async def test_a_dry_run(out: Any) -> None:
    """It prints what would be done."""
    cluster = await ended(a=fails())
    assert await ask(cluster, wish(onlyFailed=True, dry_run=True)) == 0
    assert out() == ["dagrun.slipway.dev/r cleared (dry run)", "  Would clear 2 tasks", "  a", "  b"]
    assert cluster.story.states()["run"] == "Failed"


async def test_nothing_to_do(out: Any) -> None:
    """Exit code 3."""
    cluster = await ended()
    assert await ask(cluster, wish(onlyFailed=True)) == 3
    assert out()[0] == "dagrun.slipway.dev/r unchanged"
    assert await ask(cluster, wish("mark", state="success", tasks=["a"])) == 3


async def test_a_mark_of_the_run(out: Any) -> None:
    """It touches no task, and yet something changes."""
    cluster = await ended()
    assert await ask(cluster, wish("mark", state="failed")) == 0
    assert out() == ["dagrun.slipway.dev/r marked", "  The run was marked failed"]


async def test_a_request_that_makes_no_sense(capsys: pytest.CaptureFixture[str]) -> None:
    """The controller's sentence, and exit code 1."""
    cluster = await ended()
    assert await ask(cluster, wish(tasks=["x"])) == 1
    assert capsys.readouterr().err == "slipway: The run has no task x\n"


async def test_a_cancelled_run(out: Any) -> None:
    """A clear takes spec.cancel away in the same patch."""
    story = Story({"a": [succeeds(100), succeeds(1)]})
    story.dag("a")
    story.trigger()
    await story.run(10)
    cluster = StandingCluster(story)
    assert await steer(cluster, Change(Kind.DAG_RUN, RUN, "cancel", "graceful", "cancelled")) == 0
    await story.run()
    assert await ask(cluster, wish()) == 0
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert "cancel" not in story.get(Kind.DAG_RUN, "r")["spec"]


async def test_a_controller_that_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    """After a while the command says so; a second one is not written over the first."""
    cluster = StandingCluster((await ended()).story, is_away=True)
    assert await ask(cluster, wish()) == 1
    assert "has not answered within 1 s" in capsys.readouterr().err
    with pytest.raises(SlipwayError, match="an earlier request to run r is not answered yet"):
        await ask(cluster, wish())


async def test_a_run_that_is_not_there() -> None:
    """One sentence."""
    story = Story()
    with pytest.raises(SlipwayError, match="there is no run r in namespace team"):
        await ask(StandingCluster(story), wish())
    with pytest.raises(SlipwayError, match="there is no Dag r in namespace team"):
        await steer(StandingCluster(story), Change(Kind.DAG, RUN, "paused", True, "paused"))


async def test_a_run_that_changes_meanwhile() -> None:
    """The request is written to the run as it is; one that never rests is given up."""
    cluster = await ended()
    story = cluster.story
    numbers = iter(range(100))
    cluster.before_write = lambda verb, kind: story.edit(Kind.DAG_RUN, "r", note=str(next(numbers)))
    with pytest.raises(SlipwayError, match="run r changes all the time"):
        await ask(cluster, wish())


async def test_nobody_to_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal a clear needs --yes."""
    cluster = await ended()
    monkeypatch.setattr("sys.stdin", Answering("", is_terminal=False))
    with pytest.raises(Usage, match="--yes"):
        await ask_runs(cluster, SPACE, Asked("r", {}))


@pytest.mark.parametrize(("said", "code", "pods"), [("y\n", 0, 4), ("\n", 3, 2)])
async def test_a_question(monkeypatch: pytest.MonkeyPatch, said: str, code: int, pods: int) -> None:
    """The tasks are listed first; only a yes clears them."""
    cluster = await ended()
    monkeypatch.setattr("sys.stdin", Answering(said, is_terminal=True))
    assert await ask_runs(cluster, SPACE, Asked("r", {})) == code
    await cluster.story.run()
    assert len(cluster.story.pods) == pods


async def test_nothing_to_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is refused asks nothing."""
    monkeypatch.setattr("sys.stdin", Answering("", is_terminal=True))
    assert await ask_runs(await ended(), SPACE, Asked("r", {"tasks": ["x"]})) == 1


async def test_pause_and_resume(out: Any) -> None:
    """The field changes; where it is so already, nothing does, and the exit code is 3."""
    cluster = await ended()
    pause = Change(Kind.DAG, Key(SPACE, "d"), "paused", True, "paused")
    assert [await steer(cluster, pause), await steer(cluster, pause)] == [0, 3]
    (signature,) = cluster.story.get(Kind.DAG, "d")["metadata"]["annotations"].items()
    assert signature[0] == "slipway.dev/asked-pause"
    assert signature[1].endswith(" system:serviceaccount:team:ada")
    assert out() == ["dag.slipway.dev/d paused", "dag.slipway.dev/d unchanged"]
    resume = Change(Kind.DAG, Key(SPACE, "d"), "paused", False, "resumed")
    assert [await steer(cluster, resume), await steer(cluster, resume)] == [0, 3]


async def test_a_run_that_has_ended(out: Any) -> None:
    """It can't be cancelled any more."""
    cluster = await ended()
    assert await steer(cluster, Change(Kind.DAG_RUN, RUN, "cancel", "force", "cancelled")) == 3
    assert out() == ["dagrun.slipway.dev/r unchanged"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("mark", "r", "a", "done"), "slipway: done is not a state: the last word is success, failed or skipped\n"),
        (("pause",), "slipway: name either a Dag or, with --run, a run\n"),
        (("resume", "d", "--run", "r"), "slipway: name either a Dag or, with --run, a run\n"),
    ],
)
def test_a_command_line_that_is_wrong(words: tuple[str, ...], told: str) -> None:
    """One line, and exit code 2."""
    answer = slipway(*words)
    assert (answer.code, answer.err) == (2, told)


@pytest.mark.parametrize(
    "words",
    [
        *(("clear", "r", "-y"), ("mark", "r", "success"), ("rerun", "r", "-y"), ("retry", "r", "--dry-run")),
        *(("pause", "d"), ("resume", "--run", "r"), ("cancel", "r", "--force"), ("backfill", "approve", "b")),
        *(("backfill", "pause", "b"), ("backfill", "resume", "b"), ("backfill", "cancel", "b"), ("backfill", "list")),
        ("backfill", "create", "d", "--from-date", "2026-01-01", "--to-date", "2026-01-02"),
    ],
)
def test_no_cluster(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Exit code 5."""
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    answer = slipway(*words)
    assert (answer.code, answer.err.startswith("slipway: no cluster is configured")) == (5, True)


class Answering:
    """Standard input with somebody at it, or nobody."""

    def __init__(self, line: str, *, is_terminal: bool) -> None:
        self._line = line
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """Whether somebody is there."""
        return self._is_terminal

    def readline(self) -> str:
        """What they say."""
        return self._line
