"""The order in which objects become known -> no difference: decisions follow from what there is."""

import asyncio
from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from controller.decide.dag import decide_dag
from controller.decide.gate import decide_gate
from controller.decide.run import decide_run
from controller.decide.task import decide_task
from controller.model.action import Admission, Decision, Kind
from controller.observe.parse import parse
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store
from controller.observe.tables import Observed
from tests.properties import examples
from tests.properties.graphs import Case, cases
from tests.scenarios.story import Story


@examples(100)
@given(cases(), st.integers(0, 20), st.randoms(use_true_random=False))
def test_any_order_of_the_first_list(case: Case, seconds: int, chance: Random) -> None:
    """A store that was filled in another order brings the same decisions on everything."""
    story = case.story()
    asyncio.run(story.run(seconds))
    objects = [read for kind in Kind for raw in story.cluster.all_of(kind) if (read := parse(kind, raw)) is not None]
    mixed = list(objects)
    chance.shuffle(mixed)
    assert decisions(story, mixed) == decisions(story, objects)


def decisions(story: Story, objects: Sequence[Observed]) -> tuple[list[Decision], Admission]:
    """What is decided now on every Dag, run and TaskRun, and at the gate."""
    store, now = Store(), story.world.clock.now
    for each in objects:
        store.put(each)
    snapshots = Snapshots(store, story.world.policy, now)
    dags = [decide_dag(dag, now) for key in sorted(store.tables.dags) if (dag := snapshots.of_dag(key))]
    runs = [decide_run(run, now) for key in sorted(store.tables.runs) if (run := snapshots.of_run(key))]
    tasks = [decide_task(task, now) for key in sorted(store.tables.task_runs) if (task := snapshots.of_task(key))]
    return [*dags, *runs, *tasks], decide_gate(snapshots.of_gate(now), now)
