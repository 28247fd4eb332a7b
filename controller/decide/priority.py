"""A plan -> the effective weight of each task, by which the queue is ordered (Airflow 3.3 priority_weight).

Each task's own weight is cut to int32 before summing, the sum is not; a descendant counts once, by however many
paths it is reached.
"""

from collections.abc import Mapping, Sequence

from controller.model.graph import closure
from controller.model.plan import Plan
from controller.model.task import WeightRule

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
    """Own weight plus that of everything reachable."""
    digits = _binary_digits([own[name] for name in order])
    return {
        name: sum(value * (reached & tasks).bit_count() for value, tasks in digits)
        for name, reached in closure(order, edges).items()
    }


def _binary_digits(weights: Sequence[int]) -> list[tuple[int, int]]:
    """Each binary digit's value and the places of the weights that have it: 32 at most, however many weights there are.

    A negative weight is written as in int32, where the first digit counts as -2^31.
    """
    rows = ("".join(str(weight >> digit & 1) for weight in reversed(weights)) for digit in range(32))
    places = [int(row or "0", base=2) for row in rows]
    return [(INT32_MIN if digit == 31 else 1 << digit, having) for digit, having in enumerate(places) if having]
