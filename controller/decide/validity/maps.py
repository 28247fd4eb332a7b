"""A plan -> mappings that exclude each other, or whose elements can't be known in time."""

from collections.abc import Iterator, Sequence
from typing import Any

from controller.decide.render import is_template, one_expression, references
from controller.decide.render_faults import RenderFault
from controller.decide.validity.fault import Fault, short
from controller.model.graph import closure
from controller.model.plan import Plan
from controller.model.task import Map


def _nested(plan: Plan) -> Iterator[Fault]:
    outer = {group.name: group.group for group in plan.spec.groups}
    for place, group in enumerate(plan.spec.groups):
        members = plan.grouping.members[group.name]
        around = plan.grouping.chain[members[0]] if members else (group.name, *filter(None, (group.group,)))
        behind = around[around.index(group.name) + 1 :] if group.name in around else ()
        first = next((name for name in behind if name in outer and name in plan.maps), None)
        if group.map is not None and first is not None:
            message = f"group {group.name} is in {first}, which is mapped too: mapped groups can't be nested"
            yield Fault(f"spec.groups[{place}].map", message)
    for place, task in enumerate(plan.spec.tasks):
        first = next((name for name in plan.grouping.chain[task.name] if name in plan.maps), None)
        if task.map is not None and first is not None:
            message = f"task {task.name} is in group {first}, which is mapped too: only one of the two can be"
            yield Fault(f"spec.tasks[{place}].map", message)


def _choices(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        if task.map is not None and (task.branch is not None or task.short_circuit is not None):
            message = f"task {task.name} chooses what comes after it, so only a group that has both in it can be mapped"
            yield Fault(f"spec.tasks[{place}].map", message)


def _elements(plan: Plan) -> Iterator[Fault]:
    before = closure(plan.graph.order, plan.graph.upstream)
    for path, name, mapping in _all_maps(plan):
        if (mapping.over is None) is (mapping.product is None):
            told = "neither" if mapping.over is None else "both"
            yield Fault(path, f"needs exactly one of over and product: has {told}")
            continue
        first: dict[str, int] = {}
        for place, axis in enumerate(mapping.product or ()):
            if axis.name in first:
                where = f"{path}.product[{place}].name"
                yield Fault(where, f"{axis.name} is already the name of product[{first[axis.name]}]")
            first.setdefault(axis.name, place)
        for where, given in _lists(path, mapping):
            yield from (Fault(where, message) for message in _unusable(plan, name, given, before))


def _all_maps(plan: Plan) -> Iterator[tuple[str, str, Map]]:
    for place, group in enumerate(plan.spec.groups):
        if group.map is not None:
            yield f"spec.groups[{place}].map", group.name, group.map
    for place, task in enumerate(plan.spec.tasks):
        if task.map is not None:
            yield f"spec.tasks[{place}].map", task.name, task.map


def _lists(path: str, mapping: Map) -> Iterator[tuple[str, Any]]:
    if mapping.product is None:
        yield f"{path}.over", mapping.over
    else:
        yield from ((f"{path}.product[{place}].over", axis.over) for place, axis in enumerate(mapping.product))


def _unusable(plan: Plan, name: str, given: Any, before: dict[str, int]) -> Iterator[str]:
    if isinstance(given, list | dict):
        return
    if not isinstance(given, str) or not is_template(given):
        yield f"must be a list, an object, or one expression in {{{{ }}}}, but it is {short(given)}"
        return
    try:
        read, roots = references(given), one_expression(given)
    except RenderFault as fault:
        yield str(fault)
        return
    if "item" in roots:
        yield "reads item, which only the mapping makes"
    for root, what in read:
        if root == "params" and what not in plan.spec.params:
            yield f"reads params.{what}, which the Dag does not declare"
        elif root == "tasks" and what not in plan.tasks:
            yield f"reads the output of {what}, which is no task"
        elif root == "tasks" and not all(_is_before(plan, what, task, before) for task in _first(plan, name)):
            yield f"reads the output of {what}, which is not before {name}"


def _first(plan: Plan, name: str) -> Sequence[str]:
    """The task itself; of a group those that depend on no other task of it."""
    members = plan.grouping.members.get(name, (name,))
    inside = frozenset(members)
    return [task for task in members if not inside & frozenset(plan.graph.upstream[task])]


def _is_before(plan: Plan, name: str, task: str, before: dict[str, int]) -> bool:
    """Whether `task` depends on it; where a cycle hides that, the cycle is told."""
    if task not in before or name not in plan.graph.rank:
        return True
    return name != task and before[task] >> plan.graph.rank[name] & 1 == 1


JUDGES = (_nested, _choices, _elements)
