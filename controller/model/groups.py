"""Tasks and groups as written -> which tasks each group holds, and what each task depends on with groups resolved.

A group in `dependsOn` stands for its last tasks: those that no other task of the group depends on; a teardown among
them hands on to the work before it. What a group itself depends on goes before its first tasks: those that depend on
no other task of the group. Source: Airflow 3.3, `TaskGroup.get_leaves` and `get_roots`.
"""

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from controller.model.task import Group, Role, Task

MOST_AROUND: Final = 20
"""Groups around a task; those further out count as none."""
MOST_EDGES: Final = 500_000
"""Dependencies among tasks; a name of a group stands for many, and those that are over are left out."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of a Dag, resolved."""

    chain: Mapping[str, tuple[str, ...]]
    """Each task's groups, the innermost first."""
    members: Mapping[str, tuple[str, ...]]
    """Each group's tasks, those of groups within it included, in the order of writing."""
    depends_on: Mapping[str, tuple[str, ...]]
    """The tasks directly before each task; a name that is neither task nor group is left out."""
    is_cut: bool = False
    """Whether there are more dependencies than MOST_EDGES."""


def resolve_groups(tasks: Sequence[Task], groups: Sequence[Group]) -> Grouping:
    """The grouping; a group that is missing, or is around itself, counts as none."""
    by_name = {group.name: group for group in groups}
    chain = {task.name: tuple(_around(task.group, by_name)) for task in tasks}
    members = _members(chain, groups)
    written = {task.name: task for task in tasks}
    exits: dict[str, tuple[str, ...]] = {}

    def resolved(names: Sequence[str]) -> Iterator[str]:
        for name in names:
            if name in written:
                yield name
            else:
                yield from exits.get(name, ())

    own = {task.name: task.depends_on for task in tasks}
    # A group's exits follow from the dependencies among its members alone, so the innermost groups come first.
    for group in sorted(groups, key=lambda group: -len(tuple(_around(group.name, by_name)))):
        inside = frozenset(members[group.name])
        before = {name: [each for each in resolved(own[name]) if each in inside] for name in members[group.name]}
        for name in members[group.name]:
            if not before[name] and group.depends_on:
                own[name] = (*own[name], *group.depends_on)
        exits[group.name] = tuple(_exits(members[group.name], before, written))
    depends_on: dict[str, tuple[str, ...]] = {}
    left = MOST_EDGES
    for name in written:
        depends_on[name] = tuple(dict.fromkeys(itertools.islice(resolved(own[name]), left + 1)))
        left = max(-1, left - len(depends_on[name]))
    return Grouping(chain, members, depends_on, is_cut=left < 0)


def _members(chain: Mapping[str, Sequence[str]], groups: Sequence[Group]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {group.name: [] for group in groups}
    for task, around in chain.items():
        for name in around:
            found[name].append(task)
    return {name: tuple(tasks) for name, tasks in found.items()}


def _around(name: str | None, groups: Mapping[str, Group]) -> Iterator[str]:
    seen: set[str] = set()
    while name is not None and name in groups and name not in seen and len(seen) < MOST_AROUND:
        seen.add(name)
        yield name
        name = groups[name].group


def _exits(members: Sequence[str], before: Mapping[str, Sequence[str]], tasks: Mapping[str, Task]) -> Iterator[str]:
    followed = {earlier for name in members for earlier in before[name]}
    ahead = deque(name for name in members if name not in followed)
    seen: set[str] = set()
    while ahead:
        name = ahead.popleft()
        if name in seen:
            continue
        seen.add(name)
        if tasks[name].role is Role.TEARDOWN:
            ahead.extend(before[name])
        else:
            yield name
