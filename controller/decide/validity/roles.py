"""A plan -> branches, setups, teardowns and fail-fast Dags that can't work as they are written."""

from collections.abc import Iterator

from controller.decide.validity.fault import Fault
from controller.model.plan import Plan
from controller.model.scopes import MOST_ROLES
from controller.model.task import Role, Task, TriggerRule


def _branches(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        if task.branch is None:
            continue
        where = f"spec.tasks[{place}].branch"
        lists = [(f"{where}.cases[{number}].follow", case.follow) for number, case in enumerate(task.branch.cases)]
        for path, names in (*lists, (f"{where}.otherwise", task.branch.otherwise)):
            for name in names:
                if not set(plan.named((name,))) & set(plan.graph.downstream[task.name]):
                    yield Fault(path, f"{name} is not directly after the branch {task.name}")


def _leaves_its_group(plan: Plan) -> Iterator[Fault]:
    """What a task chooses in a mapped group, it chooses for each element: that means nothing outside."""
    for place, task in enumerate(plan.spec.tasks):
        source = plan.tasks[task.name].mapped_by
        kind = "branch" if task.branch is not None else "shortCircuit" if task.short_circuit is not None else None
        if kind is None or source not in plan.grouping.members:
            continue
        for later in plan.graph.downstream[task.name]:
            if not plan.shares_index(task.name, later):
                message = (
                    f"task {task.name} chooses for each element of the mapped group {source}, but {later} after it"
                )
                yield Fault(f"spec.tasks[{place}].{kind}", f"{message} is not in that group")


def _roles(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        if task.fails_run and task.role is not Role.TEARDOWN:
            yield Fault(f"spec.tasks[{place}].failsRun", f"goes with role teardown alone: {task.name} is {_role(task)}")
        if task.role is Role.TEARDOWN and not plan.graph.upstream[task.name]:
            message = f"the teardown {task.name} needs dependsOn, with the setups that it clears up after"
            yield Fault(f"spec.tasks[{place}]", message)


def _too_many(plan: Plan) -> Iterator[Fault]:
    count = sum(task.role is not Role.WORK for task in plan.spec.tasks)
    if count > MOST_ROLES:
        yield Fault("spec.tasks", f"has {count:,} setups and teardowns, more than {MOST_ROLES:,}")


def _role(task: Task) -> str:
    return "a setup" if task.role is Role.SETUP else "a task that works"


def _fail_fast(plan: Plan) -> Iterator[Fault]:
    if not plan.spec.fail_fast:
        return
    for place, task in enumerate(plan.spec.tasks):
        planned = plan.tasks[task.name]
        if not planned.is_teardown and planned.trigger_rule is not TriggerRule.ALL_SUCCESS:
            message = f"is {planned.trigger_rule.value}, but with failFast every rule must be all_success"
            yield Fault(f"spec.tasks[{place}].triggerRule", message)


JUDGES = (_branches, _leaves_its_group, _roles, _too_many, _fail_fast)
