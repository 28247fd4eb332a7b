"""A plan -> fields of its tasks that exclude or need each other, or that say what only Slipway says."""

from collections.abc import Iterator
from typing import Final

from pydantic.alias_generators import to_camel

from controller.decide.validity.fault import Fault
from controller.model.dag import DagSpec
from controller.model.kinds import AT_ONCE, IN_TIME, OWN_HEADERS, WITH_POD
from controller.model.plan import Plan
from controller.model.pod import MAIN
from controller.model.task import MAX_SCRIPT_BYTES, TaskSettings

_KINDS: Final = (*WITH_POD, *AT_ONCE, *IN_TIME)


def _kinds(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        kinds = [to_camel(kind) for kind in _KINDS if getattr(task, kind) is not None]
        if len(kinds) != 1:
            told = " and ".join(kinds) or "none of them"
            message = f"task {task.name} needs one kind, such as script, python or noop: has {told}"
            yield Fault(f"spec.tasks[{place}]", message)
        elif task.args is not None and task.command is None:
            yield Fault(f"spec.tasks[{place}].args", f"task {task.name} has args, which go with command alone")


def _waits(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        wait = task.wait
        if wait is not None and (wait.for_ is None) is (wait.until is None):
            told = "neither" if wait.for_ is None else "both"
            yield Fault(f"spec.tasks[{place}].wait", f"needs exactly one of for and until: has {told}")


def _sensor_headers(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        for name in task.http_sensor.headers if task.http_sensor is not None else ():
            if name.strip().lower() in OWN_HEADERS:
                yield Fault(f"spec.tasks[{place}].httpSensor.headers", f"{name} can't be set: it follows from the URL")


def _script_sizes(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        for kind in ("script", "python"):
            size = len((getattr(task, kind) or "").encode())
            if size > MAX_SCRIPT_BYTES:
                message = f"is {size:,} bytes, more than {MAX_SCRIPT_BYTES:,}: put it into an image"
                yield Fault(f"spec.tasks[{place}].{kind}", message)


def _env_names(plan: Plan) -> Iterator[Fault]:
    for path, settings in all_settings(plan.spec):
        for number, variable in enumerate(settings.env or ()):
            where = f"{path}.env[{number}]"
            if variable.name.startswith("SLIPWAY_"):
                yield Fault(where, f"{variable.name}: names that begin with SLIPWAY_ are set by Slipway")
            if variable.value is not None and variable.value_from is not None:
                yield Fault(where, f"{variable.name} has both value and valueFrom")


def _fragments(plan: Plan) -> Iterator[Fault]:
    for path, settings in all_settings(plan.spec):
        containers = (settings.pod or {}).get("containers", [])
        if not isinstance(containers, list) or not all(isinstance(item, dict) for item in containers):
            yield Fault(f"{path}.pod.containers", "is not a list of containers")
            continue
        for number, container in enumerate(containers):
            taken = {"command", "args"} & container.keys() if container.get("name") == MAIN else set()
            for field in sorted(taken):
                yield Fault(f"{path}.pod.containers[{number}].{field}", f"can't be set: container {MAIN} is the task's")


def all_settings(spec: DagSpec) -> Iterator[tuple[str, TaskSettings]]:
    """Everything that has settings of a task, and its path."""
    yield "spec.defaults", spec.defaults
    for place, group in enumerate(spec.groups):
        yield f"spec.groups[{place}].defaults", group.defaults
    for place, task in enumerate(spec.tasks):
        yield f"spec.tasks[{place}]", task


JUDGES = (_kinds, _waits, _sensor_headers, _script_sizes, _env_names, _fragments)
