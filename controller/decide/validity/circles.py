"""A plan -> groups that are around themselves, tasks that depend on what they are in, and cycles."""

import itertools
from collections.abc import Iterator, Mapping

from controller.decide.validity.fault import Fault
from controller.model.graph import find_cycle
from controller.model.groups import MOST_AROUND, MOST_EDGES
from controller.model.plan import Plan


def _around_itself(plan: Plan) -> Iterator[Fault]:
    around = {group.name: group.group for group in plan.spec.groups if group.group is not None}
    told: set[str] = set()
    for place, group in enumerate(plan.spec.groups):
        circle = _circle(group.name, around)
        if circle and not told & set(circle):
            told.update(circle)
            path = " in ".join(circle)
            yield Fault(f"spec.groups[{place}].group", f"group {group.name} is around itself: {path}")


def _too_deep(plan: Plan) -> Iterator[Fault]:
    around = {group.name: group.group for group in plan.spec.groups if group.group is not None}
    for place, group in enumerate(plan.spec.groups):
        if not _circle(group.name, around) and len(_around(plan, group.name)) >= MOST_AROUND:
            yield Fault(f"spec.groups[{place}].group", f"group {group.name} is more than {MOST_AROUND} groups deep")
            return


def _too_many(plan: Plan) -> Iterator[Fault]:
    if plan.grouping.is_cut:
        message = f"the tasks have more than {MOST_EDGES:,} dependencies: put a noop between groups that are so large"
        yield Fault("spec.tasks", message)


def _circle(start: str, around: Mapping[str, str]) -> tuple[str, ...]:
    """The groups from `start` outwards back to it; empty where they end."""
    path = [start]
    while (outer := around.get(path[-1])) is not None:
        path.append(outer)
        if outer in path[:-1]:
            return tuple(path) if outer == start else ()
    return ()


def _cycle(plan: Plan) -> Iterator[Fault]:
    within = tuple(_depends_on_its_own(plan))
    if within:
        yield from within  # a cycle follows from each, and would only say it again
        return
    circle = find_cycle(plan.graph)
    if circle:
        groups = dict.fromkeys(name for edge in itertools.pairwise(circle) for name in _through(plan, *edge))
        told = f", through {' and '.join(groups)}" if groups else ""
        yield Fault("spec.tasks", f"the tasks form a cycle: {' -> '.join(circle)}{told}")


def _depends_on_its_own(plan: Plan) -> Iterator[Fault]:
    chain, members = plan.grouping.chain, plan.grouping.members
    for place, task in enumerate(plan.spec.tasks):
        for name in task.depends_on:
            if name in chain[task.name]:
                message = f"task {task.name} depends on group {name}, which it is in"
                yield Fault(f"spec.tasks[{place}].dependsOn", message)
    for place, group in enumerate(plan.spec.groups):
        for name in group.depends_on:
            if name == group.name:
                yield Fault(f"spec.groups[{place}].dependsOn", f"group {name} depends on itself")
            elif group.name in chain.get(name, ()) or group.name in _around(plan, name):
                message = f"group {group.name} depends on {name}, which is in it"
                yield Fault(f"spec.groups[{place}].dependsOn", message)
            elif name in members and name in _around(plan, group.name):
                yield Fault(f"spec.groups[{place}].dependsOn", f"group {group.name} depends on {name}, which it is in")


def _around(plan: Plan, group: str) -> tuple[str, ...]:
    """The groups around a group, the innermost first."""
    outer = {each.name: each.group for each in plan.spec.groups}
    found: list[str] = []
    name = outer.get(group)
    while name is not None and name not in found:
        found.append(name)
        name = outer.get(name)
    return tuple(found)


def _through(plan: Plan, before: str, after: str) -> Iterator[str]:
    """The groups by whose names `after` depends on `before`."""
    chain = plan.grouping.chain
    groups = {group.name: group for group in plan.spec.groups}
    if before in plan.tasks[after].written.depends_on:
        return
    yield from (f"group {name}" for name in chain[before] if name in plan.tasks[after].written.depends_on)
    for name in chain[after]:
        named = groups[name].depends_on
        if before in named:
            yield f"group {name}"
        yield from (f"groups {other} and {name}" for other in chain[before] if other in named)


JUDGES = (_around_itself, _too_deep, _too_many, _cycle)
