"""Backfills: planned, then run a few at a time."""

import pytest

from controller.model.action import Kind
from tests.scenarios.filling import DAILY, backfill, begun, runs, scheduled, state, status
from tests.scenarios.story import Story, fails, succeeds


async def test_three_days() -> None:
    """Planned, run in order, done: names, types and labels are what the schedule's own runs would have."""
    story = scheduled()
    backfill(story, 3, 5)
    await story.run(60)
    assert state(story) == ("Success", "Completed", "3/3")
    assert runs(story) == {"03": "Success", "04": "Success", "05": "Success"}
    raw = story.get(Kind.DAG_RUN, "d-20260104t000000")
    assert raw["metadata"]["labels"] == {"slipway.dev/dag": "d", "slipway.dev/backfill": "b"}
    assert (raw["spec"]["runType"], raw["spec"]["runId"]) == ("backfill", "backfill__2026-01-04T00:00:00+00:00")
    assert status(story)["plan"]["total"] == 3
    kinds = {each["type"]: each["status"] for each in status(story)["conditions"]}
    assert kinds == {"Succeeded": "True", "Finished": "True", "Paused": "False"}


async def test_a_plan_that_waits_for_approval() -> None:
    """Nothing runs before, and the plan lists what would; approved, it goes on."""
    story = scheduled()
    backfill(story, 3, 4, approved=False)
    await story.run(600)
    assert state(story) == ("Planned", None, "0/2")
    assert [(each["run"], each["plan"]) for each in status(story)["plan"]["slots"]] == [
        ("d-20260103t000000", "create"),
        ("d-20260104t000000", "create"),
    ]
    assert runs(story) == {}
    story.edit(Kind.BACKFILL, "b", approved=True)
    await story.run(600)
    assert state(story) == ("Success", "Completed", "2/2")


async def test_its_own_concurrency() -> None:
    """It never has more runs unfinished than it may, and takes nothing of the Dag's own limit."""
    story = scheduled({"a": succeeds(100)}, concurrency={"maxActiveRuns": 1})
    backfill(story, 1, 7, maxActiveRuns=3)
    story.trigger()
    await story.run(50)
    assert begun(story) == ["", "01", "02", "03"]
    assert status(story)["done"] == "0/7"
    await story.run(120)
    assert len(runs(story)) == 7
    assert status(story)["done"] == "3/7"
    await story.run(1000)
    assert state(story) == ("Success", "Completed", "7/7")


async def test_backwards() -> None:
    """The newest comes first, and what has not ended yet is left out."""
    story = scheduled()
    backfill(story, 17, 31, runBackwards=True, maxActiveRuns=1)
    await story.run(600)
    assert begun(story) == ["20", "19", "18", "17"]
    assert state(story)[0] == "Success"


@pytest.mark.parametrize(
    ("reprocess", "counts", "again"),
    [
        ("none", {"create": 1, "exists": 2, "inFlight": 1}, []),
        ("failed", {"create": 1, "exists": 1, "inFlight": 1, "reprocess": 1}, ["03"]),
        ("completed", {"create": 1, "inFlight": 1, "reprocess": 2}, ["02", "03"]),
    ],
)
async def test_slots_that_have_runs(reprocess: str, counts: dict[str, int], again: list[str]) -> None:
    """What ended is left, or cleared; what is at work is left alone; the rest is created."""
    story = scheduled({"a": succeeds(5)})
    for day in (2, 3, 4):
        date = f"2026-01-{day:02}T00:00:00Z"
        story.works["a"] = fails() if day == 3 else succeeds(5)
        story.trigger(f"d-202601{day:02}t000000", logicalDate=date, paused=day == 4)
        await story.run(30)
    story.works["a"] = succeeds(5)
    before = len(story.pods)
    backfill(story, 1, 4, reprocess=reprocess)
    await story.run(600)
    plan = status(story)["plan"]
    assert {field: plan[field] for field in counts} == counts
    assert sum(counts.values()) == plan["total"] == 4
    assert begun(story)[before:] == ["01", *again]
    ended = {"02": "Success", "03": "Success" if "03" in again else "Failed"}
    assert runs(story) == {"01": "Success", "04": "Queued", **ended}
    for each in again:
        raw = story.get(Kind.DAG_RUN, f"d-202601{each}t000000")
        assert raw["metadata"]["labels"]["slipway.dev/backfill"] == "b"
        assert raw["status"]["requests"][0]["by"] == "backfill b"
    assert state(story) == ("Success", "Completed", f"{1 + len(again)}/{1 + len(again)}")


