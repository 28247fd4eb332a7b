"""An instance of a task -> why it does not run: what the run, the gate and the task's own decider say of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from controller.decide.advance.scene import Scene
from controller.decide.why.reason import Reason
from controller.decide.why.unbegun import unbegun_reasons
from controller.errors import SlipwayError
from controller.model.dagrun import DagRun
from controller.model.instance import instance_id, task_and_index
from controller.model.schema import Waiting
from controller.model.states import TASK_FINAL, TaskState, airflow_name
from controller.model.taskrun import TaskRun
from controller.model.timestamps import format_time

MOST_TASKS = 50
"""So many tasks of a run, or instances of a task, are told one by one."""


@dataclass(frozen=True, slots=True)
class PodView:
    """The Pod of the attempt that is not accounted for yet."""

    name: str
    attempt: int
    created_at: datetime | None
    started_at: datetime | None
    """When its container started; None while it has not."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """Where the task stands among those that wait for its pool."""

    place: int
    """From 1."""
    total: int
    slots_held: int
    holders: Sequence[str]
    """The first that hold slots."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """A TaskRun that has not ended, and what is known around it."""

    task_run: TaskRun
    is_held: bool
    """Whether it was cleared, and is held until its trigger rule holds again."""
    waits: Sequence[Waiting] = ()
    """Everything that it waits for now."""
    pod: PodView | None = None
    queue: QueueView | None = None
    """None where it does not wait for slots."""


ViewOf = Callable[[TaskRun], TaskView]


def tasks_reasons(scene: Scene, view_of: ViewOf) -> Iterator[Reason]:
    """The first reason of each task of the run that has not ended."""
    left = [task for task in scene.plan.graph.order if not scene.is_final(task)]
    for task in left[:MOST_TASKS]:
        instances = [each for each in instances_named(scene, task) if scene.look.state(each) not in TASK_FINAL]
        yield from instance_reasons(scene, instances[0], view_of)[:1]
    if len(left) > MOST_TASKS:
        about = f"dagrun/{scene.snapshot.run.meta.name}"
        yield Reason("More", about, f"{len(left) - MOST_TASKS} more tasks have not ended")


def task_reasons(scene: Scene, name: str, view_of: ViewOf) -> list[Reason]:
    """Why a task or instance does not run; of several instances the first reason of each.

    SlipwayError where the run has none of this name.
    """
    instances = instances_named(scene, name)
    found = [instance_reasons(scene, each, view_of) for each in instances[:MOST_TASKS]]
    return found[0] if len(instances) == 1 else [reason for each in found for reason in each[:1]]


def instances_named(scene: Scene, name: str) -> list[str]:
    """The instance of that name, or all of a mapped task that have not ended; SlipwayError where there is none."""
    task, index = task_and_index(name)
    if task not in scene.plan.tasks:
        raise SlipwayError(f"run {scene.snapshot.run.meta.name} has no task {task}")
    count = scene.count(task)
    if index is not None and (count is None or index >= count):
        raise SlipwayError(f"task {task} has {count or 0} instances")
    if index is not None or count is None:
        return [name]
    everyone = [instance_id(task, place) for place in range(count)]
    return [each for each in everyone if scene.look.state(each) not in TASK_FINAL] or everyone[:1]


def instance_reasons(scene: Scene, instance: str, view_of: ViewOf) -> list[Reason]:
    """Why this one does not run."""
    return [replace(reason, instance=instance) for reason in _reasons(scene, instance, view_of)]


def no_revision(run: DagRun) -> SlipwayError:
    """The run has no plan before it is pinned to a revision."""
    return SlipwayError(f"run {run.meta.name} has no revision of its Dag yet")


def _reasons(scene: Scene, instance: str, view_of: ViewOf) -> Iterator[Reason]:
    task_run, state = scene.snapshot.task_runs.get(instance), scene.look.state(instance)
    if state in TASK_FINAL and state is not None:
        yield _ended(scene, instance, state, task_run)
    elif task_run is None:
        yield from unbegun_reasons(scene, *task_and_index(instance))
    else:
        view = view_of(task_run)
        if view.is_held:
            message = "The task was cleared, and is held until its trigger rule holds again"
            yield Reason("Held", f"taskrun/{task_run.meta.name}", message)
            yield from unbegun_reasons(scene, *task_and_index(instance))
        else:
            yield from _waiting(view)


def _ended(scene: Scene, instance: str, state: TaskState, task_run: TaskRun | None) -> Reason:
    me = f"taskrun/{task_run.meta.name}" if task_run is not None else f"task/{instance}"
    said = scene.snapshot.run.status.notes.get(instance) if task_run is None else task_run.status.message
    since = task_run.status.finished_at if task_run is not None else None
    return Reason("Ended", me, f"It ended as {airflow_name(state)}{f': {said}' if said else ''}", since)


def _waiting(view: TaskView) -> Iterator[Reason]:
    task_run, pod = view.task_run, view.pod
    me, told = f"taskrun/{task_run.meta.name}", set[str]()
    known = {each.reason: each.since for each in task_run.status.waiting_for}
    for each in view.waits:
        if each.reason not in told:
            told.add(each.reason)
            yield _wait(each, task_run, me, known.get(each.reason))
            yield from _queue(view) if each.reason == "Pool" else ()
    if told:
        return
    if pod is not None and pod.started_at is not None:
        yield Reason("Running", f"pod/{pod.name}", f"Attempt {pod.attempt} is at work", pod.started_at)
    elif pod is not None:
        yield Reason("Starting", f"pod/{pod.name}", f"The Pod of attempt {pod.attempt} starts", pod.created_at)
    else:
        yield Reason("Due", me, "Nothing stands in its way: the controller sees to it at its next look")


def _wait(waiting: Waiting, task_run: TaskRun, me: str, since: datetime | None) -> Reason:
    spec, retry_at = task_run.spec, task_run.status.retry_at
    if waiting.reason == "RetryAt" and retry_at is not None:
        message = f"The next attempt is due at {format_time(retry_at)}"
        return Reason("RetryAt", me, message, since, until=retry_at)
    objects = {
        "Pool": f"pool/{spec.pool}",
        "TaskLimit": f"dagrun/{spec.dag_run_ref.name}",
        "TaskInstanceLimit": f"dag/{spec.dag_ref.name}",
        "Paused": f"dagrun/{spec.dag_run_ref.name}",
    }
    return Reason(waiting.reason, objects.get(waiting.reason, me), waiting.message, since)


def _queue(view: TaskView) -> Iterator[Reason]:
    """The task's place in the queue of its pool, and who holds the slots."""
    queue, about = view.queue, f"pool/{view.task_run.spec.pool}"
    if queue is None:
        return
    yield Reason("Queue", about, f"The task is number {queue.place} of {queue.total} that wait for the pool")
    if queue.holders:
        held = f"{queue.slots_held} slot{' is' if queue.slots_held == 1 else 's are'} held"
        yield Reason("Holders", about, f"{held} by {', '.join(queue.holders)}")
