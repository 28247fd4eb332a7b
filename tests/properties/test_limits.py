"""Several runs of several Dags with mapped tasks in common pools: no limit is ever exceeded, and nobody starves."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from controller.model.action import Kind
from tests.properties import examples
from tests.properties.mishaps import Mishaps, expect_rest, mishaps, suffer
from tests.scenarios.story import Story, fails, succeeds

SLOTS = {"small": 3, "wide": 4}


@st.composite
def tasks(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A mapped task with any limits."""
    pool = draw(st.sampled_from(["default", *SLOTS]))
    limits = {limit: draw(st.integers(1, 3)) for limit in ("maxActivePerRun", "maxActivePerDag") if draw(st.booleans())}
    return {
        "name": name,
        "script": "true",
        "map": {"over": list(range(draw(st.integers(1, 4)))), "window": draw(st.integers(1, 4))},
        "pool": pool,
        "poolSlots": draw(st.integers(1, SLOTS.get(pool, 2))),
        "priorityWeight": draw(st.integers(1, 2)),
        "weightRule": "absolute",
        "retries": 1,
        "retryDelay": "2s",
        **limits,
    }


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """One to three Dags of one or two such tasks, each with one to three runs, some of them of a backfill."""
    works = {
        f"t{number}": [draw(st.sampled_from([succeeds(1), succeeds(3), fails()])), succeeds(draw(st.integers(1, 5)))]
        for number in range(2)
    }
    story = Story(works, parallelism=draw(st.integers(1, 6)))
    for pool, slots in SLOTS.items():
        story.apply(Kind.POOL, pool, {"slots": slots})
    for dag in "abc"[: draw(st.integers(1, 3))]:
        concurrency = {"maxActiveRuns": draw(st.integers(1, 2)), "maxActiveTasks": draw(st.integers(1, 4))}
        spec = {"concurrency": concurrency, "tasks": [draw(tasks(f"t{n}")) for n in range(draw(st.integers(1, 2)))]}
        story.apply(Kind.DAG, dag, spec)
        for number in range(draw(st.integers(1, 3))):
            run_type = draw(st.sampled_from(["manual", "manual", "backfill"]))
            date = f"2025-01-0{draw(st.integers(1, 3))}T00:00:00Z"
            story.trigger(f"{dag}{number}", dag=dag, runType=run_type, logicalDate=date)
    return story


def expect_all_done(story: Story) -> None:
    """Every run has ended well, and nothing is left behind."""
    assert {run["status"]["state"] for run in story.cluster.all_of(Kind.DAG_RUN)} == {"Success"}
    expect_rest(story)
    for pool in story.cluster.all_of(Kind.POOL):
        assert (pool["status"].get("used", 0), pool["status"].get("queued", 0)) == (0, 0)
        assert "holders" not in pool["status"]


@examples(60)
@given(stories())
def test_any_limits(story: Story) -> None:
    """The witness, who counts at every Pod, sees none exceeded; all runs end; pools tell in the end that they rest."""
    asyncio.run(story.run())
    expect_all_done(story)


@examples(60)
@given(stories(), mishaps())
def test_any_limits_and_any_mishap(story: Story, what: Mishaps) -> None:
    """Nor when events are lost, doubled or late, and the controller is killed."""
    asyncio.run(suffer(story, what))
    expect_all_done(story)