async def test_a_cancelled_run_is_cleared() -> None:
    """spec.cancel is taken away with the request, or the run would end again at once."""
    story = scheduled({"a": [succeeds(100), succeeds(5)]})
    story.trigger("d-20260103t000000", logicalDate="2026-01-03T00:00:00Z")
    await story.run(10)
    story.edit(Kind.DAG_RUN, "d-20260103t000000", cancel="force")
    await story.run(10)
    backfill(story, 3, 3, reprocess="failed")
    await story.run(60)
    assert runs(story) == {"03": "Success"}
    assert state(story) == ("Success", "Completed", "1/1")


async def test_gaps() -> None:
    """Slots are left out in which the Dag has a run of any name; a plain backfill looks at names alone."""
    story = scheduled(schedule={"cron": "@daily", "start": "2026-01-01T00:00:00Z", "mode": "interval"})
    story.trigger("mine", logicalDate="2026-01-02T06:00:00Z")
    await story.run(10)
    backfill(story, 1, 3, gaps=True)
    await story.run(600)
    assert {raw["metadata"]["name"] for raw in story.cluster.all_of(Kind.DAG_RUN)} == {
        *("mine", "d-20260101t000000", "d-20260103t000000")
    }
    assert state(story) == ("Success", "Completed", "2/2")


async def test_failures() -> None:
    """The backfill goes on past them, and fails in the end."""
    story = scheduled({"a": fails()})
    backfill(story, 1, 3, maxActiveRuns=1)
    await story.run(600)
    assert state(story) == ("Failed", "RunsFailed", "3/3")
    assert (status(story)["failed"], status(story)["message"]) == (3, "3 of 3 runs failed")
    assert ("b", "BackfillRunsFailed") in story.told()


async def test_pause() -> None:
    """Nothing new starts, what runs goes on; resumed, it goes on where it was."""
    story = scheduled({"a": succeeds(20)})
    backfill(story, 1, 4, maxActiveRuns=1)
    await story.run(10)
    story.edit(Kind.BACKFILL, "b", paused=True)
    await story.run(600)
    assert runs(story) == {"01": "Success"}
    assert (status(story)["waitingFor"][0]["message"], status(story)["done"]) == ("The backfill is paused", "1/4")
    assert {each["type"]: each["status"] for each in status(story)["conditions"]}["Paused"] == "True"
    story.edit(Kind.BACKFILL, "b", paused=False)
    await story.run(600)
    assert state(story) == ("Success", "Completed", "4/4")


async def test_a_paused_dag() -> None:
    """No run is made while the Dag is paused."""
    story = scheduled(paused=True)
    backfill(story, 1, 2)
    await story.run(600)
    assert runs(story) == {}
    assert status(story)["waitingFor"][0]["message"] == "Dag d is paused"
    story.edit(Kind.DAG, "d", paused=False)
    await story.run(600)
    assert state(story)[0] == "Success"


@pytest.mark.parametrize(("how", "first"), [("graceful", "Success"), ("force", "Failed")])
async def test_cancel(how: str, first: str) -> None:
    """No more runs; those at work end by themselves, or by force; those that had not begun are cancelled."""
    story = scheduled({"a": succeeds(20)})
    backfill(story, 1, 9, maxActiveRuns=2)
    await story.run(1)
    story.edit(Kind.DAG_RUN, "d-20260102t000000", paused=True)
    await story.run(30)
    story.edit(Kind.BACKFILL, "b", cancel=how)
    await story.run(600)
    assert state(story)[:2] == ("Failed", "Cancelled")
    assert runs(story)["01"] == "Success"
    assert set(runs(story).values()) <= {"Success", first}
    assert len(runs(story)) < 9


