"""Runs that go when they have had their time: what is left, what never goes, and that nothing is decided otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from controller.model.action import Kind
from controller.model.dagrun import DagRun
from tests.scenarios.asking import clear
from tests.scenarios.filling import DAILY, backfill, status
from tests.scenarios.keeping import DAY, keeping, recorded_if, remember_runs
from tests.scenarios.story import Story, fails, succeeds

HOURLY = {"cron": "@hourly"}


def runs(story: Story, dag: str = "d") -> list[str]:
    """The runs of a Dag that are there, by name."""
    return [
        raw["metadata"]["name"] for raw in story.cluster.all_of(Kind.DAG_RUN) if raw["spec"]["dagRef"]["name"] == dag
    ]


async def test_what_belongs_to_a_run_goes_with_it() -> None:
    """TaskRuns and Pods go too, each Pod released before; the newest run stays, and the Dag's status tells of it."""
    story = keeping()
    story.dag("a >> b")
    for number in range(1, 4):
        story.trigger(f"r{number}")
        await story.run(60)
    assert runs(story) == ["r3"]
    assert story.names(Kind.TASK_RUN) == ["r3-a", "r3-b"]
    assert story.names(Kind.POD) == ["r3-a-1", "r3-b-1"]
    assert story.get(Kind.DAG, "d")["status"]["lastRun"] == "r3"


async def test_by_age_as_the_dag_says() -> None:
    """A run goes so long after its end, but never the Dag's newest one."""
    story = keeping(most=None)
    story.dag("a", retention={"resources": {"succeededFor": "1h"}})
    story.trigger("r1")
    await story.run(1800)
    story.trigger("r2")
    await story.run(1700)
    assert runs(story) == ["r1", "r2"]
    await story.run(1000)
    assert runs(story) == ["r2"]
    await story.run(30 * DAY)
    assert runs(story) == ["r2"]


@pytest.mark.parametrize("schedule", [HOURLY, {**HOURLY, "start": "2026-01-01T00:00:00Z", "catchup": True}])
async def test_a_schedule_goes_on_as_without_limits(schedule: dict[str, Any]) -> None:
    """The same slots get runs, each once, whatever is deleted and however often the controller is restarted."""
    created = []
    for most in (None, 1):
        story = keeping(most=most, start="2026-01-02")
        names = remember_runs(story)
        story.dag("a", schedule=schedule)
        for _ in range(6):
            await story.run(6 * 3600)
            story.world.restart()
        created.append(names)
        left = runs(story)  # the last one has just begun
        assert len(left) == len(names) if most is None else len(left) <= 2
    assert created[0] == created[1]
    assert len(set(created[0])) == len(created[0]) > 30


async def test_the_database_is_away() -> None:
    """Nothing goes while rows are not committed, of the run or of one of its tasks; then it goes by itself."""
    story = keeping()
    away: set[str] = {"r1", "r2-a"}
    recorded_if(story, lambda observed: observed.meta.name not in away)
    story.dag("a")
    for number in range(1, 5):
        story.trigger(f"r{number}")
        await story.run(30)
    assert runs(story) == ["r1", "r2", "r4"]
    away.clear()
    await story.run(15)
    assert runs(story) == ["r4"]


async def test_a_run_that_is_cleared_meanwhile() -> None:
    """The deletion is of the very version that was judged: a run that somebody clears in that moment stays."""
    story = keeping()
    story.dag("a")
    story.trigger("r1")
    await story.run(30)
    story.world.controller.session.before_write = lambda verb, kind: (
        clear(story, run="r1") if (verb, kind) == ("delete", Kind.DAG_RUN) and not _cleared(story) else None
    )
    story.trigger("r2")
    await story.run(2)
    assert runs(story) == ["r1", "r2"]
    assert story.get(Kind.DAG_RUN, "r1")["spec"]["request"]["clear"] == {"tasks": []}


def _cleared(story: Story) -> bool:
    return "request" in story.get(Kind.DAG_RUN, "r1")["spec"]


async def test_tasks_that_depend_on_their_past() -> None:
    """A run waits for the failed one before it, which stays for that, however many others ended since."""
    story = keeping({"a": fails()})
    story.dag("a", tasks={"a": {"dependsOnPast": True}}, concurrency={"maxActiveRuns": 2})
    for number in range(1, 4):
        story.trigger(f"r{number}", logicalDate=f"2026-01-0{number}T00:00:00Z")
    story.dag("z", name="other")
    await story.run(600)
    assert runs(story) == ["r1", "r2", "r3"]
    assert story.run_status("r2")["waitingFor"][0]["reason"] == "PreviousRun"


async def test_a_sensor_of_another_dag() -> None:
    """Hourly runs stay until the daily run that waits for all of them has seen them; those of days before go."""
    story = keeping({"x": succeeds(60)})
    hours = {"every": "1h", "start": "2026-01-01T00:00:00Z", "mode": "interval", "catchup": True}
    story.dag("x", name="x", schedule=hours)
    story.dag("a", tasks={"a": {"dagSensor": {"dag": "x"}}}, schedule={**hours, "every": "1d"})
    await story.run(3 * DAY + 3600)
    story.world.resync()
    await story.run(300)
    assert [story.states(each)["run"] for each in runs(story)] == ["Success"]
    assert runs(story) == ["d-20260103t000000"]
    assert len(runs(story, "x")) < 5


