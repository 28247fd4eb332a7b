"""One run of any Dag: how it ends, whatever happens to the events on the way and to the controller."""

import asyncio
from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from controller.decide.run import decide_run
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.policy import Policy
from controller.model.snapshot import RunSnapshot
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store
from controller.simulate.clock import VirtualClock
from tests.properties import examples
from tests.properties.graphs import Case, cases
from tests.properties.mishaps import Mishaps, expect_rest, mishaps, suffer
from tests.scenarios.story import SPACE, Story
from tests.scenarios.witness import task_states


def expect_a_right_end(case: Case, story: Story) -> None:
    """The run has ended, each task as its rule allows, and nothing is left behind."""
    run = story.cluster.get(Kind.DAG_RUN, Key(SPACE, "r"))
    states = task_states(story.cluster, run)
    for task, allowed in case.allowed(states).items():
        assert states[task] in allowed, (task, states)
    assert run["status"]["state"] in {"Success", "Failed"}
    expect_rest(story)


@examples(100)
@given(cases())
def test_any_dag(case: Case) -> None:
    """It ends as its rules say, every limit and promise kept on the way."""
    story = case.story()
    asyncio.run(story.run())
    expect_a_right_end(case, story)


@examples(100)
@given(cases(), mishaps())
def test_any_mishap(case: Case, what: Mishaps) -> None:
    """Lost, doubled and late events and kills at any write change no end and make no second Pod of an attempt."""
    story, calm = case.story(), case.story()
    asyncio.run(suffer(story, what))
    expect_a_right_end(case, story)
    asyncio.run(calm.run())
    states = task_states(calm.cluster, calm.cluster.get(Kind.DAG_RUN, Key(SPACE, "r")))
    if all(len(allowed) == 1 for allowed in case.allowed(states).values()):
        assert story.states() == calm.states()
        assert sorted(story.pods) == sorted(calm.pods)


@examples(100)
@given(cases(), mishaps())
def test_the_frontier_is_enough(case: Case, what: Mishaps) -> None:
    """Looking only at what hangs on a change decides the same as looking at everything."""
    story = case.story()
    clock = story.world.clock
    story.world.take = lambda store, awake_since: Doubting(store, story.world.policy, awake_since, clock)
    story.world.restart()
    asyncio.run(suffer(story, replace(what, lost=0)))
    expect_a_right_end(case, story)


class Doubting(Snapshots):
    """Snapshots of runs whose decision is compared with that on the whole run."""

    def __init__(self, store: Store, policy: Policy, awake_since: datetime, clock: VirtualClock) -> None:
        super().__init__(store, policy, awake_since)
        self._clock = clock

    def of_run(self, key: Key) -> RunSnapshot | None:
        """The snapshot, after both decisions on it were compared."""
        snapshot = super().of_run(key)
        if snapshot is not None:
            whole = replace(snapshot, changed=None)
            assert decide_run(snapshot, self._clock()) == decide_run(whole, self._clock())
        return snapshot


@examples(100)
@given(cases(), st.integers(0, 40))
def test_deciding_again(case: Case, seconds: int) -> None:
    """At any moment when all is done, looking at everything again does nothing; a new controller only tells counts."""
    story = case.story()

    async def play() -> None:
        await story.run(seconds)
        version = story.cluster.version
        story.world.resync()
        await story.world.settle()
        assert story.cluster.version == version
        story.world.restart()
        await story.world.settle()
        counts = {("status", "Dag"), ("status", "DagRun"), ("status", "Pool")}
        assert story.world.controller.session.writes.keys() <= counts

    asyncio.run(play())


@examples(100)
@given(cases(), st.data())
def test_the_order_of_writing(case: Case, data: st.DataObject) -> None:
    """In which order the manifest names the tasks changes no end."""
    story, turned = case.story(), case
    order = data.draw(st.permutations(range(len(case.tasks))))
    turned = replace(case, order=tuple(order))
    other = turned.story()
    asyncio.run(story.run())
    asyncio.run(other.run())
    states = task_states(story.cluster, story.cluster.get(Kind.DAG_RUN, Key(SPACE, "r")))
    expect_a_right_end(case, other)
    if all(len(allowed) == 1 for allowed in case.allowed(states).values()):
        assert story.states() == other.states()
