"""A task that the run itself settles -> how it ends, and for a branch or short circuit what it lets go on."""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.decide.advance.expand import values
from controller.decide.advance.scene import Scene
from controller.decide.expressions import ExpressionFault, evaluate_expression, tasks_read
from controller.model.states import TaskState


@dataclass(frozen=True, slots=True)
class Choice:
    """How the task ends."""

    state: TaskState = TaskState.SUCCESS
    followed: tuple[str, ...] | None = None
    """What goes on behind it; None = everything."""
    reason: str = ""


def choose(scene: Scene, task: str, index: int | None) -> Choice:
    """The end of a noop, branch or short circuit."""
    written = scene.plan.tasks[task].written
    try:
        if written.branch is not None:
            for case in written.branch.cases:
                if _holds(scene, task, index, case.when):
                    return Choice(followed=tuple(_tasks(scene, task, case.follow)))
            return Choice(followed=tuple(_tasks(scene, task, written.branch.otherwise)))
        if written.short_circuit is not None and not _holds(scene, task, index, written.short_circuit.when):
            return Choice(followed=())
    except ExpressionFault as fault:
        return Choice(TaskState.FAILED, reason=str(fault))
    return Choice()


def _holds(scene: Scene, task: str, index: int | None, expression: str) -> bool:
    known = values(scene, task, index, tasks_read(expression, scene.plan.tasks))
    answer = evaluate_expression(expression, known)
    if not isinstance(answer, bool):
        raise ExpressionFault(f"{expression!r} gives {str(answer)[:60]!r}, not true or false")
    return answer


def _tasks(scene: Scene, task: str, names: Iterable[str]) -> Iterable[str]:
    """The tasks directly after the branch that the names stand for; a group's name for its first tasks."""
    direct = frozenset(scene.plan.graph.downstream[task])
    return (name for name in scene.plan.named(names) if name in direct)
