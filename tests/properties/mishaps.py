"""Random mishaps on the way from the API server to the controller, and the end of the controller itself."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.world import Event
from tests.scenarios.story import Story


@dataclass(frozen=True)
class Mishaps:
    """What goes wrong, drawn event by event from a seed."""

    seed: int
    lost: float = 0
    """The share of events that never arrive."""
    doubled: float = 0
    """The share that arrives twice."""
    slow: bool = False
    """Whether events come in a few at a time, between decisions, and some before the answer to their own write."""
    kills: int = 0
    """How often the controller is killed, around its first writes."""


def mishaps() -> st.SearchStrategy[Mishaps]:
    """Any of them, and all at once."""
    share = st.sampled_from([0, 0, 0.1, 0.5])
    return st.builds(
        Mishaps,
        seed=st.integers(0, 10_000),
        lost=share,
        doubled=share,
        slow=st.booleans(),
        kills=st.integers(0, 3),
    )


async def suffer(story: Story, what: Mishaps) -> None:
    """Play the story to its end under these mishaps; lost events are made good by a resync, as a relist does."""
    chance = random.Random(what.seed)  # noqa: S311 a story, no secret
    world = story.world

    def pass_on(event: Event) -> tuple[Event, ...]:
        drawn = chance.random()
        if drawn < what.lost:
            return ()
        return (event, event) if drawn < what.lost + what.doubled else (event,)

    world.watch = pass_on
    if what.slow:
        world.pace = lambda: chance.randint(0, 3)
    for _ in range(what.kills):
        begin_life(story, chance, what)
        world.controller.session.kill_at = (chance.choice(["before", "after"]), chance.randint(1, 12))
        await world.run()
        world.restart()
    begin_life(story, chance, what)
    version = -1
    while version != story.cluster.version:
        await world.run()
        version = story.cluster.version
        world.resync()
        await world.run()
    assert story.witness.broken == []


def begin_life(story: Story, chance: random.Random, what: Mishaps) -> None:
    """Let events overtake the answers to the writes that they tell of, for this life of the controller."""
    if what.slow:
        story.world.controller.session.before_answer = lambda: story.world.deliver(chance.choice([0, 1, None]))


def expect_rest(story: Story) -> None:
    """Nothing holds a part of the limits or waits, and the store knows what there is, no less and no more."""
    store = story.world.controller.store
    assert (store.line.holders.total(), len(store.line.queue)) == (0, 0)
    seen: tuple[Mapping[Key, object], ...] = (
        store.tables.dags,
        store.tables.revisions,
        store.tables.runs,
        store.tables.task_runs,
        store.tables.pools,
        store.tables.pods,
    )
    kinds = (Kind.DAG, Kind.REVISION, Kind.DAG_RUN, Kind.TASK_RUN, Kind.POOL, Kind.POD)
    for known, kind in zip(seen, kinds, strict=True):
        assert sorted(key.name for key in known) == story.names(kind)
