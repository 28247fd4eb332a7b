"""A plan -> names that are taken already, that would collide, or that stand for nothing."""

from collections.abc import Iterator

from controller.decide.validity.fault import Fault
from controller.model.plan import Plan


def _taken(plan: Plan) -> Iterator[Fault]:
    first: dict[str, str] = {}
    tasks = ((f"tasks[{place}]", task.name) for place, task in enumerate(plan.spec.tasks))
    groups = ((f"groups[{place}]", group.name) for place, group in enumerate(plan.spec.groups))
    for where, name in (*tasks, *groups):
        if name in first:
            yield Fault(f"spec.{where}.name", f"{name} is already the name of {first[name]}")
        first.setdefault(name, where)


def _indexes(plan: Plan) -> Iterator[Fault]:
    """The TaskRuns of a mapped task are called `<task>-<index>`."""
    for place, task in enumerate(plan.spec.tasks):
        mapped, _, end = task.name.rpartition("-")
        if end.isdigit() and mapped in plan.mapped:
            message = f"{task.name} would be the name of a TaskRun of the mapped task {mapped}: it needs another name"
            yield Fault(f"spec.tasks[{place}].name", message)


def _missing_dependencies(plan: Plan) -> Iterator[Fault]:
    what = "which is no task and no group" if plan.spec.groups else "which is no task"
    for place, task in enumerate(plan.spec.tasks):
        for before in _unknown(plan, task.depends_on):
            yield Fault(f"spec.tasks[{place}].dependsOn", f"task {task.name} depends on {before}, {what}")
    for place, group in enumerate(plan.spec.groups):
        for before in _unknown(plan, group.depends_on):
            yield Fault(f"spec.groups[{place}].dependsOn", f"group {group.name} depends on {before}, {what}")


def _unknown(plan: Plan, names: tuple[str, ...]) -> Iterator[str]:
    return (name for name in names if name not in plan.tasks and name not in plan.grouping.members)


def _missing_groups(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        if task.group is not None and task.group not in plan.grouping.members:
            yield Fault(f"spec.tasks[{place}].group", f"task {task.name} is in {task.group}, which is no group")
    for place, group in enumerate(plan.spec.groups):
        if group.group is not None and group.group not in plan.grouping.members:
            yield Fault(f"spec.groups[{place}].group", f"group {group.name} is in {group.group}, which is no group")


JUDGES = (_taken, _indexes, _missing_dependencies, _missing_groups)
