"""`"a >> [b, c] >> d"` -> the tasks of a Dag; `"a:Success b:Running"` -> how they stand."""

from collections.abc import Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from controller.decide.validity import judge_spec
from controller.model.dag import canonical_json
from controller.model.kinds import AT_ONCE, IN_TIME, WITH_POD
from controller.model.plan import Plan
from controller.model.states import TaskState

Fields = Mapping[str, Any]
_KINDS = frozenset(to_camel(kind) for kind in (*WITH_POD, *AT_ONCE, *IN_TIME))


def drawn_spec(drawing: str, tasks: Mapping[str, Fields] | None = None, **fields: Any) -> dict[str, Any]:
    """The spec of the Dag that is drawn; `tasks` adds fields to some tasks, `fields` to the spec.

    Lines are parted by `;`. A task without another kind runs the command `true`.
    """
    added = tasks or {}
    written = [
        {"name": name, **({"dependsOn": before} if before else {}), **_kind(added.get(name, {}))}
        for name, before in edges(drawing).items()
    ]
    return {"tasks": written, **fields}


def drawn_plan(drawing: str, tasks: Mapping[str, Fields] | None = None, **fields: Any) -> Plan:
    """The plan of the Dag that is drawn, which must be valid."""
    judgement = judge_spec(canonical_json(drawn_spec(drawing, tasks, **fields)))
    assert judgement.faults == ()
    assert judgement.plan is not None
    return judgement.plan


def states(text: str) -> dict[str, TaskState]:
    """`"a:Success b:Running"` -> each task's state."""
    return {task: TaskState(state) for task, state in (pair.split(":") for pair in text.split())}


def edges(drawing: str) -> dict[str, list[str]]:
    """Each task's direct upstream, in the order of drawing."""
    depends_on: dict[str, list[str]] = {}
    for line in drawing.split(";"):
        before: list[str] = []
        for step in line.split(">>"):
            names = [name.strip() for name in step.strip(" []\n").split(",") if name.strip()]
            for name in names:
                depends_on.setdefault(name, []).extend(before)
            before = names
    return depends_on


def _kind(fields: Fields) -> dict[str, Any]:
    given = fields.keys() & _KINDS
    return dict(fields) if given else {"command": ["true"], **fields}
