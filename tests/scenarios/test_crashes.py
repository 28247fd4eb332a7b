"""`kill -9` before or after every single write of a run: the next controller ends it the same, with the same Pods."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from controller.model.action import Kind
from tests.scenarios.story import Story, fails, succeeds


def retried_diamond() -> Story:
    """A retry, a skip, a podless task and a failure behind a rule."""
    story = Story({"a": [fails(), succeeds()], "c": fails(99), "d": fails()})
    more = {
        "a": {"retries": 1, "retryDelay": "5s"},
        "n": {"noop": {}},
        "d": {"triggerRule": "none_failed"},
        "e": {"triggerRule": "all_done"},
    }
    story.dag("a >> [b, c, n] >> d >> e", tasks=more)
    story.trigger()
    return story


def scheduled_pair() -> Story:
    """Two runs of a schedule, one after the other."""
    story = Story(start="2026-01-03")
    schedule = {"cron": "@daily", "start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z", "catchup": True}
    story.dag("a", schedule=schedule, concurrency={"maxActiveRuns": 1})
    return story


def cancelled() -> Story:
    """A run that is cancelled while it runs."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b; c")
    story.trigger()
    return story


def ends(story: Story) -> dict[str, dict[str, str]]:
    """The final states of all runs."""
    return {name: story.states(name) for name in story.names(Kind.DAG_RUN)}


async def play(story: Story) -> None:
    """Let the story go to its end, whichever controller is killed; the long run is cancelled after 10 s."""
    if story.works.get("a") == succeeds(100):
        await live_through(story, story.world.clock.now + timedelta(seconds=10))
        story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await live_through(story, None)
    assert story.witness.broken == []


async def live_through(story: Story, until: datetime | None) -> None:
    """Let time pass; a controller that is killed is followed by another."""
    await story.world.run(until)
    if story.world.controller.session.is_killed:
        story.world.restart()
        await story.world.run(until)


@pytest.mark.parametrize("make", [retried_diamond, scheduled_pair, cancelled])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_every_write(make: Callable[[], Story], when: str) -> None:
    """States, attempts and Pods are those of the story without a crash, and each Pod was made once."""
    whole = make()
    await play(whole)
    writes = whole.world.controller.session.writes.total()
    assert writes > 10
    for number in range(1, writes + 1):
        story = make()
        story.world.controller.session.kill_at = (when, number)
        await play(story)
        assert ends(story) == ends(whole), f"killed {when} write {number}"
        assert sorted(story.pods) == sorted(whole.pods)
        assert story.world.controller.store.line.holders.total() == 0
