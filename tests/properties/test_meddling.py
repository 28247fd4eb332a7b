"""Everything that people do to a run of any Dag on its way: the run ends all the same, every promise kept."""

import asyncio
import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from controller.model.action import Kind
from controller.model.metadata import Key
from tests.properties import examples
from tests.properties.graphs import Case, cases
from tests.properties.mishaps import Mishaps, begin_life, expect_rest
from tests.scenarios.story import SPACE, Story

Deed = tuple[int, str, int]
"""After how many seconds, what, and to which object or how much of it."""

DEEDS = (
    "pause Dag",
    "pause run",
    "delete Pod",
    "kill Pod",
    "force Pod away",
    "delete TaskRun",
    "delete run",
    "cancel",
    "shrink pool",
    "edit Dag",
    "restart",
    "resync",
)
deeds = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(DEEDS), st.integers(0, 7)), max_size=6)


@examples(200)
@given(cases(), deeds, st.integers(0, 100), st.booleans())
def test_any_meddling(case: Case, done: list[Deed], seed: int, slow: bool) -> None:
    """Whatever is paused, deleted, cancelled or edited, and when: the run ends and nothing of it stays behind."""
    story, chance = case.story(), random.Random(seed)  # noqa: S311 a story, no secret
    what = Mishaps(seed, slow=slow)
    if slow:
        story.world.pace = lambda: chance.randint(0, 3)

    async def play() -> None:
        for seconds, deed, number in done:
            begin_life(story, chance, what)
            await story.run(seconds)
            meddle(story, deed, number)
        mend(story, case)
        begin_life(story, chance, what)
        await story.run()

    asyncio.run(play())
    assert all(run["status"]["state"] in {"Success", "Failed"} for run in story.cluster.all_of(Kind.DAG_RUN))
    assert all(not pod["metadata"]["finalizers"] for pod in story.cluster.all_of(Kind.POD))
    expect_rest(story)


def meddle(story: Story, deed: str, number: int) -> None:
    """Do one thing; deeds on Pods and TaskRuns take the one of this place."""
    match deed:
        case "pause Dag":
            story.edit(Kind.DAG, "d", paused=number % 2 == 0)
        case "pause run" if story.names(Kind.DAG_RUN):
            story.edit(Kind.DAG_RUN, "r", paused=number % 2 == 0)
        case "cancel" if story.names(Kind.DAG_RUN):
            story.edit(Kind.DAG_RUN, "r", cancel="force" if number % 2 else "graceful")
        case "delete run" if story.names(Kind.DAG_RUN):
            story.delete(Kind.DAG_RUN, "r")
        case "delete TaskRun" if task_run := pick(story, Kind.TASK_RUN, number):
            story.delete(Kind.TASK_RUN, task_run)
        case "shrink pool":
            story.edit(Kind.POOL, "small", slots=number % 3)
        case "edit Dag":
            story.edit(Kind.DAG, "d", description=f"edit {number}")
        case "restart":
            story.world.clock.move_to(story.world.clock.now + timedelta(seconds=number))
            story.world.restart()
        case "resync":
            story.world.resync()
        case _:
            meddle_with_pod(story, deed, number)


def meddle_with_pod(story: Story, deed: str, number: int) -> None:
    """Do one thing to a Pod, if there is one."""
    pod = pick(story, Kind.POD, number)
    match deed:
        case "delete Pod" if pod:
            story.delete(Kind.POD, pod)
        case "kill Pod" if pod:
            story.delete(Kind.POD, pod, grace_seconds=0)
        case "force Pod away" if pod:
            story.delete(Kind.POD, pod, grace_seconds=0)
            if pod in story.names(Kind.POD):
                story.cluster.merge(Kind.POD, Key(SPACE, pod), {"metadata": {"finalizers": None}})


def pick(story: Story, kind: Kind, number: int) -> str | None:
    """The object of this place."""
    names = story.names(kind)
    return names[number % len(names)] if names else None


def mend(story: Story, case: Case) -> None:
    """Take back what would keep the run waiting."""
    story.edit(Kind.DAG, "d", paused=False)
    story.edit(Kind.POOL, "small", slots=case.pool_slots)
    if story.names(Kind.DAG_RUN):
        story.edit(Kind.DAG_RUN, "r", paused=False)
