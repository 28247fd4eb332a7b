"""A task and its place in a mapping <-> the text that names one instance: `load`, or of a mapped task `load[3]`.

Lists of instances in a status fold neighbours of one task: `load[3-17]`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_FORM: Final = re.compile(r"^([^\[]+)\[(\d+)(?:-(\d+))?\]$")


def instance_id(task: str, index: int | None) -> str:
    """`load` for a task that is not mapped, else `load[3]`."""
    return task if index is None else f"{task}[{index}]"


def task_and_index(instance: str) -> tuple[str, int | None]:
    """The parts of one instance's name."""
    if not instance.endswith("]"):
        return instance, None
    task, _, rest = instance.partition("[")
    try:
        return task, int(rest[:-1])
    except ValueError:
        return instance, None  # what a person wrote may have any form


def folded(instances: Iterable[str]) -> tuple[str, ...]:
    """The same instances with runs of neighbours in one text each; tasks in the order of their first instance."""
    indexes: dict[tuple[str, bool], set[int]] = {}
    for instance in instances:
        task, index = task_and_index(instance)
        found = indexes.setdefault((task, index is None), set())
        if index is not None:
            found.add(index)
    texts: list[str] = []
    for (task, is_whole), found in indexes.items():
        texts.extend([task] if is_whole else [_range(task, *run) for run in _runs(sorted(found))])
    return tuple(texts)


def unfolded(texts: Iterable[str]) -> Iterator[str]:
    """Every single instance of a folded list; a text that is none of its forms is left out."""
    for text in texts:
        if "[" not in text:
            if text:
                yield text
            continue
        match = _FORM.match(text)
        if match is None:
            continue
        task, first, last = match.groups()
        yield from (instance_id(task, index) for index in range(int(first), int(last or first) + 1))


def _runs(indexes: list[int]) -> Iterator[tuple[int, int]]:
    first = last = indexes[0]
    for index in indexes[1:]:
        if index != last + 1:
            yield first, last
            first = index
        last = index
    yield first, last


def _range(task: str, first: int, last: int) -> str:
    return instance_id(task, first) if first == last else f"{task}[{first}-{last}]"
