"""`kill -9` around every single write of a backfill: the next controller ends it the same, and no run is made twice."""

from datetime import timedelta

import pytest

from controller.model.action import Kind
from tests.scenarios.filling import backfill, runs, scheduled, state, status
from tests.scenarios.story import Story, fails, succeeds
from tests.scenarios.test_crashes import live_through


def story_of() -> Story:
    """Four days, of which one has failed before and is cleared, two at a time; with a plan, a pause and an end."""
    story = scheduled({"a": [fails(), succeeds(3)]}, "a >> b")
    story.trigger("d-20260102t000000", logicalDate="2026-01-02T00:00:00Z")
    return story


async def play(story: Story, kill: tuple[str, int] | None) -> int:
    """The backfill from its creation to its end; how many writes that takes."""
    await story.run(30)
    story.works["a"] = succeeds(3)
    session = story.world.controller.session
    before = session.writes.total()
    if kill is not None:
        session.kill_at = (kill[0], before + kill[1])
    backfill(story, 1, 4, maxActiveRuns=2, reprocess="failed")
    await live_through(story, story.world.clock.now + timedelta(seconds=300))
    assert story.witness.broken == []
    return session.writes.total() - before


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_every_write(when: str) -> None:
    """Runs, Pods, progress and the end are those of the story without a crash."""
    whole = story_of()
    writes = await play(whole, None)
    assert (state(whole), len(runs(whole))) == (("Success", "Completed", "4/4"), 4)
    assert writes > 20
    for number in range(1, writes + 1):
        story = story_of()
        await play(story, (when, number))
        assert (state(story), runs(story)) == (state(whole), runs(whole)), f"killed {when} write {number}"
        assert sorted(story.pods) == sorted(whole.pods), f"killed {when} write {number}"
        assert status(story)["plan"] == status(whole)["plan"]
        assert len(story.get(Kind.DAG_RUN, "d-20260102t000000")["status"]["requests"]) == 1
