"""Schedules whose time is not what it was: edits, pauses, clocks that jump, and years to catch up on."""

from datetime import timedelta

import pytest

from controller.model.action import Kind
from tests.scenarios.story import Story, at, succeeds
from tests.scenarios.test_schedules import DAY, runs

HOUR = 3600


def dates(story: Story) -> list[str]:
    """The logical dates of all scheduled runs: `01-02 06:00`."""
    return [run[:11] for run in runs(story)]


def foretold(story: Story) -> list[str]:
    """The runs to come, as the Dag's status lists them: `01-02 06:00`."""
    listed = story.get(Kind.DAG, "d")["status"].get("nextRuns", [])
    return [f"{each['runAfter'][5:10]} {each['runAfter'][11:16]}" for each in listed]


@pytest.mark.parametrize("policy", ["latest", "none", "all"])
async def test_an_edited_schedule(policy: str) -> None:
    """The next slot after the edit is the first: what the new schedule says has passed is not run."""
    story = Story()
    story.dag("a", schedule={"cron": "0 */6 * * *", "missedRuns": policy})
    await story.run(10 * HOUR + 90)
    story.edit(Kind.DAG, "d", schedule={"cron": "*/30 * * * *", "missedRuns": policy})
    await story.run(HOUR)
    assert dates(story) == ["01-01 06:00", "01-01 10:30", "01-01 11:00"]
    story.edit(Kind.DAG, "d", schedule={"cron": "0 8 * * *", "missedRuns": policy})
    await story.run(DAY)
    assert dates(story)[3:] == ["01-02 08:00"]


async def test_an_edit_of_something_else() -> None:
    """A new image makes no new schedule: the slots that were missed before it are still missed."""
    story = Story()
    story.dag("a", schedule={"cron": "0 * * * *", "missedRuns": "all"})
    await story.run(HOUR)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(2 * HOUR)
    story.edit(Kind.DAG, "d", paused=False, defaults={"image": "tasks:2"})
    await story.run(60)
    assert dates(story) == ["01-01 01:00", "01-01 02:00", "01-01 03:00"]


async def test_a_schedule_that_was_taken_away_and_came_back() -> None:
    """It begins anew: nothing of the time between counts as missed."""
    story = Story()
    story.dag("a", schedule={"cron": "0 * * * *", "missedRuns": "all"})
    await story.run(HOUR)
    story.edit(Kind.DAG, "d", schedule=None)
    await story.run(5 * HOUR + 60)
    story.edit(Kind.DAG, "d", schedule={"cron": "0 * * * *", "missedRuns": "all"})
    await story.run(HOUR)
    assert dates(story) == ["01-01 01:00", "01-01 07:00"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("latest", ["01-01 06:00", "01-04 06:00", "01-05 06:00"]),
        ("none", ["01-01 06:00", "01-05 06:00"]),
        ("all", [f"01-0{day} 06:00" for day in range(1, 6)]),
    ],
)
async def test_a_long_pause(policy: str, expected: list[str]) -> None:
    """Of what came due meanwhile, missedRuns says what is run; nothing is foretold while the pause lasts."""
    story = Story()
    story.dag("a", schedule={"cron": "0 6 * * *", "missedRuns": policy})
    await story.run(DAY)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(3 * DAY)
    assert foretold(story) == []
    story.edit(Kind.DAG, "d", paused=False)
    await story.run(DAY)
    assert dates(story) == expected
    assert foretold(story) == [f"01-{day:02} 06:00" for day in range(6, 11)]


@pytest.mark.parametrize(
    ("mode", "on_enable", "expected"),
    [
        ("trigger", "wait", ["01-02 06:00"]),
        ("trigger", "run-latest", ["01-01 06:00", "01-02 06:00"]),
        ("interval", "wait", ["01-01 06:00"]),
        ("interval", "run-latest", ["12-31 06:00", "01-01 06:00"]),
    ],
)
async def test_a_dag_just_enabled(mode: str, on_enable: str, expected: list[str]) -> None:
    """It waits for its next slot, or takes the newest past one at once; a restart asks no second time."""
    story = Story(start="2026-01-01 12:00")
    schedule = {"cron": "0 6 * * *", "mode": mode, "onEnable": on_enable, "start": "2025-06-01T00:00:00Z"}
    story.dag("a", schedule=schedule)
    for _ in range(4):
        await story.run(6 * HOUR)
        story.world.restart()
    assert sorted(dates(story)) == sorted(expected)


