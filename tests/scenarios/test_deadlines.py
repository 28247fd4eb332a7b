"""Deadlines of runs: at risk, missed, met, and what becomes of them when a run waits, is late or is cleared."""

from typing import Any

import pytest

from controller.model.action import Kind
from tests.scenarios.hearing import heard, records, sent, story_with
from tests.scenarios.story import Story, fails, succeeds

DAY = 86_400
HOUR = 3600
TELLS = [{"name": "late", "events": ["deadlineMissed", "deadlineAtRisk"], "targets": ["chat"]}]
MISSED = [{"name": "late", "events": ["deadlineMissed"], "targets": ["chat"]}]


def deadlines(story: Story, run: str = "r") -> list[tuple[str, str, str]]:
    """The run's deadlines: name, day and time, state."""
    listed: list[dict[str, Any]] = story.run_status(run).get("deadlines", [])
    return [(each["name"], f"{each['at'][5:10]} {each['at'][11:16]}", each["state"]) for each in listed]


async def test_a_run_that_takes_too_long() -> None:
    """It is told at risk, then missed, each at its time and once, and the run itself goes on to its end."""
    story = story_with({"a": succeeds(2 * HOUR)})
    story.dag("a", alerts=TELLS, deadlines=[{"name": "soon", "reference": "queuedAt", "within": "1h", "atRisk": "75%"}])
    story.trigger()
    await story.run(44 * 60)
    assert heard(story) == []
    assert deadlines(story) == [("soon", "01-01 01:00", "Set")]
    await story.run(2 * 60)
    assert heard(story) == ["Run r may miss its deadline soon"]
    await story.run()
    assert heard(story)[1:] == ["Run r missed its deadline soon"]
    assert "It has been running for 1h" in sent(story)[1].text
    assert story.states()["run"] == "Success"
    assert deadlines(story) == [("soon", "01-01 01:00", "Missed")]
    assert [reason for name, reason in story.told() if name == "r"] == ["DeadlineAtRisk", "DeadlineMissed"]


async def test_a_deadline_that_is_met() -> None:
    """It is taken off when the run succeeds, and nothing wakes up for it any more."""
    story = story_with({"a": succeeds(60)})
    story.dag("a", alerts=TELLS, deadlines=[{"name": "soon", "reference": "queuedAt", "within": "1h", "atRisk": "10m"}])
    story.trigger()
    await story.run()
    assert (deadlines(story), heard(story)) == ([], [])
    assert story.world.controller.loop.next_at is None


async def test_a_run_that_never_starts() -> None:
    """A queued run misses its deadline all the same, and the alert says what it waits for."""
    story = story_with({"a": succeeds(3 * HOUR)})
    limits = {"maxActiveRuns": 1}
    soon = {"name": "soon", "reference": "queuedAt", "within": "1h"}
    story.dag("a", alerts=MISSED, concurrency=limits, deadlines=[soon])
    story.trigger("p")
    await story.run(60)
    story.trigger("r")
    await story.run(2 * HOUR)
    assert heard(story) == ["Run p missed its deadline soon", "Run r missed its deadline soon"]
    assert "It has not begun, after 1h" in sent(story)[1].text
    assert "Waits: 1 of 1 runs of the Dag are active (maxActiveRuns)" in sent(story)[1].text


async def test_a_run_that_failed_before_its_deadline() -> None:
    """It misses it when the time comes, also after a restart; cleared and successful before, it would not."""
    for is_cleared in (False, True):
        story = story_with({"a": [fails(), succeeds()]})
        story.dag("a", alerts=MISSED, deadlines=[{"name": "soon", "reference": "startedAt", "within": "1h"}])
        story.trigger()
        await story.run(600)
        assert story.states()["run"] == "Failed"
        story.world.restart()
        if is_cleared:
            story.edit(Kind.DAG_RUN, "r", request={"id": "again", "clear": {}})
        await story.run(2 * HOUR)
        assert heard(story) == ([] if is_cleared else ["Run r missed its deadline soon"])


async def test_a_clear_begins_the_time_anew() -> None:
    """From the moment of the clear for queuedAt, from the new start for startedAt; a fixed time stays."""
    story = story_with({"a": fails()})
    story.dag(
        "a",
        alerts=MISSED,
        deadlines=[
            {"name": "queued", "reference": "queuedAt", "within": "1h"},
            {"name": "started", "reference": "startedAt", "within": "2h"},
            {"name": "fixed", "reference": "fixed", "at": "12:00"},
        ],
    )
    story.trigger()
    await story.run(30 * 60)
    assert deadlines(story) == [
        ("queued", "01-01 01:00", "Set"),
        ("started", "01-01 02:00", "Set"),
        ("fixed", "01-01 12:00", "Set"),
    ]
    story.edit(Kind.DAG_RUN, "r", request={"id": "again", "clear": {}})
    await story.run(60)
    assert deadlines(story) == [
        ("queued", "01-01 01:30", "Set"),
        ("started", "01-01 02:30", "Set"),
        ("fixed", "01-01 12:00", "Set"),
    ]
    await story.run()
    assert [title.rpartition(" ")[2] for title in heard(story)] == ["queued", "started", "fixed"]


