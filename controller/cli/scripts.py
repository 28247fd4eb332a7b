"""What a user says that attempts do, as JSON values -> the scripts of a simulation, and its params.

    outcomes    task -> success, failed or skipped, or a list with one for each attempt; of a mapped task also an object
                with one of these by the place of the element: {"load": {"3": "failed"}}
    durations   task -> seconds per attempt; by place as above
    outputs     task -> the value that a successful attempt gives; {"$artifact": [...]} is a list in the artifact store

`load[3]` as the name stands for one instance everywhere.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from controller.decide.params import ParamsFault, resolve_params
from controller.model.instance import task_and_index
from controller.model.kinds import AT_ONCE, IN_TIME
from controller.model.plan import Plan
from controller.simulate.script import EXIT_CODES, Script

_Value = TypeVar("_Value")
_READS_PARAMS: Final = {*AT_ONCE, *IN_TIME, "map"}


class ScriptFault(ValueError):
    """What is said can't be used; the text is one line."""


def read_outcomes(given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """One outcome for each attempt, by task or instance."""
    return _by_instance(given, _outcomes)


def read_durations(given: Mapping[str, Any]) -> dict[str, float]:
    """Seconds per attempt, by task or instance."""
    return _by_instance(given, _seconds)


def check_names(named: Mapping[str, Any], plan: Plan) -> None:
    """ScriptFault unless every name is a task of the Dag, or an instance of one that is mapped."""
    for name in named:
        task, index = _parts(name)
        if task not in plan.tasks:
            raise ScriptFault(f"the Dag has no task {task}")
        if index is not None and task not in plan.mapped:
            raise ScriptFault(f"{name}: task {task} is not mapped, so it has no elements")


def scripts_of(
    outcomes: Mapping[str, tuple[str, ...]], durations: Mapping[str, float], outputs: Mapping[str, Any]
) -> dict[str, Script]:
    """A script for everything named; what is not said of an instance is as said of its task."""

    def found(values: Mapping[str, _Value], name: str, default: _Value) -> _Value:
        return values.get(name, values.get(task_and_index(name)[0], default))

    names = dict.fromkeys((*outcomes, *durations, *outputs))
    return {
        name: Script(found(outcomes, name, ("success",)), found(durations, name, 1.0), found(outputs, name, None))
        for name in names
    }


def check_params(plan: Plan, given: Mapping[str, Any]) -> None:
    """ScriptFault where a value does not fit, or one is missing that decides where the run goes."""
    declared = plan.spec.params
    known = {name: schema for name, schema in declared.items() if name in given or "default" in schema}
    try:
        resolve_params(declared if given.keys() - declared.keys() else known, given)
    except ParamsFault as fault:
        raise ScriptFault(str(fault)) from fault
    missing = [name for name in declared if name not in known]
    readers = [each.model_dump_json(include=_READS_PARAMS) for each in (*plan.spec.tasks, *plan.spec.groups)]
    read = [name for name in missing if any("params" in text and name in text for text in readers)]
    if read:
        raise ScriptFault(f"param {read[0]} has no default, and decides how the run goes: give it a value")


def _by_instance(given: Mapping[str, Any], read: Callable[[str, Any], _Value]) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for task, told in given.items():
        if not isinstance(told, dict):
            found[task] = read(task, told)
            continue
        for place, each in told.items():
            if not place.isascii() or not place.isdigit():
                raise ScriptFault(f"{task}: {json.dumps(place)} is not the place of an element, such as 0")
            found[f"{task}[{int(place)}]"] = read(f"{task}[{int(place)}]", each)
    return found


def _outcomes(name: str, told: Any) -> tuple[str, ...]:
    outcomes = told if isinstance(told, list) else [told]
    for outcome in outcomes:
        if not isinstance(outcome, str) or outcome not in EXIT_CODES:
            raise ScriptFault(f"{name}: {json.dumps(outcome)} is not one of {', '.join(EXIT_CODES)}")
    if not outcomes:
        raise ScriptFault(f"{name}: the list is empty")
    return tuple(outcomes)


def _seconds(name: str, told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= 1e9:
        raise ScriptFault(f"{name}: {json.dumps(told)} is not a number of seconds")
    return float(told)


def _parts(name: str) -> tuple[str, int | None]:
    task, bracket, rest = name.partition("[")
    place = rest.removesuffix("]")
    if not bracket:
        return name, None
    if not rest.endswith("]") or not place.isascii() or not place.isdigit():
        raise ScriptFault(f"{json.dumps(name)} is neither a task nor an instance such as load[3]")
    return task, int(place)