async def test_two_at_once() -> None:
    """Backfills of one Dag run side by side if their ranges do not overlap; else the younger one is refused."""
    story = scheduled({"a": succeeds(50)})
    backfill(story, 1, 3, "one", maxActiveRuns=1)
    await story.run(5)
    backfill(story, 3, 6, "two")
    backfill(story, 8, 9, "three", maxActiveRuns=1)
    await story.run(20)
    assert state(story, "two")[:2] == ("Failed", "Refused")
    assert status(story, "two")["message"].startswith("Backfill one of the same Dag has not ended and overlaps")
    assert (state(story, "one")[0], state(story, "three")[0]) == ("Running", "Running")
    assert runs(story) == {"01": "Running", "08": "Running"}
    await story.run(600)
    assert (state(story, "one"), state(story, "three")) == (
        ("Success", "Completed", "3/3"),
        ("Success", "Completed", "2/2"),
    )


async def test_made_in_the_same_second() -> None:
    """One of two that overlap is refused, whichever is looked at first."""
    story = scheduled()
    backfill(story, 1, 3, "y")
    backfill(story, 2, 4, "x")
    await story.run(600)
    assert (state(story, "x")[0], state(story, "y")[1]) == ("Success", "Refused")


async def test_the_past() -> None:
    """Tasks that depend on their past wait for the slot before, but the first slot waits for none."""
    story = scheduled({"a": succeeds(20)}, tasks={"a": {"dependsOnPast": True}})
    story.works["a"] = fails()
    story.trigger("old", logicalDate="2025-12-31T00:00:00Z")
    await story.run(10)
    story.works["a"] = succeeds(20)
    backfill(story, 1, 3, reprocess="failed")
    await story.run(30)
    assert begun(story)[1:] == ["01", "02"]
    await story.run(600)
    assert state(story) == ("Success", "Completed", "3/3")
    assert begun(story)[1:] == ["01", "02", "03"]


async def test_a_schedule_that_changes() -> None:
    """The slots stay those of the plan; the runs take the Dag as it is."""
    story = scheduled({"a": succeeds(30)})
    backfill(story, 1, 3, maxActiveRuns=1)
    await story.run(10)
    story.dag("a >> z", schedule={"cron": "@hourly", "start": "2026-01-01T00:00:00Z"})
    await story.run(600)
    assert state(story) == ("Success", "Completed", "3/3")
    assert "d-20260103t000000-z-1" in story.pods


async def test_a_dag_that_is_deleted() -> None:
    """The backfill ends; made before its Dag, it waits for it."""
    story = Story({"a": succeeds(100)}, start="2026-01-20 12:00")
    backfill(story, 1, 3)
    await story.run(60)
    assert status(story)["waitingFor"][0]["message"] == "Dag d does not exist"
    story.dag("a", **DAILY)
    await story.run(10)
    assert state(story)[0] == "Running"
    story.delete(Kind.DAG, "d")
    await story.run(60)
    assert state(story)[:2] == ("Failed", "DagMissing")


async def test_a_year_of_minutes() -> None:
    """It is planned in stretches, lists 50 slots, and never has more objects than its limit at once."""
    story = scheduled(schedule={"every": "1m", "start": "2026-01-01T00:00:00Z"}, paused=True)
    backfill(story, 1, 5, maxActiveRuns=4)
    await story.run(60)
    plan = status(story)["plan"]
    assert (plan["total"], plan["create"], len(plan["slots"])) == (5761, 5761, 50)
    story.edit(Kind.DAG, "d", paused=False)
    await story.run(1)
    unfinished = [raw for raw in story.cluster.all_of(Kind.DAG_RUN) if raw["status"]["state"] != "Success"]
    assert len(unfinished) <= 5
    assert len(str(status(story))) < 10_000


async def test_a_name_used_again() -> None:
    """A backfill of an earlier one's name does not take its runs for its own."""
    story = scheduled()
    backfill(story, 1, 2)
    await story.run(600)
    story.delete(Kind.BACKFILL, "b")
    await story.run(10)
    backfill(story, 1, 3, reprocess="completed")
    await story.run(600)
    assert status(story)["plan"]["reprocess"] == 2
    assert state(story) == ("Success", "Completed", "3/3")
    assert len(story.pods) == 5
