"""Tasks and what each depends on -> the graph: order, neighbours, cycles."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Graph:
    """A directed graph of tasks that may hold a cycle; `order` then leaves out what can't be reached."""

    upstream: Mapping[str, tuple[str, ...]]
    """The tasks directly before each task."""
    downstream: Mapping[str, tuple[str, ...]]
    """The tasks directly after each task."""
    order: tuple[str, ...]
    """Topological order; among tasks that are free at once, the order in which they were written."""
    rank: Mapping[str, int]
    """Each task's place in `order`."""

    def leaves(self) -> tuple[str, ...]:
        """The tasks that nothing depends on, in topological order."""
        return tuple(task for task in self.order if not self.downstream[task])


def build_graph(depends_on: Mapping[str, Sequence[str]]) -> Graph:
    """The graph of these edges; an edge to a task that does not exist is left out, a doubled one counts once."""
    upstream = {
        task: tuple(dict.fromkeys(before for before in befores if before in depends_on))
        for task, befores in depends_on.items()
    }
    after: dict[str, list[str]] = {task: [] for task in depends_on}
    for task, befores in upstream.items():
        for before in befores:
            after[before].append(task)
    order = _topological_order(upstream, after)
    return Graph(
        upstream=upstream,
        downstream={task: tuple(tasks) for task, tasks in after.items()},
        order=order,
        rank={task: place for place, task in enumerate(order)},
    )


def _topological_order(upstream: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Kahn's algorithm; the heap keeps the order of writing among tasks that are free at once."""
    written = {task: place for place, task in enumerate(upstream)}
    names = list(upstream)
    missing = {task: len(befores) for task, befores in upstream.items()}
    free = [written[task] for task, count in missing.items() if count == 0]
    heapq.heapify(free)
    order: list[str] = []
    while free:
        task = names[heapq.heappop(free)]
        order.append(task)
        for later in after[task]:
            missing[later] -= 1
            if missing[later] == 0:
                heapq.heappush(free, written[later])
    return tuple(order)


def find_cycle(graph: Graph) -> tuple[str, ...]:
    """The tasks of one cycle in the order of their edges, the first repeated at the end; empty if there is none."""
    left = {task for task in graph.upstream if task not in graph.rank}
    if not left:
        return ()
    # Every task left has an upstream that is left too, so walking up must close a circle.
    path: dict[str, int] = {}
    task = next(name for name in graph.upstream if name in left)
    while task not in path:
        path[task] = len(path)
        task = next(before for before in graph.upstream[task] if before in left)
    circle = list(path)[path[task] :]
    circle.reverse()
    first = min(range(len(circle)), key=lambda place: circle[place])
    turned = circle[first:] + circle[:first]
    return (*turned, turned[0])


def closure(order: Sequence[str], edges: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Each task of `order` -> itself and all that it reaches along `edges`, as bits at their places in `order`.

    What a task reaches must stand before it in `order`. Sets of 10,000 tasks are thus a moment's work.
    """
    place = {task: number for number, task in enumerate(order)}
    reached: dict[str, int] = {}
    for task in order:
        bits = 1 << place[task]
        for neighbour in edges[task]:
            bits |= reached[neighbour]
        reached[task] = bits
    return reached


def reachable(start: str, edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Every task that can be reached from `start` along `edges`, without `start`; a cycle is harmless."""
    seen: set[str] = set()
    ahead = list(edges[start])
    while ahead:
        task = ahead.pop()
        if task not in seen:
            seen.add(task)
            ahead.extend(edges[task])
    return frozenset(seen - {start})