async def test_a_run_that_a_task_waits_for() -> None:
    """The run of a triggerDag stays until the task has noted its end, and is not made again."""
    story = keeping({"c": succeeds(50)})
    names = remember_runs(story)
    story.dag("c", name="child", retention={"resources": {"succeededFor": "1s"}})
    story.dag("a", tasks={"a": {"triggerDag": {"dag": "child"}}})
    for number in range(1, 4):
        story.trigger(f"r{number}")
        await story.run(120)
        assert story.states(f"r{number}") == {"run": "Success", "a": "Success"}
    assert len(names) == 6
    assert (len(runs(story)), len(runs(story, "child"))) == (1, 1)


async def test_updates_of_assets() -> None:
    """A run stays until all Dags that wait for its update have noted it; none is lost."""
    story = keeping()
    story.dag("make", name="sales", tasks={"make": {"updates": ["orders"]}})
    story.dag("tell", name="report", schedule={"assets": {"all": ["orders"]}})
    await story.run(1)
    names = remember_runs(story)
    for number in range(1, 5):
        story.trigger(f"s{number}", dag="sales")
        await story.run(60)
    assert len([name for name in names if name.startswith("report-")]) == 4
    assert runs(story, "sales") == ["s4"]


async def test_a_backfill() -> None:
    """All its runs stay until it has ended and are made once; then they go, and after them the backfill itself."""
    story = keeping({"a": succeeds(600)}, start="2026-01-20 12:00")
    names = remember_runs(story)
    story.dag("a", **DAILY, retention={"resources": {"succeededFor": "1d", "failedFor": "1d"}})
    backfill(story, 1, 10, maxActiveRuns=2)
    await story.run(2000)
    assert len(runs(story)) == 8
    await story.run(2000)
    assert status(story)["plan"]["create"] == len([name for name in names if name < "d-20260111"]) == 10
    await story.run(3 * DAY)
    assert (len(runs(story)), story.names(Kind.BACKFILL)) == (1, [])


async def test_revisions() -> None:
    """One that no run refers to any more goes; today's stays, and so does one that a run is pinned to."""
    story = keeping(most=2)
    for number in range(4):
        story.dag("a", description=str(number))
        story.trigger(f"r{number}")
        await story.run(60)
    assert len(story.names(Kind.REVISION)) == 4
    story.world.resync()
    await story.run(2 * 3600)
    kept = {story.run_status(name)["revision"] for name in runs(story)}
    assert set(story.names(Kind.REVISION)) == kept
    assert runs(story) == ["r2", "r3"]


async def test_pods_that_go_before_their_run() -> None:
    """A Pod goes so long after its end, a failed one later, and only when it is released."""
    story = keeping({"a": [fails(), succeeds()]}, most=None)
    story.dag("a", retention={"pods": {"succeededFor": "10m", "failedFor": "1h"}}, defaults={"retries": 1})
    story.trigger()
    await story.run(360)
    assert story.names(Kind.POD) == ["r-a-1", "r-a-2"]
    await story.run(700)
    assert story.names(Kind.POD) == ["r-a-1"]
    story.world.restart()
    await story.run(3600)
    assert story.names(Kind.POD) == []
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_no_writes_beside_deletions() -> None:
    """Retention costs one deletion for each run, and nothing while the run is at work."""
    story = keeping()
    story.dag("a")
    for number in range(1, 6):
        story.trigger(f"r{number}")
        await story.run(60)
    writes = story.world.controller.session.writes
    assert {kind: count for (verb, kind), count in writes.items() if verb == "delete"} == {"DagRun": 4}
    free = Story()
    free.dag("a")
    for number in range(1, 6):
        free.trigger(f"r{number}")
        await free.run(60)
    assert writes.total() - 4 == free.world.controller.session.writes.total()


async def test_only_ended_runs_are_ever_deleted() -> None:
    """Whatever the schedule and the limits: what goes has ended."""
    story = keeping({"a": succeeds(1000)}, most=1)
    gone: list[str] = []

    def see(kind: Kind, type_: str, raw: dict[str, Any]) -> None:
        if (kind, type_) == (Kind.DAG_RUN, "DELETED"):
            gone.append(raw["status"]["state"])

    story.cluster.watchers.append(see)
    story.dag("a", schedule={"cron": "*/10 * * * *"}, concurrency={"maxActiveRuns": 4})
    await story.run(6 * 3600)
    assert len(gone) > 20
    assert set(gone) == {"Success"}
    assert isinstance(next(iter(story.world.controller.store.tables.runs.values())), DagRun)


async def catching_up(when: str = "", number: int = 0) -> tuple[Story, list[str]]:
    """Three slots of the past, one after the other, and a controller that is killed around a write of its."""
    story = keeping(start="2026-01-03 12:00")
    names = remember_runs(story)
    story.dag(
        "a",
        schedule={"cron": "@daily", "start": "2026-01-01T00:00:00Z", "end": "2026-01-03T00:00:00Z", "catchup": True},
        concurrency={"maxActiveRuns": 1},
    )
    story.world.controller.session.kill_at = (when, number) if when else None
    await story.world.run(story.world.clock.now + timedelta(hours=1))
    if story.world.controller.session.is_killed:
        story.world.restart()
        await story.world.run(story.world.clock.now + timedelta(hours=1))
    assert story.witness.broken == []
    return story, names


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_every_write(when: str) -> None:
    """The same runs are made, each once, and the same one is left, wherever the controller is killed."""
    whole, names = await catching_up()
    writes = whole.world.controller.session.writes.total()
    assert (len(names), runs(whole), writes > 20) == (3, ["d-20260103t000000"], True)
    for number in range(1, writes + 1):
        story, made = await catching_up(when, number)
        assert (made, runs(story)) == (names, runs(whole)), f"killed {when} write {number}"
        assert story.pods == whole.pods
