"""`a >> [b, c] >> d` -> what each task depends on."""

import re


def depends_on(drawing: str) -> dict[str, list[str]]:
    """The edges of the drawing's chains, which `;` separates; tasks in the order in which they are first named."""
    edges: dict[str, list[str]] = {}
    for chain in drawing.split(";"):
        before: list[str] = []
        for step in chain.split(">>"):
            tasks = re.findall(r"[a-z0-9-]+", step)
            for task in tasks:
                known = edges.setdefault(task, [])
                known.extend(name for name in before if name not in known)
            before = tasks
    return edges
