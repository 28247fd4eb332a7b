"""A Dag's spec as JSON text -> its plan, or every fault as a path and one sentence.

The same judgement serves the controller, `slipway validate` and admission. Shape comes first (the models), then what
only the whole can tell, by an ordered list of small functions. Judging the same text twice costs nothing.
"""

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from controller.decide.calendar import schedule_faults
from controller.decide.params import params_faults
from controller.decide.render import RenderFault, references
from controller.model.dag import DagSpec
from controller.model.graph import closure, find_cycle
from controller.model.kinds import AT_ONCE, IN_TIME, WITH_POD
from controller.model.plan import Plan, build_plan
from controller.model.pod import MAIN
from controller.model.task import Task, TaskSettings

MAX_SPEC_BYTES: Final = 1_000_000
"""Under etcd's limit of 1.5 MiB an object, with room for a status and for managed fields."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a Dag."""

    path: str
    """Where, such as `spec.tasks[2].dependsOn`."""
    message: str
    """One sentence that says what is wrong, and what would be right."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass(frozen=True, slots=True)
class Judgement:
    """A plan or the faults that stand in its way."""

    plan: Plan | None
    faults: tuple[Fault, ...] = ()


@functools.lru_cache(maxsize=4096)
def judge_spec(spec_json: str) -> Judgement:
    """What is to be said of a spec."""
    size = len(spec_json.encode())
    if size > MAX_SPEC_BYTES:
        message = f"is {size:,} bytes as JSON, more than {MAX_SPEC_BYTES:,}: move scripts into images, or split the Dag"
        return Judgement(None, (Fault("spec", message),))
    try:
        spec = DagSpec.model_validate(json.loads(spec_json), by_alias=True, by_name=False)
    except ValidationError as error:
        return Judgement(None, tuple(_shape_faults(error)))
    plan = build_plan(spec)
    faults = tuple(fault for judge in _JUDGES for fault in judge(plan))
    return Judgement(None if faults else plan, faults)


def _shape_faults(error: ValidationError) -> Iterator[Fault]:
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # pydantic counts the items that are right, and the others have faults of their own
        path = "spec" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
        yield Fault(path, _shape_message(detail))


def _shape_message(detail: Any) -> str:
    given = detail.get("input")
    match detail["type"]:
        case "extra_forbidden":
            return "is not a field that exists here"
        case "missing":
            return "is required"
        case "tuple_type":
            return f"must be a list, but it is {_short(given)}"
        case "dict_type" | "model_type":
            return f"must be an object, but it is {_short(given)}"
        case "too_short":
            return "needs at least one item"
        case "too_long":
            return f"has more than {detail['ctx']['max_length']:,} items"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "string_pattern_mismatch":
            return f"{given!r} does not match {detail['ctx']['pattern']}"
        case "enum":
            return f"{given!r} is not one of {detail['ctx']['expected']}"
        case _:
            text = str(detail["msg"])
            return f"{text[0].lower()}{text[1:]}, but it is {_short(given)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _duplicates(plan: Plan) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, task in enumerate(plan.spec.tasks):
        if task.name in first:
            yield Fault(f"spec.tasks[{place}].name", f"{task.name} is already the name of tasks[{first[task.name]}]")
        first.setdefault(task.name, place)


def _missing_dependencies(plan: Plan) -> Iterator[Fault]:
    known = plan.tasks.keys() | plan.grouping.members.keys()
    for place, task in enumerate(plan.spec.tasks):
        for before in task.depends_on:
            if before not in known:
                yield Fault(f"spec.tasks[{place}].dependsOn", f"task {task.name} depends on {before}, which is no task")


def _cycle(plan: Plan) -> Iterator[Fault]:
    circle = find_cycle(plan.graph)
    if circle:
        yield Fault("spec.tasks", f"the tasks form a cycle: {' -> '.join(circle)}")


def _kinds(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        kinds = [to_camel(kind) for kind in (*WITH_POD, *AT_ONCE, *IN_TIME) if getattr(task, kind) is not None]
        if len(kinds) != 1:
            told = "none of them" if not kinds else " and ".join(kinds)
            message = f"task {task.name} needs one kind, such as script, python or noop: has {told}"
            yield Fault(f"spec.tasks[{place}]", message)
        elif task.args is not None and task.command is None:
            yield Fault(f"spec.tasks[{place}].args", f"task {task.name} has args, which go with command alone")


def _script_sizes(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        for kind in ("script", "python"):
            size = len((getattr(task, kind) or "").encode())
            if size > 65_536:
                yield Fault(f"spec.tasks[{place}].{kind}", f"is {size:,} bytes, more than 65,536: put it into an image")


def _env_names(plan: Plan) -> Iterator[Fault]:
    for path, settings in _all_settings(plan.spec):
        for number, variable in enumerate(settings.env or ()):
            where = f"{path}.env[{number}]"
            if variable.name.startswith("SLIPWAY_"):
                yield Fault(where, f"{variable.name}: names that begin with SLIPWAY_ are set by Slipway")
            if variable.value is not None and variable.value_from is not None:
                yield Fault(where, f"{variable.name} has both value and valueFrom")


def _fragments(plan: Plan) -> Iterator[Fault]:
    for path, settings in _all_settings(plan.spec):
        containers = (settings.pod or {}).get("containers", [])
        if not isinstance(containers, list) or not all(isinstance(item, dict) for item in containers):
            yield Fault(f"{path}.pod.containers", "is not a list of containers")
            continue
        for number, container in enumerate(containers):
            taken = {"command", "args"} & container.keys() if container.get("name") == MAIN else set()
            for field in sorted(taken):
                yield Fault(f"{path}.pod.containers[{number}].{field}", f"can't be set: container {MAIN} is the task's")


def _templates(plan: Plan) -> Iterator[Fault]:
    before = closure(plan.graph.order, plan.graph.upstream)
    for place, task in enumerate(plan.spec.tasks):
        for where, text in _template_texts(task, plan.spec.defaults):
            path = f"spec.tasks[{place}].{where}"
            try:
                read = references(text)
            except RenderFault as fault:
                yield Fault(path, str(fault))
            else:
                known = before.get(task.name)
                yield from (Fault(path, message) for message in _unreadable(plan, task, read, known))


def _template_texts(task: Task, defaults: TaskSettings) -> Iterator[tuple[str, str]]:
    for number, argument in enumerate(task.args or ()):
        yield f"args[{number}]", argument
    for variable in (*(defaults.env or ()), *(task.env or ())):
        yield f"env.{variable.name}", variable.value or ""


def _unreadable(plan: Plan, task: Task, read: Iterable[tuple[str, str]], before: int | None) -> Iterator[str]:
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


def _schedule(plan: Plan) -> Iterator[Fault]:
    if plan.spec.schedule is not None:
        for path, message in schedule_faults(plan.spec.schedule):
            yield Fault(f"spec.schedule.{path}" if path else "spec.schedule", message)


def _params(plan: Plan) -> Iterator[Fault]:
    for path, message in params_faults(plan.spec.params, need_defaults=plan.spec.schedule is not None):
        yield Fault(f"spec.params.{path}", message)


def _all_settings(spec: DagSpec) -> Iterator[tuple[str, TaskSettings]]:
    yield "spec.defaults", spec.defaults
    for place, task in enumerate(spec.tasks):
        yield f"spec.tasks[{place}]", task


_JUDGES: Final[tuple[Callable[[Plan], Iterator[Fault]], ...]] = (
    _duplicates,
    _missing_dependencies,
    _cycle,
    _kinds,
    _script_sizes,
    _env_names,
    _fragments,
    _templates,
    _schedule,
    _params,
)
