"""A revision's spec -> the rows of the grid, in the one order in which everybody shows a Dag's tasks.

A revision never changes, so neither does its structure. Where an older Slipway accepted a spec that this one finds
at fault, the tasks are told as they were written.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from controller.decide.validity import judge_spec
from controller.metastore.tables import NOT_MAPPED
from controller.model.plan import Plan
from controller.model.states import TaskState
from controller.web.answer import Answer, AnyRow

STATES: Final = tuple(state.value for state in TaskState)
"""The legend of `states`: a number in it is a place in this list."""

Cell = int | dict[int, int] | None


class GridRow(Answer):
    """One task as a row of the grid."""

    task: str
    """Its name."""
    kind: str
    """`pod`, or the kind of a task without a Pod."""
    group: str | None
    """The group it belongs to."""
    mapped: bool
    """Whether it has instances, told as counts."""
    depends_on: list[str]
    """The tasks directly before it, groups resolved."""
    trigger_rule: str
    """When it may start."""
    role: str
    """work, setup or teardown."""


class GridGroup(Answer):
    """One group of tasks."""

    name: str
    """Its name."""
    group: str | None
    """The group around it."""
    description: str | None
    """What it is for."""
    mapped: bool
    """Whether it runs once for each element of a list."""


class Structure(Answer):
    """The rows of the grid for one revision."""

    revision: str
    """The revision's name."""
    rows: list[GridRow]
    """Its tasks in topological order."""
    groups: list[GridGroup]
    """Its groups, as written."""
    states: list[str]
    """The legend: a number among a run's states is a place in this list."""
    faults: list[str]
    """Why this version of Slipway would not accept the spec, if it would not."""


@lru_cache(maxsize=256)
def structure_of(revision: str, spec_json: str) -> Structure:
    """The structure of a revision."""
    judgement = judge_spec(spec_json)
    rows, groups = _planned(judgement.plan) if judgement.plan is not None else (_written(spec_json), [])
    faults = [str(fault) for fault in judgement.faults[:20]]
    return Structure(revision=revision, rows=rows, groups=groups, states=list(STATES), faults=faults)


def aligned(structure: Structure, counts: Iterable[AnyRow]) -> Sequence[Cell]:
    """A run's states beside the rows: a number for a task, counts by number for a mapped one, None = not begun."""
    found: dict[str, dict[int, int]] = {}
    single: dict[str, int] = {}
    for row in counts:
        number = STATES.index(row.state)
        if row.place == NOT_MAPPED and row.number == 1:
            single[row.task] = number
        else:
            found.setdefault(row.task, {})[number] = row.number
    return [found.get(row.task) or single.get(row.task) for row in structure.rows]


def tries_of(structure: Structure, counts: Iterable[AnyRow]) -> dict[int, int]:
    """By row: the highest number of an attempt, where that is not the first."""
    highest: dict[str, int] = {}
    for row in counts:
        highest[row.task] = max(row.attempt, highest.get(row.task, 0))
    return {place: highest[row.task] for place, row in enumerate(structure.rows) if highest.get(row.task, 0) > 1}


def _planned(plan: Plan) -> tuple[list[GridRow], list[GridGroup]]:
    rows = []
    for name in plan.graph.order:
        task = plan.tasks[name]
        rows.append(
            GridRow(
                task=name,
                kind=task.kind,
                group=task.written.group,
                mapped=name in plan.mapped,
                depends_on=list(plan.graph.upstream[name]),
                trigger_rule=task.trigger_rule.value,
                role=task.written.role.value,
            )
        )
    groups = [
        GridGroup(name=each.name, group=each.group, description=each.description, mapped=each.map is not None)
        for each in plan.spec.groups
    ]
    return rows, groups


def _written(spec_json: str) -> list[GridRow]:
    tasks = json.loads(spec_json).get("tasks")
    named = [each for each in tasks if isinstance(each, Mapping)] if isinstance(tasks, list) else []
    return [
        GridRow(
            task=str(each.get("name", "")),
            kind="",
            group=None,
            mapped=False,
            depends_on=[],
            trigger_rule="all_success",
            role="work",
        )
        for each in named
    ]
