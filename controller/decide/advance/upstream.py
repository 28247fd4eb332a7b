"""An instance -> how its direct upstream stands, as its trigger rule counts it.

Every instance of a mapped upstream task counts; inside one mapped group only the one of the same element does. A mapped
task that is not expanded yet counts as one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from controller.decide.advance.scene import Scene
from controller.decide.trigger_rules import Counts
from controller.model.states import TaskState

_States = Mapping[TaskState | None, int] | Mapping[TaskState, int]
_MANY: Final = 8
"""More tasks than these are counted once and then kept up to date, not counted at each look."""


def upstream_counts(scene: Scene, task: str, index: int | None) -> Counts:
    """The counts of the direct upstream."""
    upstream = scene.plan.graph.upstream[task]
    total, states = _states(scene, (task, index), upstream, task)
    setups = scene.plan.scopes.direct_setups.get(task, ())
    setup_total, setup_states = _states(scene, (task, index), setups, f"{task}/setups") if setups else (0, {})
    return _counts(total, states, setup_total, setup_states)


def setup_counts(scene: Scene, task: str, index: int | None) -> Counts:
    """The counts of the setups further up that the task needs."""
    setups = scene.plan.scopes.setups.get(task, ())
    total, states = _states(scene, (task, index), setups, f"{task}/far setups")
    return _counts(total, states, 0, {})


def _states(scene: Scene, of: tuple[str, int | None], upstream: Sequence[str], name: str) -> tuple[int, _States]:
    """How many instances these tasks have for this one, and how many stand in each state."""
    task, index = of
    if len(upstream) > _MANY and index is None:
        mapped = scene.plan.mapped_upstream.get(task, ()) if name == task else scene.plan.mapped & set(upstream)
        more = sum((scene.count(before) or 1) - 1 for before in mapped)
        return len(upstream) + more, scene.look.tally(name, upstream)
    total = 0
    states: Counter[TaskState | None] = Counter()
    for before in upstream:
        instance = scene.counterpart(task, before, index)
        if instance is not None:
            total += 1
            states[scene.look.state(instance)] += 1
        else:
            total += scene.count(before) or 1
            states.update(scene.look.counts(before))
    return total, states


def _counts(
    total: int,
    states: _States,
    setups: int,
    setup_states: _States,
) -> Counts:
    found: Counter[TaskState | None] = Counter(states)
    of_setups: Counter[TaskState | None] = Counter(setup_states)
    return Counts(
        upstream=total,
        success=found[TaskState.SUCCESS],
        failed=found[TaskState.FAILED],
        upstream_failed=found[TaskState.UPSTREAM_FAILED],
        skipped=found[TaskState.SKIPPED],
        removed=found[TaskState.REMOVED],
        setups=setups,
        setups_succeeded=of_setups[TaskState.SUCCESS],
        setups_skipped=of_setups[TaskState.SKIPPED],
    )
