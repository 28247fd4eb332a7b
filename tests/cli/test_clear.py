"""`slipway clear --past --future` and `DAG@latest`: which runs are asked, and what is printed of each."""

from typing import Any

import pytest

from controller.cli.clear import Asked, ask_runs
from controller.cli.latest import run_named
from controller.errors import SlipwayError, Usage
from controller.model.action import Kind
from tests.cli.standing_cluster import StandingCluster
from tests.scenarios.story import SPACE, Story, fails, succeeds


@pytest.fixture
async def cluster() -> StandingCluster:
    """Three runs about three days, the last of which was created first, and one of another Dag; all have ended."""
    story = Story({"a": [fails(), succeeds()]})
    story.dag("a >> b")
    story.dag("a", name="other")
    for day in (3, 1, 2):
        story.trigger(f"d-{day}", logicalDate=f"2026-01-0{day}T00:00:00Z")
        await story.run(30)
    story.trigger("o", dag="other", logicalDate="2026-01-01T00:00:00Z")
    await story.run()
    return StandingCluster(story)


def asked(run: str = "d-2", **more: Any) -> Asked:
    """A clear of task a, confirmed."""
    return Asked(run, {"tasks": ["a"]}, **{"yes": True, **more})


def requested(cluster: StandingCluster) -> set[str]:
    """The runs that a request stands in."""
    raws = cluster.story.cluster.all_of(Kind.DAG_RUN)
    return {raw["metadata"]["name"] for raw in raws if "request" in raw["spec"]}


async def test_a_logical_date_in_another_zone(cluster: StandingCluster) -> None:
    """It counts as the instant that it is: this one looks later than that of the second day, and lies before it."""
    cluster.story.trigger("d-far", logicalDate="2026-01-02T08:00:00+12:00")
    await cluster.story.run()
    assert await ask_runs(cluster, SPACE, asked("d-2", future=True)) == 0
    assert requested(cluster) == {"d-2", "d-3"}
    assert await ask_runs(cluster, SPACE, asked("d-far", past=True)) == 0
    assert requested(cluster) == {"d-1", "d-2", "d-3", "d-far"}


@pytest.mark.parametrize(
    ("which", "runs"),
    [
        ({}, {"d-2"}),
        ({"past": True}, {"d-1", "d-2"}),
        ({"future": True}, {"d-2", "d-3"}),
        ({"past": True, "future": True}, {"d-1", "d-2", "d-3"}),
    ],
)
async def test_which_runs_are_cleared(
    cluster: StandingCluster, capsys: pytest.CaptureFixture[str], which: dict[str, Any], runs: set[str]
) -> None:
    """Earlier and later by what they are about, of the same Dag alone; each is told of."""
    assert await ask_runs(cluster, SPACE, asked(**which)) == 0
    assert requested(cluster) == runs
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("dagrun")] == [
        f"dagrun.slipway.dev/{name} cleared" for name in sorted(runs)
    ]
    await cluster.story.run()
    states = {name: cluster.story.status("a", name)["state"] for name in ("d-1", "d-2", "d-3")}
    assert states == {name: "Success" if name in runs else "Failed" for name in states}


async def test_a_dry_run_shows_all(cluster: StandingCluster, capsys: pytest.CaptureFixture[str]) -> None:
    """And starts nothing."""
    pods = len(cluster.story.pods)
    assert await ask_runs(cluster, SPACE, asked(past=True, future=True, dry_run=True)) == 0
    out = capsys.readouterr().out
    assert out.count("cleared (dry run)\n  Would clear 1 task") == 3
    await cluster.story.run()
    assert len(cluster.story.pods) == pods


async def test_one_run_that_can_not_be_asked(cluster: StandingCluster, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are asked all the same, and the exit code says that something went wrong."""
    cluster.story.edit(Kind.DAG_RUN, "d-1", request={"id": "odd", "clear": {}})
    away = StandingCluster(cluster.story, is_away=True)
    assert await ask_runs(away, SPACE, asked(past=True, dry_run=True)) == 1
    assert "an earlier request to run d-1 is not answered yet" in capsys.readouterr().err
    assert requested(cluster) == {"d-1", "d-2"}


async def test_the_latest_run(cluster: StandingCluster) -> None:
    """Is the one that was created last, whatever it is about; a plain name stays as it is."""
    assert await run_named(cluster, SPACE, "d@latest") == "d-2"
    assert await run_named(cluster, SPACE, "other@latest") == "o"
    assert await run_named(cluster, SPACE, "anything") == "anything"
    assert await ask_runs(cluster, SPACE, asked("d@latest", past=True)) == 0
    assert requested(cluster) == {"d-1", "d-2"}


async def test_no_latest_run(cluster: StandingCluster) -> None:
    """One sentence for a Dag without a run, for no Dag, and for a run that is not there."""
    with pytest.raises(SlipwayError, match="Dag x has no run in namespace team"):
        await run_named(cluster, SPACE, "x@latest")
    with pytest.raises(Usage, match="Write DAG@latest"):
        await run_named(cluster, SPACE, "@latest")
    with pytest.raises(SlipwayError, match="there is no run x in namespace team"):
        await ask_runs(cluster, SPACE, asked("x", past=True))


async def test_which_runs_are_marked(cluster: StandingCluster, capsys: pytest.CaptureFixture[str]) -> None:
    """The same runs as are cleared, and each is told of."""
    fields = {"tasks": ["a"], "state": "success"}
    wish = Asked("d-2", fields, past=True, yes=True, verb="mark", done="marked success")
    assert await ask_runs(cluster, SPACE, wish) == 0
    assert requested(cluster) == {"d-1", "d-2"}
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("dagrun")] == [
        f"dagrun.slipway.dev/{name} marked success" for name in ("d-1", "d-2")
    ]
    await cluster.story.run()
    assert [cluster.story.status("a", name)["state"] for name in ("d-1", "d-2", "d-3")] == ["Success"] * 2 + ["Failed"]
