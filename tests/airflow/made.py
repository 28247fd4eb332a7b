"""A seed -> random graphs with everything that the end of a run depends on, and one line of text for each.

name:rule:role:outcome:seconds<before,before        role is work, setup, teardown or, failing the run, fatal
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

RULES: Final = (
    "all_success",
    "all_failed",
    "all_done",
    "all_done_min_one_success",
    "all_done_setup_success",
    "one_success",
    "one_failed",
    "one_done",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "all_skipped",
    "always",
)
TEARDOWNS: Final = ("teardown", "fatal")
_CHANCES: Final = ((6, 2, 2), (3, 3, 2), (2, 1, 4), (1, 4, 1))


@dataclass(frozen=True, slots=True)
class Node:
    """One task of a graph."""

    name: str
    rule: str = "all_success"
    role: str = "work"
    outcome: str = "success"
    seconds: int = 1
    before: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}:{self.rule}:{self.role}:{self.outcome}:{self.seconds}<{','.join(self.before)}"


def node_of(text: str) -> Node:
    """The task that the text is about."""
    head, _, before = text.partition("<")
    name, rule, role, outcome, seconds = head.split(":")
    return Node(name, rule, role, outcome, int(seconds), tuple(before.split(",")) if before else ())


def graphs(seed: int, count: int) -> Iterator[list[Node]]:
    """Graphs of 3 to 12 tasks in topological order; every second one with setups and teardowns."""
    chance = random.Random(seed)  # noqa: S311 nothing is secret here
    for number in range(count):
        nodes = _nodes(chance, timed=number % 3 == 0)
        yield _with_roles(chance, nodes) if number % 2 else nodes


def _nodes(chance: random.Random, *, timed: bool) -> list[Node]:
    nodes: list[Node] = []
    weights, density = chance.choice(_CHANCES), chance.choice((0.15, 0.3, 0.5))
    for place in range(chance.randint(3, 12)):
        earlier = [node.name for node in nodes]
        before = [name for name in earlier if chance.random() < density][:6]
        if not before and earlier and chance.random() < 0.75:
            before = [chance.choice(earlier)]
        rule = chance.choice(RULES) if chance.random() < 0.6 else "all_success"
        outcome = chance.choices(("success", "failed", "skipped"), weights)[0]
        seconds = chance.randint(1, 4) if timed else 1
        nodes.append(Node(f"t{place}", rule, "work", outcome, seconds, tuple(before)))
    return nodes


def _with_roles(chance: random.Random, nodes: list[Node]) -> list[Node]:
    """The same with setups, which Airflow wants to be followed by all_success alone, and teardowns."""
    setups: list[str] = []
    found: list[Node] = []
    for node in nodes:
        drawn = chance.random()
        before = node.before
        if drawn < 0.25:
            node = replace(node, role="setup")
        elif drawn < 0.45 and before:
            more = [name for name in setups if name not in before]
            before = (*before, chance.choice(more)) if more and chance.random() < 0.8 else before
            role = "fatal" if chance.random() < 0.3 else "teardown"
            node = replace(node, role=role, rule="all_done_setup_success", before=before)
        if node.role not in TEARDOWNS and set(before) & set(setups):
            node = replace(node, rule="all_success")
        if node.role == "setup":
            setups.append(node.name)
        found.append(node)
    return found
