"""The tasks and their graph -> what setups, teardowns, branches and short circuits reach.

direct_setups[t]   the setups directly before t
setups[t]          the setups further up that task t needs: those whose teardown comes after t, or that have none
between[t]         of a teardown: every task between its setups and itself, for which it waits
skippers[t]        the branches and short circuits directly before t that may skip it
stoppers           the short circuits that skip everything behind them, as bits at their places in the order
before[t]          t and everything before it, as bits too; only where there is a branch or a short circuit
reach[t]           tasks that are not directly after t, and yet hang on its end
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from controller.model.graph import Graph, closure, reachable
from controller.model.task import Map, Role, Task

MOST_ROLES: Final = 500
"""Setups and teardowns of a Dag; each may reach all of its tasks."""
_WORD: Final = re.compile(r"[a-z0-9][-a-z0-9]*")


@dataclass(frozen=True, slots=True)
class Scopes:
    """What reaches a task besides its direct upstream; tasks without such a thing are left out."""

    direct_setups: Mapping[str, tuple[str, ...]]
    setups: Mapping[str, tuple[str, ...]]
    between: Mapping[str, tuple[str, ...]]
    skippers: Mapping[str, tuple[str, ...]]
    stoppers: int
    before: Mapping[str, int]
    reach: Mapping[str, tuple[str, ...]]


def build_scopes(tasks: Mapping[str, Task], graph: Graph, mapped: Mapping[str, tuple[Map, ...]]) -> Scopes:
    """The scopes; all empty for a Dag that has none of these tasks. `mapped` has the mappings that make each task."""
    chooses = any(task.branch is not None or task.short_circuit is not None for task in tasks.values())
    of_setups = {name for name, task in tasks.items() if task.role is Role.SETUP}
    befores = {name: tuple(before for before in graph.upstream[name] if before in of_setups) for name in graph.order}
    has_too_many = sum(task.role is not Role.WORK for task in tasks.values()) > MOST_ROLES  # the Dag is not valid then
    setups = {} if has_too_many else _setups(tasks, graph)
    between = {} if has_too_many else _between(tasks, graph)
    return Scopes(
        direct_setups={name: found for name, found in befores.items() if found},
        setups=setups,
        between=between,
        skippers=_skippers(tasks, graph) if chooses else {},
        stoppers=sum(1 << graph.rank[name] for name in graph.order if _skips_all(tasks[name])),
        before=closure(graph.order, graph.upstream) if chooses else {},
        reach=_reach((setups, between, _mapped_over(tasks, mapped)), graph),
    )


def _skips_all(task: Task) -> bool:
    return task.short_circuit is not None and task.short_circuit.skip_all


def _skippers(tasks: Mapping[str, Task], graph: Graph) -> dict[str, tuple[str, ...]]:
    """A teardown is spared by every choice: what was set up is cleared up."""
    found: dict[str, tuple[str, ...]] = {}
    for name in graph.order:
        if tasks[name].role is Role.TEARDOWN:
            continue
        chosen = (tasks[before].branch is not None or _skips_next(tasks[before]) for before in graph.upstream[name])
        skippers = tuple(each for each, chooses in zip(graph.upstream[name], chosen, strict=True) if chooses)
        if skippers:
            found[name] = skippers
    return found


def _skips_next(task: Task) -> bool:
    return task.short_circuit is not None and not task.short_circuit.skip_all


def _setups(tasks: Mapping[str, Task], graph: Graph) -> dict[str, tuple[str, ...]]:
    """Source: Airflow 3.3, `get_upstreams_only_setups`; the direct upstream is the trigger rule's business."""
    found: dict[str, list[str]] = {}
    for setup in (name for name in graph.order if tasks[name].role is Role.SETUP):
        teardowns = [later for later in graph.downstream[setup] if tasks[later].role is Role.TEARDOWN]
        behind = reachable(setup, graph.downstream) - set(graph.downstream[setup])
        covered = behind if not teardowns else {name for each in teardowns for name in reachable(each, graph.upstream)}
        for name in (task for task in graph.order if task in behind and task in covered):
            if tasks[name].role is not Role.TEARDOWN:
                found.setdefault(name, []).append(setup)
    return {task: tuple(setups) for task, setups in found.items()}


def _between(tasks: Mapping[str, Task], graph: Graph) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for teardown in (name for name in graph.order if tasks[name].role is Role.TEARDOWN):
        setups = [before for before in graph.upstream[teardown] if tasks[before].role is Role.SETUP]
        behind = {name for setup in setups for name in reachable(setup, graph.downstream)}
        inside = behind & reachable(teardown, graph.upstream)
        found[teardown] = tuple(task for task in graph.order if task in inside)
    return found


def _mapped_over(tasks: Mapping[str, Task], mapped: Mapping[str, tuple[Map, ...]]) -> dict[str, tuple[str, ...]]:
    """The tasks whose outputs may be mapped over: any whose name stands in the text."""
    found: dict[str, tuple[str, ...]] = {}
    for task, maps in mapped.items():
        texts = (given for each in maps for given in _lists(each) if isinstance(given, str) and "{{" in given)
        words = (word for text in texts for word in _WORD.findall(text) if word in tasks and word != task)
        found[task] = tuple(dict.fromkeys(words))
    return found


def _lists(mapping: Map) -> Iterator[Any]:
    yield mapping.over
    yield from (axis.over for axis in mapping.product or ())


def _reach(hangs_on: tuple[Mapping[str, tuple[str, ...]], ...], graph: Graph) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for each in hangs_on:
        for task, befores in each.items():
            direct = frozenset(graph.upstream[task])
            for before in befores:
                if before not in direct:
                    found.setdefault(before, {})[task] = None
    return {task: tuple(later) for task, later in found.items()}
