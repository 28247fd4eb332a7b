"""The tasks and their graph -> what setups, teardowns, branches and short circuits reach.

direct[t]     the setups directly before t
setups[t]     the setups further up that task t needs: those whose teardown comes after t, or that have none
between[t]    of a teardown: every task between its setups and itself, for which it waits
skippers[t]   the branches and short circuits that may skip t
spared[b]     of a branch, by the task that it follows: the tasks that are not skipped then
"""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.model.graph import Graph, reachable
from controller.model.task import Role, Task


@dataclass(frozen=True, slots=True)
class Scopes:
    """What reaches a task besides its direct upstream; tasks without such a thing are left out."""

    direct_setups: Mapping[str, tuple[str, ...]]
    setups: Mapping[str, tuple[str, ...]]
    between: Mapping[str, tuple[str, ...]]
    skippers: Mapping[str, tuple[str, ...]]
    spared: Mapping[str, Mapping[str, frozenset[str]]]


def build_scopes(tasks: Mapping[str, Task], graph: Graph) -> Scopes:
    """The scopes; all empty for a Dag that has none of these tasks."""
    skippers: dict[str, list[str]] = {}
    spared: dict[str, dict[str, frozenset[str]]] = {}
    for name in graph.order:
        task = tasks[name]
        if task.branch is not None:
            direct = graph.downstream[name]
            spared[name] = {follow: reachable(follow, graph.downstream) | {follow} for follow in direct}
            for later in direct:
                skippers.setdefault(later, []).append(name)
        elif task.short_circuit is not None:
            everything = task.short_circuit.skip_all
            for later in sorted(reachable(name, graph.downstream)) if everything else graph.downstream[name]:
                if tasks[later].role is not Role.TEARDOWN:
                    skippers.setdefault(later, []).append(name)
    of_setups = {name for name, task in tasks.items() if task.role is Role.SETUP}
    befores = {name: tuple(before for before in graph.upstream[name] if before in of_setups) for name in graph.order}
    return Scopes(
        direct_setups={name: found for name, found in befores.items() if found},
        setups=_setups(tasks, graph),
        between=_between(tasks, graph),
        skippers={task: tuple(found) for task, found in skippers.items()},
        spared=spared,
    )


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