async def test_a_time_of_day() -> None:
    """It is the schedule's zone's, and after the data interval of the run."""
    story = story_with({"a": succeeds(DAY)}, start="2026-03-27")
    schedule = {"cron": "0 5 * * *", "timezone": "Europe/Zurich", "mode": "interval"}
    story.dag("a", schedule=schedule, deadlines=[{"name": "breakfast", "reference": "fixed", "at": "07:30"}])
    await story.run(3 * DAY)
    runs = story.names(Kind.DAG_RUN)
    assert [deadlines(story, run)[0][1] for run in runs] == ["03-27 06:30", "03-28 06:30", "03-29 05:30"]


async def test_logical_dates() -> None:
    """A run that is late misses its deadline; one made by hand for long ago, and one of a backfill, has none."""
    story = story_with({"a": succeeds(60)})
    deadline = {"name": "slot", "reference": "logicalDate", "within": "1h"}
    schedule = {"cron": "0 6 * * *", "missedRuns": "all", "catchup": False}
    story.dag("a", schedule=schedule, alerts=MISSED, deadlines=[deadline])
    await story.run(5 * HOUR)
    story.trigger("by-hand", logicalDate="2025-06-01T06:00:00Z")
    story.trigger("about-nothing")
    await story.run(600)
    assert (deadlines(story, "by-hand"), deadlines(story, "about-nothing")) == ([], [])
    story.world.controller.session.kill()
    story.world.clock.move_to(story.world.clock.now.replace(hour=9))
    story.world.restart()
    await story.run(600)
    assert heard(story) == ["Run d-20260101t060000 missed its deadline slot"]


async def test_catching_up_makes_no_storm() -> None:
    """What lay before the schedule was switched on could be met by nobody, and is no news."""
    story = story_with(start="2026-02-01")
    schedule = {"cron": "0 6 * * *", "start": "2026-01-01T00:00:00Z", "catchup": True}
    story.dag(
        "a", schedule=schedule, alerts=MISSED, deadlines=[{"name": "s", "reference": "logicalDate", "within": "1h"}]
    )
    await story.run(HOUR)
    assert len(story.names(Kind.DAG_RUN)) == 31
    assert heard(story) == []


@pytest.mark.parametrize(("runs", "is_set"), [(3, True), (4, False)])
async def test_the_average_of_the_last_runs(runs: int, is_set: bool) -> None:
    """The deadline is what they took on average and `within` more; with too few of them there is none."""
    story = story_with({"a": [succeeds(600)]})
    average = {"name": "usual", "reference": "averageRuntime", "within": "10m", "runs": runs}
    story.dag("a", alerts=MISSED, deadlines=[average])
    for name in ("p1", "p2", "p3"):
        story.trigger(name)
        await story.run()
    story.works["a"] = succeeds(3 * HOUR)
    story.trigger()
    begun = story.world.clock.now
    await story.run(5)
    listed = story.run_status().get("deadlines", [])
    assert len(listed) == int(is_set)
    await story.run()
    assert heard(story) == ["Run r missed its deadline usual"] * int(is_set)
    if is_set:
        told = records(story)[0]["after"]
        assert told[11:16] == (begun.replace(minute=(begun.minute + 20) % 60)).isoformat()[11:16]


async def test_an_invalid_dag() -> None:
    """It is told when it becomes so, not again for another fault, and anew once it was valid in between."""
    story = story_with()
    story.dag("a", alerts=[{"name": "broken", "events": ["dagInvalid"], "targets": ["chat"]}], owner="data")
    await story.run()
    tasks = story.get(Kind.DAG, "d")["spec"]["tasks"]
    for spec in (
        [*tasks, {"name": "a", "script": "true"}],
        [{**tasks[0], "dependsOn": ["ghost"]}],
        tasks,
        [*tasks] * 2,
    ):
        story.edit(Kind.DAG, "d", tasks=spec)
        await story.run()
    assert heard(story) == ["The Dag is not valid"] * 2
    assert "spec.tasks[1].name" in sent(story)[0].text
    assert "kubectl -n team describe dag d" in sent(story)[0].text
    status = story.get(Kind.DAG, "d")["status"]["alerting"]
    assert [record["sent"] for record in status["records"]] == [["chat"], ["chat"]]


async def test_an_invalid_dag_whose_alerts_are_the_fault() -> None:
    """Then those of the last valid spec hold."""
    story = story_with()
    story.dag("a", alerts=[{"name": "broken", "events": ["dagInvalid"], "targets": ["chat"]}])
    await story.run()
    story.edit(Kind.DAG, "d", alerts=[{"name": "broken", "events": ["nonsense"], "targets": ["chat"]}])
    await story.run()
    assert heard(story) == ["The Dag is not valid"]


async def test_an_invalid_dags_target_that_stays_down() -> None:
    """It is given up after an hour, and an Event says so."""
    story = story_with()
    story.world.elsewhere.refusal = lambda alert: "is down"
    story.dag(
        "a",
        tasks={"a": {"dependsOn": ["ghost"]}},
        alerts=[{"name": "b", "events": ["dagInvalid"], "targets": ["chat"]}],
    )
    await story.run()
    assert story.get(Kind.DAG, "d")["status"]["alerting"]["records"][0]["failed"] == {"chat": "is down"}
    assert ("d", "AlertFailed") in story.told()
