"""A plan -> tasks that can't update assets."""

from collections.abc import Iterator
from typing import Final

from controller.decide.validity.fault import Fault
from controller.model.plan import Plan


def _choices(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        if task.updates and (task.branch is not None or task.short_circuit is not None):
            message = f"task {task.name} only chooses what goes on: let a task behind it update assets"
            yield Fault(f"spec.tasks[{place}].updates", message)


def _doubles(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        for number, asset in enumerate(task.updates):
            if asset in task.updates[:number]:
                yield Fault(f"spec.tasks[{place}].updates[{number}]", f"{asset} is named twice")


JUDGES: Final = (_choices, _doubles)
