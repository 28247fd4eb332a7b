"""A plan -> the effective weight of each task, by which the queue is ordered (Airflow 3.3 priority_weight).

Each task's own weight is cut to int32 before summing, the sum is not; a descendant counts once, by however many
paths it is reached.
"""

from collections.abc import Mapping, Sequence

from controller.model.dag import WeightRule
from controller.model.plan import Plan

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)


def priorities(plan: Plan) -> dict[str, int]:
    """Each task's effective weight by its own weight rule, in the order of writing."""
    own = {name: max(INT32_MIN, min(INT32_MAX, task.weight)) for name, task in plan.tasks.items()}
    sums = {
        WeightRule.DOWNSTREAM: _sums(own, plan.graph.downstream, tuple(reversed(plan.graph.order))),
        WeightRule.UPSTREAM: _sums(own, plan.graph.upstream, plan.graph.order),
        WeightRule.ABSOLUTE: own,
    }
    return {name: sums[task.weight_rule][name] for name, task in plan.tasks.items()}


def _sums(own: Mapping[str, int], edges: Mapping[str, Sequence[str]], order: Sequence[str]) -> dict[str, int]:
    """Own weight plus that of everything reachable; sets are bit masks, so 10,000 tasks take a moment."""
    bit = {name: 1 << place for place, name in enumerate(order)}
    masks_by_weight: dict[int, int] = {}
    for name in order:
        masks_by_weight[own[name]] = masks_by_weight.get(own[name], 0) | bit[name]
    reached: dict[str, int] = {}
    sums: dict[str, int] = {}
    for name in order:
        mask = bit[name]
        for neighbour in edges[name]:
            mask |= reached[neighbour]
        reached[name] = mask
        sums[name] = sum(weight * (mask & of_weight).bit_count() for weight, of_weight in masks_by_weight.items())
    return sums
