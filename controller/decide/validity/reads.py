"""A plan -> templates and expressions that are not allowed, or that read what is not there."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from controller.decide.expressions import ExpressionFault, check_expression, expression_references
from controller.decide.render import names_in, references
from controller.decide.render_faults import RenderFault
from controller.decide.validity.fault import Fault
from controller.model.graph import closure
from controller.model.plan import Plan
from controller.model.task import Task

Reads = tuple[tuple[str, str], ...]
_OF_RUN: Final = ("params", "tasks", "run", "dag")
_OF_ANSWER: Final = ("status", "body", "json", "params", "run", "dag")
_OF_OBJECT: Final = ("object", "params", "run", "dag")


def _texts(plan: Plan) -> Iterator[Fault]:
    """Every text of every task that something is filled into, or that is an expression."""
    before = closure(plan.graph.order, plan.graph.upstream)
    for place, task in enumerate(plan.spec.tasks):
        known = before.get(task.name)
        for where, text in _template_texts(plan, task):
            path = f"spec.tasks[{place}].{where}"
            yield from (Fault(path, message) for message in _template(plan, task, text, known))
        for where, text, names in _expressions(plan, task):
            path = f"spec.tasks[{place}].{where}"
            yield from (Fault(path, message) for message in _expression(plan, task, (text, names), known))


def _template(plan: Plan, task: Task, text: str, before: int | None) -> Iterator[str]:
    try:
        read, names = references(text), names_in(text)
    except RenderFault as fault:
        yield str(fault)
        return
    if "item" in names and task.name not in plan.mapped:
        yield f"reads item, but task {task.name} is not mapped"
    yield from _unreadable(plan, task, read, before)


def _expression(plan: Plan, task: Task, written: tuple[str, Iterable[str]], before: int | None) -> Iterator[str]:
    text, names = written
    try:
        check_expression(text, tuple(names))
        read = expression_references(text) if "params" in names else ()
    except ExpressionFault as fault:
        yield str(fault)
    else:
        yield from _unreadable(plan, task, read, before)


def _template_texts(plan: Plan, task: Task) -> Iterator[tuple[str, str]]:
    for number, argument in enumerate(task.args or ()):
        yield f"args[{number}]", argument
    for variable in plan.tasks[task.name].settings.env or ():
        yield f"env.{variable.name}", variable.value or ""
    if task.wait is not None and task.wait.until is not None:
        yield "wait.until", task.wait.until
    if task.http_sensor is not None:
        yield "httpSensor.url", task.http_sensor.url
    if task.resource_sensor is not None:
        yield "resourceSensor.name", task.resource_sensor.name
    if task.approval is not None:
        yield "approval.message", task.approval.message
    if task.trigger_dag is not None:
        yield "triggerDag.logicalDate", task.trigger_dag.logical_date or ""
        for name, value in task.trigger_dag.params.items():
            yield from _texts_in(f"triggerDag.params.{name}", value)


def _texts_in(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts_in(f"{path}.{name}", each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts_in(f"{path}[{number}]", each)


def _expressions(plan: Plan, task: Task) -> Iterator[tuple[str, str, Iterable[str]]]:
    item = ("item",) if task.name in plan.mapped else ()
    names = (*_OF_RUN, *item)
    if task.branch is not None:
        for number, case in enumerate(task.branch.cases):
            yield f"branch.cases[{number}].when", case.when, names
    if task.short_circuit is not None:
        yield "shortCircuit.when", task.short_circuit.when, names
    if task.http_sensor is not None:
        yield "httpSensor.expect", task.http_sensor.expect, (*_OF_ANSWER, *item)
    if task.resource_sensor is not None:
        yield "resourceSensor.expect", task.resource_sensor.expect, (*_OF_OBJECT, *item)


def _unreadable(plan: Plan, task: Task, read: Reads, before: int | None) -> Iterator[str]:
    """What the task can't read; `before` has the bits of the tasks before it, None where a cycle hides them."""
    for root, name in read:
        if root == "params" and name not in plan.spec.params:
            yield f"reads params.{name}, which the Dag does not declare"
        if root == "tasks" and name not in plan.tasks:
            yield f"reads the output of {name}, which is no task"
        elif root == "tasks" and before is not None and not _has(plan, before, name, task.name):
            yield f"reads the output of {name}, which task {task.name} does not depend on"


def _has(plan: Plan, before: int, name: str, task: str) -> bool:
    return name != task and name in plan.graph.rank and before >> plan.graph.rank[name] & 1 == 1


JUDGES: Final[tuple[Callable[[Plan], Iterator[Fault]], ...]] = (_texts,)