async def test_a_clock_that_goes_forward_and_back() -> None:
    """The cursor stays where it was: after the jump back no slot is run again, and none comes until it is reached."""
    story = Story()
    story.dag("a", schedule={"cron": "0 6 * * *"})
    await story.run(DAY)
    story.world.clock.move_to(at("2026-01-10"))
    story.world.resync()
    await story.run(60)
    assert dates(story) == ["01-01 06:00", "01-09 06:00"]
    story.world.clock.now = at("2026-01-03")
    story.world.restart()
    await story.run(6 * DAY)
    assert dates(story) == ["01-01 06:00", "01-09 06:00"]
    assert story.get(Kind.DAG, "d")["status"]["lastScheduled"] == "2026-01-09T06:00:00Z"
    await story.run(2 * DAY)
    assert dates(story)[2:] == ["01-10 06:00"]


async def test_a_clock_that_goes_back_an_hour_under_a_minutely_dag() -> None:
    """Its slots of that hour were run, and are not run twice."""
    story = Story(start="2026-01-01 10:00")
    story.dag("a", schedule={"cron": "* * * * *"})
    await story.run(300)
    story.world.clock.now -= timedelta(hours=1)
    story.world.restart()
    await story.run(HOUR + 120)
    assert dates(story) == [f"01-01 10:0{minute}" for minute in range(1, 8)]


async def test_a_year_of_minutes_to_catch_up_on() -> None:
    """No more runs are there than the cap, and each end makes room for the next slot."""
    story = Story({"a": succeeds(30)}, start="2026-06-01")
    schedule = {"cron": "* * * * *", "start": "2025-06-01T00:00:00Z", "catchup": True}
    story.dag("a", schedule=schedule, concurrency={"maxActiveRuns": 3})
    created = 0

    def count(kind: Kind, type_: str, raw: object) -> None:
        nonlocal created
        created += kind is Kind.DAG_RUN and type_ == "ADDED"

    story.cluster.watchers.append(count)
    await story.run(10)
    assert (created, foretold(story)[0]) == (3, "06-01 00:03")
    await story.run(300)
    assert 20 <= created <= 40
    assert dates(story) == [f"06-01 00:{minute:02}" for minute in range(created)]


async def test_several_crons_at_one_instant() -> None:
    """One run is made of them."""
    story = Story()
    story.dag("a", schedule={"crons": ["0 6 * * *", "0 */3 * * *", "0 6,7 1 * *"]})
    await story.run(8 * HOUR)
    assert dates(story) == ["01-01 03:00", "01-01 06:00", "01-01 07:00"]


async def test_a_summer_time_of_half_an_hour() -> None:
    """On Lord Howe Island each real hour but the odd one has its run, and each day its own."""
    story = Story(start="2026-10-03 12:00")
    story.dag("a", schedule={"crons": ["15 2 * * *", "0 * * * *"], "timezone": "Australia/Lord_Howe"})
    await story.run(5 * HOUR)
    assert dates(story) == [f"10-03 {time}" for time in ("12:30", "13:30", "14:30", "15:30", "15:45", "16:00", "17:00")]


async def test_start_and_end_of_the_schedule() -> None:
    """Both are logical dates that still run; then nothing is foretold any more."""
    story = Story(start="2025-12-30")
    bounds = {"start": "2026-01-01T06:00:00Z", "end": "2026-01-03T06:00:00Z"}
    story.dag("a", schedule={"cron": "0 6 * * *", "mode": "interval", **bounds})
    await story.run(DAY)
    assert foretold(story) == ["01-02 06:00", "01-03 06:00", "01-04 06:00"]
    await story.run(10 * DAY)
    assert runs(story) == [f"01-0{day} 06:00 made 01-0{day + 1} 06:00" for day in (1, 2, 3)]
    assert (foretold(story), "nextRun" in story.get(Kind.DAG, "d")["status"]) == ([], False)


async def test_what_is_foretold_costs_no_write() -> None:
    """A minutely Dag's status is written for its run and the run's end, not once more for the runs to come."""
    story = Story()
    story.dag("a", schedule={"cron": "* * * * *"})
    await story.run(60)
    session = story.world.controller.session
    before = session.writes["status", "Dag"]
    await story.run(10 * 60)
    assert (session.writes["status", "Dag"] - before) / 10 <= 3
    assert foretold(story) == [f"01-01 00:{minute}" for minute in range(12, 17)]
    before = session.writes["status", "Dag"]
    story.world.resync()
    await story.run(1)
    assert session.writes["status", "Dag"] == before
