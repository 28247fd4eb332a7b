"""Graphs: order, neighbours, cycles."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.model.graph import Graph, build_graph, closure, find_cycle, reachable

COUNT = 10_000


def graph(**depends_on: str) -> Graph:
    """`graph(a="", b="a", c="a b")`."""
    return build_graph({task: before.split() for task, before in depends_on.items()})


def test_a_diamond() -> None:
    """Neighbours are told in both directions, and the leaves are those without any after them."""
    found = graph(a="", b="a", c="a", d="b c")
    assert found == Graph(
        upstream={"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")},
        downstream={"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()},
        order=("a", "b", "c", "d"),
        rank={"a": 0, "b": 1, "c": 2, "d": 3},
    )
    assert found.leaves() == ("d",)


@pytest.mark.parametrize(
    ("found", "order"),
    [
        (graph(z="", y="", x=""), "z y x"),
        (graph(d="c", c="b", b="a", a=""), "a b c d"),
        (graph(late="a", a="", b=""), "a late b"),
        (graph(a="gone", b="a a"), "a b"),
        (graph(a="b", b="a", c=""), "c"),
        (graph(a="b", b="a", c="a", d=""), "d"),
    ],
)
def test_the_order(found: Graph, order: str) -> None:
    """It is topological, and that of writing among tasks free at once; a cycle and what follows are left out."""
    assert found.order == tuple(order.split())


def test_an_edge_that_stands_twice_or_leads_nowhere() -> None:
    """It counts once, or not at all."""
    found = graph(a="", b="a gone a")
    assert (found.upstream["b"], found.downstream["a"]) == (("a",), ("b",))


@pytest.mark.parametrize(
    ("found", "cycle"),
    [
        (graph(a="", b="a"), ""),
        (graph(a="a"), "a a"),
        (graph(a="b", b="a"), "a b a"),
        (graph(b="a", c="b", a="c"), "a b c a"),
        (graph(z="y", y="x", x="z", a="z"), "x y z x"),
        (graph(end="m", m="k", k="m start", start=""), "k m k"),
        (graph(p="q", q="p", a="b", b="a"), "p q p"),
    ],
)
def test_a_cycle(found: Graph, cycle: str) -> None:
    """Its tasks are named in the order of the edges, from the first of the alphabet back to it."""
    assert find_cycle(found) == tuple(cycle.split())


def test_what_can_be_reached() -> None:
    """All that follows, without the start itself, also on a cycle."""
    assert reachable("a", graph(a="", b="a", c="b", d="").downstream) == {"b", "c"}
    assert reachable("a", graph(a="c", b="a", c="b").downstream) == {"b", "c"}


def test_ten_thousand_tasks_in_a_row() -> None:
    """They are ordered in a second of CPU, whichever way round they are written."""
    began = time.process_time()
    found = build_graph({f"t{n}": [f"t{n + 1}"] if n < COUNT - 1 else [] for n in range(COUNT)})
    assert found.order[0] == f"t{COUNT - 1}"
    assert len(find_cycle(build_graph({f"t{n}": [f"t{(n + 1) % COUNT}"] for n in range(COUNT)}))) == COUNT + 1
    assert time.process_time() - began < 1


@st.composite
def edges(draw: st.DrawFn) -> dict[str, list[str]]:
    """Up to eight tasks with any edges between them, cycles included."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 8)))]
    return {name: draw(st.lists(st.sampled_from(names), max_size=3)) for name in names}


@settings(deadline=None)
@given(edges())
def test_any_graph(depends_on: dict[str, list[str]]) -> None:
    """Every task stands in the order or behind a cycle, after all that it depends on."""
    found = build_graph(depends_on)
    for task in found.order:
        assert all(found.rank[before] < found.rank[task] for before in found.upstream[task])
    cycle = find_cycle(found)
    assert bool(cycle) is (len(found.order) < len(depends_on))
    assert all(before in depends_on[task] for before, task in pairwise(cycle))


@settings(deadline=None)
@given(edges())
def test_any_closure(depends_on: dict[str, list[str]]) -> None:
    """A bit stands for each task that can be reached, and for the task itself."""
    found = build_graph(depends_on)
    for task, bits in closure(found.order, found.upstream).items():
        named = {other for other in found.order if bits >> found.rank[other] & 1}
        assert named == reachable(task, found.upstream) | {task}
