"""A run that is to end -> what has not begun is skipped, what is at work may be told to stop, and teardowns go on."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.decide.advance.scene import Scene
from controller.decide.advance.walk import Walk
from controller.model.instance import instance_id, task_and_index
from controller.model.states import TASK_FINAL, TaskState
from controller.model.taskrun import Verdict


@dataclass(frozen=True, slots=True)
class Stopped:
    """What is left to go on."""

    walk: Walk
    """The walk over the teardowns."""
    told: Mapping[str, Verdict]
    """The TaskRuns at work that are told to stop."""


def has_failed(scene: Scene) -> bool:
    """Whether a task that is no teardown has failed for good."""
    if not scene.look.totals()[TaskState.FAILED]:
        return False
    tasks = (task for task, planned in scene.plan.tasks.items() if not planned.is_teardown)
    return any(scene.look.counts(task).get(TaskState.FAILED) for task in tasks)


def stop(scene: Scene, walk: Walk, *, at_work: bool, teardowns: bool = True) -> Stopped:
    """Skip what has not begun, stop what is at work if told so, and let only teardowns go on."""
    spared = {task for task, planned in scene.plan.tasks.items() if planned.is_teardown and teardowns}
    for instance in walk.starts:
        if task_and_index(instance)[0] not in spared:
            scene.look.forget(instance)
    for task in scene.plan.graph.order:
        if task not in spared:
            _skip(scene, task)
    final = Walk(
        scene,
        may=lambda task: task in spared,
        starts=[instance for instance in walk.starts if task_and_index(instance)[0] in spared],
    )
    final.over(None)
    told = dict.fromkeys(_at_work(scene, spared), Verdict.STOP) if at_work else {}
    return Stopped(final, told)


def _at_work(scene: Scene, spared: set[str]) -> list[str]:
    standings = ((instance, each.spec.task, each.standing) for instance, each in scene.snapshot.task_runs.items())
    return sorted(
        instance
        for instance, task, state in standings
        if state is not None and state not in TASK_FINAL and task not in spared
    )


def _skip(scene: Scene, task: str) -> None:
    count = scene.count(task)
    if count:
        unbegun = [instance_id(task, index) for index in scene.look.unbegun(task, count)]
    else:
        unbegun = [task] if scene.look.state(task) is None else []
    for instance in unbegun:
        scene.look.find(instance, TaskState.SKIPPED)
