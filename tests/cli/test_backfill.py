"""`slipway backfill create` and `list`: manifests, plans, tables."""

from typing import Any

import pytest

from controller.cli.new_backfill import Asked, create_backfill, list_backfills
from controller.errors import SlipwayError, Usage
from controller.model.action import Kind
from tests.cli.standing_cluster import StandingCluster
from tests.scenarios.story import SPACE, Story

FIELDS: dict[str, Any] = {
    "reprocess": "none",
    "gaps": False,
    "maxActiveRuns": 10,
    "runBackwards": False,
    "approved": True,
}


def asked(first: str = "2026-01-01", last: str = "2026-01-03T00:00:00Z", **more: Any) -> Asked:
    """Three days of January."""
    fields = {**FIELDS, **more.pop("fields", {})}
    given: dict[str, Any] = {"name": "b", "params": (), "dry_run": False, **more}
    return Asked("d", (first, last), given["name"], fields, given["params"], given["dry_run"])


def cluster(**dag: Any) -> StandingCluster:
    """A Dag that runs daily; it is January 20th of 2026, and for a dry run long after."""
    story = Story(start="2026-01-20 12:00")
    story.dag("a", **{"schedule": {"cron": "@daily"}, **dag})
    return StandingCluster(story)


async def test_create(capsys: pytest.CaptureFixture[str]) -> None:
    """It is made, and runs."""
    found = cluster(params={"n": {"type": "integer", "default": 1}})
    assert await create_backfill(found, SPACE, asked(params=("n=7",))) == 0
    assert capsys.readouterr().out == "backfill.slipway.dev/b created\n"
    await found.story.run(600)
    raw = found.story.get(Kind.BACKFILL, "b")
    assert (raw["status"]["state"], raw["status"]["done"]) == ("Success", "3/3")
    assert raw["metadata"]["labels"] == {"slipway.dev/dag": "d"}
    assert raw["metadata"]["annotations"]["slipway.dev/asked-backfill"].endswith(" system:serviceaccount:team:ada")
    assert found.story.run_status("d-20260102t000000")["params"] == '{"n":7}'


async def test_a_name_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Without one it is the Dag's, with the time."""
    await create_backfill(cluster(), SPACE, asked(name=None))
    assert capsys.readouterr().out.startswith("backfill.slipway.dev/d-20")


async def test_a_dry_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The plan is printed as the controller would make it, and nothing is created."""
    found = cluster()
    found.story.trigger("d-20260102t000000", logicalDate="2026-01-02T00:00:00Z")
    await found.story.run(10)
    assert await create_backfill(found, SPACE, asked(dry_run=True)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[1:4]] == [
        ["2026-01-01T00:00:00Z", "d-20260101t000000", "create"],
        ["2026-01-02T00:00:00Z", "d-20260102t000000", "exists"],
        ["2026-01-03T00:00:00Z", "d-20260103t000000", "create"],
    ]
    assert lines[4] == "3 slots: create 2, reprocess 0, exists 1, in flight 0"
    assert found.story.names(Kind.BACKFILL) == []


async def test_a_dry_run_of_many_slots(capsys: pytest.CaptureFixture[str]) -> None:
    """The first 50 are listed."""
    found = cluster(schedule={"every": "1m", "start": "2026-01-01T00:00:00Z"})
    await create_backfill(found, SPACE, asked(dry_run=True))
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), lines[-2]) == (53, "... and 2831 more")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"first": "2026-01-09", "dry_run": True}, "from 2026-01-09T00:00:00Z is later than to"),
        ({"fields": {"reprocess": "some"}, "dry_run": True}, "reprocess: Input should be"),
        ({"first": "yesterday"}, "--from-date: 'yesterday' is not a time"),
        ({"params": ("x",)}, "-p x: write NAME=VALUE"),
    ],
)
async def test_what_is_wrong(wrong: dict[str, Any], message: str) -> None:
    """One sentence."""
    with pytest.raises((SlipwayError, Usage), match=message):
        await create_backfill(cluster(), SPACE, asked(**wrong))


async def test_an_overlap() -> None:
    """A dry run sees it as well."""
    found = cluster(paused=True)
    await create_backfill(found, SPACE, asked())
    await found.story.run(10)
    with pytest.raises(SlipwayError, match="Backfill b of the same Dag has not ended"):
        await create_backfill(found, SPACE, asked(name="c", dry_run=True))


async def test_a_dag_that_is_not_there() -> None:
    """One sentence; an invalid Dag has one as well."""
    with pytest.raises(SlipwayError, match="there is no Dag d in namespace team"):
        await create_backfill(StandingCluster(Story()), SPACE, asked())
    broken = cluster(tasks={"a": {"dependsOn": ["x"]}})
    with pytest.raises(SlipwayError, match="is the Dag valid"):
        await create_backfill(broken, SPACE, asked(dry_run=True))


async def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each, with why it waits or ended so."""
    found = cluster()
    await create_backfill(found, SPACE, asked())
    await found.story.run(600)
    capsys.readouterr()
    assert await list_backfills(found, SPACE) == 0
    title, line = capsys.readouterr().out.splitlines()
    assert title.split() == ["NAME", "DAG", "STATE", "DONE", "FAILED", "FROM", "TO", "REASON"]
    assert line.split()[:5] == ["b", "d", "Success", "3/3", "0"]
    assert line.endswith("3 runs ended")
