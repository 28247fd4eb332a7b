"""A mapping and the outputs that it reads -> its elements.

    over      a list: its elements; an object: `{key, value}` for each of its fields, in their order
    product   every combination of several lists as an object with a field for each, the last list varying fastest

Source: Airflow 3.3: a value that is missing makes the task UpstreamFailed, one that is no list makes it Failed, and an
empty list makes it Skipped.
"""

import itertools
from dataclasses import dataclass
from typing import Any, Final

from controller.decide.advance.scene import Scene
from controller.decide.render import Missing, RenderFault, evaluate, is_template, references
from controller.model.states import TaskState

MOST_ELEMENTS: Final = 100_000
MOST_ITEM_CHARS: Final = 32_768


@dataclass(frozen=True, slots=True)
class Found:
    """The elements, or why there are none."""

    items: tuple[Any, ...] | None = None
    """None while the values are not there, or can't be used."""
    ends_as: TaskState | None = None
    """What becomes of the mapped task then; None = it waits."""
    reason: str = ""


class _Unusable(Exception):
    """The value can't be mapped over; the text says why."""


def work_out(scene: Scene, source: str) -> Found:
    """The elements of a mapped task or group."""
    mapping = scene.plan.maps[source]
    given = [mapping.over] if mapping.product is None else [axis.over for axis in mapping.product]
    try:
        read = frozenset(name for text in given for root, name in _references(text) if root == "tasks")
        waits = [task for task in sorted(read) if not scene.is_final(task)]
        if waits:
            return Found(reason=f"The mapping of {source} waits for task {waits[0]}")
        lists = [_listed(_value(scene, source, text, read)) for text in given]
        if mapping.product is None:
            items = tuple(lists[0])
        else:
            names = [axis.name for axis in mapping.product]
            _refuse_many(lists)
            items = tuple(dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*lists))
    except Missing as fault:
        return Found(ends_as=TaskState.UPSTREAM_FAILED, reason=f"The mapping of {source} has no value: {fault}")
    except (RenderFault, _Unusable) as fault:
        return Found(ends_as=TaskState.FAILED, reason=f"The mapping of {source} can't be worked out: {fault}")
    return Found(items=items)


def _references(given: Any) -> tuple[tuple[str, str], ...]:
    return references(given) if isinstance(given, str) else ()


def _value(scene: Scene, source: str, given: Any, read: frozenset[str]) -> Any:
    if not isinstance(given, str) or not is_template(given):
        return given
    return evaluate(given, scene.values(source, None, read))


def _listed(value: Any) -> list[Any]:
    if value is None:
        raise Missing("it is null")
    if isinstance(value, dict) and "$artifact" in value:
        raise _Unusable("it refers to an artifact, which only tasks can read: give the list itself as the output")
    if isinstance(value, dict):
        value = [{"key": key, "value": each} for key, each in value.items()]
    if not isinstance(value, list):
        raise _Unusable(f"a list is needed, but it is {str(value)[:60]!r}")
    if len(value) > MOST_ELEMENTS:
        raise _Unusable(f"it has {len(value):,} elements, more than {MOST_ELEMENTS:,}")
    return value


def _refuse_many(lists: list[list[Any]]) -> None:
    count = 1
    for each in lists:
        count *= len(each)
    if count > MOST_ELEMENTS:
        raise _Unusable(f"there are {count:,} combinations, more than {MOST_ELEMENTS:,}")
