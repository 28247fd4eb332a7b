"""Alerts of any run, whatever happens to the events on the way and to the controller: each end is told, by one key."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from controller.model.action import Kind
from controller.model.alerts import AlertEvent, SendAlert, Target
from controller.model.timestamps import parse_time
from tests.properties import examples
from tests.properties.graphs import Case, cases
from tests.properties.mishaps import Mishaps, mishaps, suffer
from tests.properties.test_runs import Doubting
from tests.scenarios.story import Story

EVERYTHING = {
    "name": "all",
    "events": [event.value for event in AlertEvent if not event.value.startswith(("deadline", "dag"))],
    "targets": ["chat"],
}


def alerted(case: Case) -> Story:
    """The case's story, in which somebody is told of everything."""
    story = case.story()
    story.world.elsewhere.targets = {"chat": Target("chat")}
    story.edit(Kind.DAG, "d", alerts=[EVERYTHING])
    story.world.restart()
    return story


def ends(story: Story) -> Iterator[str]:
    """What is to be told, as the resources say."""
    yield "runFailed" if story.states()["run"] == "Failed" else "runSucceeded"
    for task_run in story.cluster.all_of(Kind.TASK_RUN):
        attempts: list[dict[str, Any]] = task_run["status"].get("attempts", [])
        for attempt in attempts:
            if attempt["state"] == "Success":
                yield "taskSucceeded"
            elif attempt["state"] == "Failed" and attempt["fault"] != "Cancelled":
                yield "taskFailed" if attempt is attempts[-1] else "taskRetried"


def expect_each_told(story: Story) -> list[SendAlert]:
    """Every end is in one alert, every alert is done, and what was sent was noted under that very key."""
    records = story.run_status()["alerting"]["records"]
    told: Counter[str] = Counter()
    for record in records:
        told[record["event"]] += record["count"]
    assert told == Counter(ends(story))
    assert all(record["doneAt"] and record["sent"] == ["chat"] for record in records)
    sent = story.world.elsewhere.alerts
    assert {alert.key for alert in sent} == {record["key"] for record in records}
    assert not story.world.controller.store.alerts.waiting
    return sent


@examples(60)
@given(cases())
def test_any_run(case: Case) -> None:
    """Each end is told exactly once, and the end of the run last or with the last."""
    story = alerted(case)
    asyncio.run(story.run())
    sent = expect_each_told(story)
    assert len({alert.key for alert in sent}) == len(sent)


@examples(60)
@given(cases(), mishaps())
def test_any_mishap(case: Case, what: Mishaps) -> None:
    """Lost, doubled and late events and kills at any write lose no alert; sent again, it has the same key."""
    story = alerted(case)
    asyncio.run(suffer(story, what))
    expect_each_told(story)


@examples(40)
@given(cases(), st.lists(st.booleans(), max_size=12))
def test_a_target_that_comes_and_goes(case: Case, moods: list[bool]) -> None:
    """It takes each alert once, when it is there."""
    story = alerted(case)
    left = iter(moods)
    story.world.elsewhere.refusal = lambda alert: "" if next(left, True) else "is down"
    asyncio.run(story.run())
    sent = expect_each_told(story)
    assert len({alert.key for alert in sent}) == len(sent)


@examples(40)
@given(cases(), mishaps())
def test_the_frontier_is_enough(case: Case, what: Mishaps) -> None:
    """Looking only at what hangs on a change notes and sends the same as looking at everything."""
    story = alerted(case)
    world = story.world
    world.take = lambda store, awake_since: Doubting(store, world.policy, awake_since, world.clock)
    world.restart()
    asyncio.run(suffer(story, replace(what, lost=0)))
    expect_each_told(story)


@examples(40)
@given(cases())
def test_alerts_change_nothing(case: Case) -> None:
    """The same tasks run and end the same, at the same times, as without anybody to be told."""
    told, quiet = alerted(case), case.story()
    asyncio.run(told.run())
    asyncio.run(quiet.run())
    assert told.states() == quiet.states()
    assert told.pods == quiet.pods
    assert told.run_status()["finishedAt"] == quiet.run_status()["finishedAt"]


@examples(40)
@given(cases(), mishaps(), st.integers(1, 40))
def test_deadlines_under_any_mishap(case: Case, what: Mishaps, seconds: int) -> None:
    """A run that ended in time has none left, or waits for it where it failed; one that did not is told of once."""
    story = case.story()
    story.world.elsewhere.targets = {"chat": Target("chat")}
    late = {"name": "late", "events": ["deadlineMissed"], "targets": ["chat"]}
    deadline = {"name": "soon", "reference": "queuedAt", "within": f"{seconds}s"}
    story.edit(Kind.DAG, "d", alerts=[late], deadlines=[deadline])
    story.world.restart()
    asyncio.run(suffer(story, what))
    status = story.run_status()
    due = parse_time(story.get(Kind.DAG_RUN, "r")["metadata"]["creationTimestamp"]) + timedelta(seconds=seconds)
    ended = parse_time(status["finishedAt"])
    met: tuple[list[str], int] = ([], 0)
    missed: tuple[list[str], int] = (["Missed"], 1)
    expected = [met, missed] if ended == due else [met] if status["state"] == "Success" and ended < due else [missed]
    records = (status.get("alerting") or {}).get("records", [])
    left = [each["state"] for each in status.get("deadlines", [])]
    assert (left, len(records)) in expected
    assert {alert.key for alert in story.world.elsewhere.alerts} == {record["key"] for record in records}
