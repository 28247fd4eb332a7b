"""An instance of a task -> why it does not run: what the run, the gate and the task's own decider say of it now."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from controller.cli.why.found import Found, waits_told
from controller.cli.why.of_run import snapshot_of
from controller.cli.why.of_unbegun import scene_of, unbegun_reasons
from controller.cli.why.reason import Reason
from controller.decide.advance.scene import Scene
from controller.decide.gate import refusals
from controller.decide.run.step import plan_of
from controller.decide.task import decide_task
from controller.errors import SlipwayError
from controller.model.dagrun import DagRun
from controller.model.instance import instance_id, task_and_index
from controller.model.metadata import Key
from controller.model.schema import Waiting
from controller.model.snapshot import TaskSnapshot
from controller.model.states import TASK_FINAL, TaskState, airflow_name
from controller.model.taskrun import TaskRun, Verdict
from controller.model.timestamps import format_time
from controller.observe.lanes import entry_of

_HOLDERS_TOLD: Final = 10


def scene_in(found: Found, run: DagRun) -> Scene:
    """The run with its plan; SlipwayError before it is pinned to a revision."""
    snapshot = snapshot_of(found, run)
    plan = plan_of(snapshot)
    if plan is None:
        raise SlipwayError(f"run {run.meta.name} has no revision of its Dag yet")
    return scene_of(snapshot, plan)


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


def instance_reasons(found: Found, scene: Scene, instance: str) -> list[Reason]:
    """Why this one does not run."""
    return [replace(reason, instance=instance) for reason in _reasons(found, scene, instance)]


def _reasons(found: Found, scene: Scene, instance: str) -> Iterator[Reason]:
    task_run, state = scene.snapshot.task_runs.get(instance), scene.look.state(instance)
    me = f"taskrun/{task_run.meta.name}" if task_run is not None else f"task/{instance}"
    if state in TASK_FINAL and state is not None:
        yield _ended(scene, instance, state, me)
    elif task_run is None:
        yield from unbegun_reasons(scene, *task_and_index(instance))
    elif task_run.spec.verdict is Verdict.HOLD:
        yield Reason("Held", me, "The task was cleared, and is held until its trigger rule holds again")
        yield from unbegun_reasons(scene, *task_and_index(instance))
    else:
        yield from _waiting(found, task_run, me)


def _ended(scene: Scene, instance: str, state: TaskState, me: str) -> Reason:
    task_run = scene.snapshot.task_runs.get(instance)
    said = scene.snapshot.run.status.notes.get(instance) if task_run is None else task_run.status.message
    since = task_run.status.finished_at if task_run is not None else None
    return Reason("Ended", me, f"It ended as {airflow_name(state)}{f': {said}' if said else ''}", since)


def _waiting(found: Found, task_run: TaskRun, me: str) -> Iterator[Reason]:
    snapshot = found.snapshots.of_task(task_run.meta.key, found.now)
    assert snapshot is not None  # noqa: S101 the TaskRun was found in the same store
    known = {each.reason: each.since for each in task_run.status.waiting_for}
    told: set[str] = set()
    for each in (
        *_refusals(found, snapshot),
        *waits_told(decide_task(snapshot, found.now), task_run.status.waiting_for),
    ):
        if each.reason not in told:
            told.add(each.reason)
            yield Reason(each.reason, _about(each, task_run, me), each.message, known.get(each.reason))
            yield from _pool(found, task_run, each)
    pod = next((each for each in snapshot.pods if each.attempt > task_run.ended_attempts), None)
    if told:
        return
    if pod is not None and pod.started_at is not None:
        yield Reason("Running", f"pod/{pod.meta.name}", f"Attempt {pod.attempt} is at work", pod.started_at)
    elif pod is not None:
        yield Reason(
            "Starting", f"pod/{pod.meta.name}", f"The Pod of attempt {pod.attempt} starts", pod.meta.created_at
        )
    else:
        yield Reason("Due", me, "Nothing stands in its way: the controller sees to it at its next look")


def _refusals(found: Found, snapshot: TaskSnapshot) -> Iterator[Waiting]:
    """Every limit that keeps it back."""
    candidate = snapshot.candidate
    for each in refusals(candidate, snapshot.use, found.now) if candidate is not None else ():
        if each.reason == "RetryAt" and candidate is not None and candidate.retry_at is not None:
            yield each.model_copy(update={"message": f"The next attempt is due at {format_time(candidate.retry_at)}"})
        else:
            yield each


def _about(waiting: Waiting, task_run: TaskRun, me: str) -> str:
    spec = task_run.spec
    objects = {
        "Pool": f"pool/{spec.pool}",
        "TaskLimit": f"dagrun/{spec.dag_run_ref.name}",
        "TaskInstanceLimit": f"dag/{spec.dag_ref.name}",
        "Paused": f"dagrun/{spec.dag_run_ref.name}",
    }
    return objects.get(waiting.reason, me)


def _pool(found: Found, task_run: TaskRun, waiting: Waiting) -> Iterator[Reason]:
    """The task's place in the queue of its pool, and who holds the slots."""
    if waiting.reason != "Pool":
        return
    line, pool = found.store.line, Key(task_run.meta.namespace, task_run.spec.pool)
    mine = entry_of(task_run, None).order
    others = (found.store.tables.task_runs[key] for key in line.queue)
    same_pool = [each for each in others if each.spec.pool == pool.name and _is_ready(each, found)]
    ahead = sum(1 for each in same_pool if entry_of(each, None).order < mine)
    about = f"pool/{pool.name}"
    yield Reason("Queue", about, f"The task is number {ahead + 1} of {len(same_pool)} that wait for the pool")
    holders = line.holders.first_of(pool, _HOLDERS_TOLD)
    if holders:
        slots = line.holders.slots_of(pool)
        held = f"{slots} slot{' is' if slots == 1 else 's are'} held"
        yield Reason("Holders", about, f"{held} by {', '.join(holders)}")


def _is_ready(task_run: TaskRun, found: Found) -> bool:
    return task_run.status.retry_at is None or task_run.status.retry_at <= found.now
