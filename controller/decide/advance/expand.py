"""A mapping and the outputs that it reads -> its elements.

    over      a list: its elements; an object: `{key, value}` for each of its fields, in their order
    product   every combination of several lists as an object with a field for each, the last list varying fastest

`{"$artifact": key}` stands for the list under that key in the artifact store. What is not read yet is wanted: the
mapping waits until the snapshot has it.

Source: Airflow 3.3: a value that is missing makes the task UpstreamFailed, one that is no list makes it Failed, and an
empty list makes it Skipped.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from controller.decide.advance.scene import Found, Scene
from controller.decide.artifacts import key_fault
from controller.decide.render import evaluate, is_template, references
from controller.decide.render_faults import Missing, RenderFault
from controller.decide.values import Outputs, run_values
from controller.model.instance import instance_id
from controller.model.states import TaskState

MOST_ELEMENTS: Final = 100_000
MOST_ITEM_CHARS: Final = 32_768
_OTHER_AXIS_CHARS: Final = 4_352
"""What an element of an output and the name of its field take of that at most."""


class _Unusable(Exception):
    """The value can't be mapped over; the text says why."""


def work_out(scene: Scene, source: str) -> Found:
    """The elements of a mapped task or group."""
    mapping = scene.plan.maps[source]
    given = [mapping.over] if mapping.product is None else [axis.over for axis in mapping.product]
    shelf = _Shelf(scene)
    try:
        read = frozenset(name for text in given for root, name in _references(text) if root == "tasks")
        waits = [task for task in sorted(read) if not scene.is_final(task)]
        if waits:
            return Found(reason=f"The mapping of {source} waits for task {waits[0]}")
        lists = [_listed(shelf.take(_value(scene, source, text, read))) for text in given]
        if shelf.wants:
            wants = tuple(shelf.wants)
            reason = f"The mapping of {source} waits for artifact {wants[0]} to be read"
            return Found(reason=reason, artifacts=frozenset(shelf.keys), wants=wants)
        shelf.refuse_long(0 if mapping.product is None else len(given) * _OTHER_AXIS_CHARS)
        if mapping.product is None:
            items = tuple(lists[0])
        else:
            names = [axis.name for axis in mapping.product]
            _refuse_many(lists)
            items = tuple(dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*lists))
    except Missing as fault:
        reason = f"The mapping of {source} has no value: {fault}"
        return Found(ends_as=TaskState.UPSTREAM_FAILED, reason=reason, artifacts=frozenset(shelf.keys))
    except (RenderFault, _Unusable) as fault:
        reason = f"The mapping of {source} can't be worked out: {fault}"
        return Found(ends_as=TaskState.FAILED, reason=reason, artifacts=frozenset(shelf.keys))
    return Found(items=items, artifacts=frozenset(shelf.keys))


def elements(scene: Scene, source: str) -> Found:
    """The elements of a mapping that was expanded in this look or an earlier one.

    The outputs that they follow from have not changed since; an artifact may have.
    """
    found = scene.found.get(source)
    if found is None:
        found = work_out(scene, source)
        count = scene.expansions.get(source)
        if found.artifacts and found.items is not None and len(found.items) != count:
            reason = f"The mapping of {source} had {count} elements, but its artifact has {len(found.items)} now"
            found = Found(ends_as=TaskState.FAILED, reason=reason, artifacts=found.artifacts)
        scene.found[source] = found
    return found


def item(scene: Scene, task: str, index: int) -> Any:
    """The element of the mapping that the instance is about."""
    task_run = scene.snapshot.task_runs.get(instance_id(task, index))
    told = task_run.spec.item if task_run is not None else None
    items = elements(scene, scene.plan.tasks[task].mapped_by or "").items or ()
    if index < len(items):
        return items[index]
    return json.loads(told) if told is not None else None


def values(scene: Scene, task: str, index: int | None, read: frozenset[str]) -> dict[str, Any]:
    """What expressions of `task[index]` may read: `read` names the tasks whose outputs they do."""
    outputs = Outputs(scene.plan, scene.snapshot.task_runs, scene.expansions)
    given = run_values(scene.snapshot.run, outputs.of(task, index, read))
    if index is not None:
        given["item"] = item(scene, task, index)
    return given


def _references(given: Any) -> tuple[tuple[str, str], ...]:
    return references(given) if isinstance(given, str) else ()


def _value(scene: Scene, source: str, given: Any, read: frozenset[str]) -> Any:
    if not isinstance(given, str) or not is_template(given):
        return given
    return evaluate(given, values(scene, source, None, read))


@dataclass(slots=True)
class _Shelf:
    """What was read of the artifact store, and what a mapping takes of it."""

    scene: Scene
    keys: dict[str, int] = field(default_factory=dict)
    """What it takes, with the length of each one's longest element."""
    wants: dict[str, None] = field(default_factory=dict)

    def take(self, value: Any) -> Any:
        """The list that the value refers to, empty while it is wanted; another value is its own."""
        if not isinstance(value, dict) or "$artifact" not in value:
            return value
        key, snapshot = value["$artifact"], self.scene.snapshot
        fault = key_fault(key, snapshot.run.meta.namespace)
        if fault:
            raise _Unusable(fault)
        known = snapshot.artifacts.get(key)
        reading = known.reading if known is not None else None
        self.keys[key] = reading.longest if reading is not None else 0
        if reading is not None and reading.fault:
            raise _Unusable(f"artifact {key} {reading.fault}")
        if reading is None or reading.items is None:
            self.wants[key] = None
            return ()
        return reading.items

    def refuse_long(self, other_chars: int) -> None:
        """An element becomes part of its TaskRun, which holds so much and no more."""
        longest = sum(self.keys.values())
        most = MOST_ITEM_CHARS - other_chars if self.keys else longest
        if longest > most:
            key = max(self.keys, key=self.keys.__getitem__)
            raise _Unusable(f"an element of artifact {key} has {self.keys[key]:,} characters, {most:,} are the most")


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        raise Missing("it is null")
    if isinstance(value, dict):
        value = [{"key": key, "value": each} for key, each in value.items()]
    if not isinstance(value, list | tuple):
        raise _Unusable(f"a list is needed, but it is {str(value)[:60]!r}")
    if len(value) > MOST_ELEMENTS:
        raise _Unusable(f"it has {len(value):,} elements, more than {MOST_ELEMENTS:,}")
    return value


def _refuse_many(lists: Sequence[Sequence[Any]]) -> None:
    count = 1
    for each in lists:
        count *= len(each)
    if count > MOST_ELEMENTS:
        raise _Unusable(f"there are {count:,} combinations, more than {MOST_ELEMENTS:,}")
