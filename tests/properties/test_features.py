"""Runs of any Dag with groups, mappings, choices, roles and a past, whatever happens on their way."""

import asyncio
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from controller.model.action import Kind
from controller.observe.parse import parse
from tests.properties import examples
from tests.properties.features import RUNS, Feature, features
from tests.properties.mishaps import Mishaps, expect_rest, mishaps, suffer
from tests.properties.test_order import decisions
from tests.properties.test_runs import Doubting
from tests.scenarios.story import Story


def expect_an_end(story: Story) -> None:
    """Every run has ended, or waits for the one before as nobody sees to that; nothing is left behind."""
    for run in RUNS:
        status = story.run_status(run)
        waits = [reason["reason"] for reason in status.get("waitingFor", ())]
        assert status["state"] in {"Success", "Failed"} or (run != RUNS[0] and waits == ["PreviousRun"]), status
        assert status.get("reason") != "Deadlocked"
    expect_rest(story)


@examples(200)
@given(features())
def test_any_features(case: Feature) -> None:
    """The runs end, with every limit and promise kept on the way."""
    story = case.story()
    asyncio.run(story.run())
    expect_an_end(story)


@examples(150)
@given(features(), mishaps())
def test_any_mishap(case: Feature, what: Mishaps) -> None:
    """Lost, doubled and late events and kills at any write change no end that does not hang on the order of ends."""
    story, calm = case.story(), case.story()
    asyncio.run(suffer(story, what))
    expect_an_end(story)
    asyncio.run(calm.run())
    if case.is_timeless:
        assert [story.states(run) for run in RUNS] == [calm.states(run) for run in RUNS]


@examples(200)
@given(features(), mishaps())
def test_the_frontier_is_enough(case: Feature, what: Mishaps) -> None:
    """Looking only at what hangs on a change decides the same as looking at everything."""
    story = case.story()
    clock = story.world.clock
    story.world.take = lambda store, awake_since: Doubting(store, story.world.policy, awake_since, clock)
    story.world.restart()
    asyncio.run(suffer(story, replace(what, lost=0)))
    expect_an_end(story)


@examples(100)
@given(features(), st.integers(0, 40))
def test_deciding_again(case: Feature, seconds: int) -> None:
    """At any moment when all is done, looking at everything again does nothing; one limit, as its name is told late."""
    story = replace(case, parallelism=32).story()

    async def play() -> None:
        await story.run(seconds)
        version = story.cluster.version
        story.world.resync()
        await story.world.settle()
        assert story.cluster.version == version

    asyncio.run(play())


@examples(100)
@given(features(), st.integers(0, 40))
def test_a_restart_at_any_time(case: Feature, seconds: int) -> None:
    """A controller that starts anew between two instants brings the very same end."""
    story, calm = case.story(), case.story()

    async def play() -> None:
        await story.run(seconds)
        story.world.restart()
        await story.run()

    asyncio.run(play())
    asyncio.run(calm.run())
    expect_an_end(story)
    assert [story.states(run) for run in RUNS] == [calm.states(run) for run in RUNS]
    assert sorted(story.pods) == sorted(calm.pods)


@examples(75)
@given(features(), st.data())
def test_the_order_of_writing(case: Feature, data: st.DataObject) -> None:
    """In which order the manifest names the tasks changes no end that does not hang on the order of ends."""
    order = data.draw(st.permutations(range(len(case.spec["tasks"]))))
    story, other = case.story(), replace(case, order=tuple(order)).story()
    asyncio.run(story.run())
    asyncio.run(other.run())
    expect_an_end(other)
    if case.is_timeless:
        assert [story.states(run) for run in RUNS] == [other.states(run) for run in RUNS]


@examples(75)
@given(features(), st.integers(0, 20), st.randoms(use_true_random=False))
def test_any_order_of_the_first_list(case: Feature, seconds: int, chance: Random) -> None:
    """A store that was filled in another order brings the same decisions on everything."""
    story = case.story()
    asyncio.run(story.run(seconds))
    objects = [read for kind in Kind for raw in story.cluster.all_of(kind) if (read := parse(kind, raw)) is not None]
    mixed = list(objects)
    chance.shuffle(mixed)
    assert decisions(story, mixed) == decisions(story, objects)


@examples(100)
@given(features(), st.integers(0, 15), st.sampled_from(["graceful", "force"]))
def test_a_cancel_at_any_time(case: Feature, seconds: int, cancel: str) -> None:
    """The run ends as Failed soon, teardowns and all."""
    story = case.story()

    async def play() -> None:
        await story.run(seconds)
        for run in RUNS:
            if story.run_status(run)["state"] not in {"Success", "Failed"}:
                story.edit(Kind.DAG_RUN, run, cancel=cancel)
        await story.run()

    asyncio.run(play())
    assert all(story.run_status(run)["state"] in {"Success", "Failed"} for run in RUNS)
    expect_rest(story)
