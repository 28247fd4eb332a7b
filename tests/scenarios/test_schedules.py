"""Schedules over simulated days: which runs come, when, and never twice."""

from datetime import timedelta

from controller.model.action import Kind
from tests.scenarios.story import Story, succeeds

DAY = 86_400


def runs(story: Story) -> list[str]:
    """Name and time of creation of every scheduled run, in order: `01-02 06:00 made 01-02 06:00`."""
    found = []
    for raw in story.cluster.all_of(Kind.DAG_RUN):
        date, made = raw["spec"]["logicalDate"], raw["metadata"]["creationTimestamp"]
        found.append(f"{date[5:10]} {date[11:16]} made {made[5:10]} {made[11:16]}")
    return sorted(found)


async def test_a_run_each_morning() -> None:
    """A run comes at the very instant of its slot, and there is one for each."""
    story = Story()
    story.dag("a", schedule={"cron": "0 6 * * *"})
    await story.run(3 * DAY)
    assert runs(story) == [f"01-0{day} 06:00 made 01-0{day} 06:00" for day in (1, 2, 3)]
    assert story.names(Kind.DAG_RUN)[0] == "d-20260101t060000"
    assert story.get(Kind.DAG, "d")["status"]["nextRun"] == "2026-01-04T06:00:00Z"
    assert {raw["status"]["state"] for raw in story.cluster.all_of(Kind.DAG_RUN)} == {"Success"}


async def test_intervals() -> None:
    """In mode interval a run comes when its data interval has ended, and is named for its beginning."""
    story = Story()
    story.dag("a", schedule={"cron": "@daily", "mode": "interval", "start": "2026-01-01T00:00:00Z"})
    await story.run(2 * DAY + 3600)
    assert runs(story) == ["01-01 00:00 made 01-02 00:00", "01-02 00:00 made 01-03 00:00"]


async def test_catchup_goes_no_faster_than_the_runs_end() -> None:
    """Every past slot gets a run, the oldest first, and no more than maxActiveRuns are there at once."""
    story = Story({"a": succeeds(3600)}, start="2026-01-10")
    schedule = {"cron": "@daily", "start": "2026-01-01T00:00:00Z", "end": "2026-01-07T00:00:00Z", "catchup": True}
    story.dag("a", schedule=schedule, concurrency={"maxActiveRuns": 2})
    most = 0

    def count(kind: Kind, type_: str, raw: object) -> None:
        nonlocal most
        states = [run["status"]["state"] for run in story.cluster.all_of(Kind.DAG_RUN)]
        most = max(most, states.count("Queued") + states.count("Running"))

    story.cluster.watchers.append(count)
    await story.run(DAY)
    assert [run[:5] for run in runs(story)] == [f"01-0{day}" for day in range(1, 8)]
    assert [run[-5:] for run in runs(story)] == ["00:00", "00:00", "01:00", "01:00", "02:00", "02:00", "03:00"]
    assert most == 2


async def test_a_dag_that_is_paused_for_days() -> None:
    """No run comes meanwhile; afterwards the newest missed slot gets one, as missedRuns says by default."""
    story = Story()
    story.dag("a", schedule={"cron": "0 6 * * *"})
    await story.run(DAY)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(3 * DAY)
    assert len(runs(story)) == 1
    story.edit(Kind.DAG, "d", paused=False)
    await story.run(DAY)
    assert runs(story) == [
        "01-01 06:00 made 01-01 06:00",
        "01-04 06:00 made 01-05 00:00",
        "01-05 06:00 made 01-05 06:00",
    ]


async def test_slots_that_nobody_was_there_for() -> None:
    """After the controller was away, `all` runs every missed slot, `latest` the newest, `none` none."""
    made = {}
    for policy in ("all", "latest", "none"):
        story = Story()
        story.dag("a", schedule={"cron": "0 6 * * *", "missedRuns": policy})
        await story.run(DAY)
        story.world.clock.move_to(story.world.clock.now + timedelta(days=3))
        story.world.restart()
        await story.run(DAY)
        made[policy] = [run[:5] for run in runs(story)]
    assert made == {
        "all": ["01-01", "01-02", "01-03", "01-04", "01-05"],
        "latest": ["01-01", "01-04", "01-05"],
        "none": ["01-01", "01-05"],
    }


async def test_two_controllers_of_one_schedule() -> None:
    """A restart at each hour neither loses nor doubles a run."""
    story = Story()
    story.dag("a", schedule={"cron": "0 */6 * * *"})
    for _ in range(24):
        await story.run(3600)
        story.world.restart()
    await story.run(1)
    assert [run[6:11] for run in runs(story)] == ["06:00", "12:00", "18:00", "00:00"]


async def test_a_run_that_was_deleted_does_not_come_again() -> None:
    """The cursor never goes back."""
    story = Story()
    story.dag("a", schedule={"cron": "0 6 * * *"})
    await story.run(DAY)
    story.delete(Kind.DAG_RUN, "d-20260101t060000")
    story.world.restart()
    await story.run(DAY - 60)
    assert [run[:11] for run in runs(story)] == ["01-02 06:00"]


async def test_manual_runs_do_not_move_the_schedule() -> None:
    """They come between the scheduled ones, and count against maxActiveRuns."""
    story = Story({"a": succeeds(2 * DAY)})
    story.dag("a", schedule={"cron": "0 6 * * *"}, concurrency={"maxActiveRuns": 1})
    story.trigger("by-hand")
    await story.run(DAY)
    assert story.names(Kind.DAG_RUN) == ["by-hand"]
    await story.run(DAY)
    assert story.names(Kind.DAG_RUN) == ["by-hand", "d-20260102t060000"]
