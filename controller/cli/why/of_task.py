"""A TaskRun among live objects -> what the gate and its own decider would say of it now."""

from controller.cli.why.found import Found, waits_told
from controller.cli.why.of_run import snapshot_of
from controller.decide.advance.scene import Scene
from controller.decide.gate import refusals
from controller.decide.run.step import plan_of
from controller.decide.task import decide_task
from controller.decide.why.of_task import PodView, QueueView, TaskView, no_revision
from controller.decide.why.unbegun import scene_of
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.snapshot import TaskSnapshot
from controller.model.taskrun import TaskRun, Verdict
from controller.observe.lanes import entry_of

_HOLDERS_TOLD = 10


def scene_in(found: Found, run: DagRun) -> Scene:
    """The run with its plan; SlipwayError before it is pinned to a revision."""
    snapshot = snapshot_of(found, run)
    plan = plan_of(snapshot)
    if plan is None:
        raise no_revision(run)
    return scene_of(snapshot, plan)


def task_view(found: Found, task_run: TaskRun) -> TaskView:
    """The TaskRun with what is known around it."""
    if task_run.spec.verdict is Verdict.HOLD:
        return TaskView(task_run, is_held=True)
    snapshot = found.snapshots.of_task(task_run.meta.key, found.now)
    assert snapshot is not None  # noqa: S101 the TaskRun was found in the same store
    candidate = snapshot.candidate
    refused = refusals(candidate, snapshot.use, found.now) if candidate is not None else ()
    decided = waits_told(decide_task(snapshot, found.now), task_run.status.waiting_for)
    waits = [*refused, *decided]
    waits_for_pool = any(each.reason == "Pool" for each in waits)
    queue = _queue(found, task_run) if waits_for_pool else None
    return TaskView(task_run, is_held=False, waits=waits, pod=_pod(snapshot), queue=queue)


def _pod(snapshot: TaskSnapshot) -> PodView | None:
    ended = snapshot.task_run.ended_attempts
    pod = next((each for each in snapshot.pods if each.attempt > ended), None)
    return PodView(pod.meta.name, pod.attempt, pod.meta.created_at, pod.started_at) if pod is not None else None


def _queue(found: Found, task_run: TaskRun) -> QueueView:
    line, pool = found.store.line, Key(task_run.meta.namespace, task_run.spec.pool)
    mine = entry_of(task_run, None).order
    others = (found.store.tables.task_runs[key] for key in line.queue)
    same_pool = [each for each in others if each.spec.pool == pool.name and _is_ready(each, found)]
    ahead = sum(1 for each in same_pool if entry_of(each, None).order < mine)
    holders = line.holders.first_of(pool, _HOLDERS_TOLD)
    return QueueView(ahead + 1, len(same_pool), line.holders.slots_of(pool), holders)


def _is_ready(task_run: TaskRun, found: Found) -> bool:
    return task_run.status.retry_at is None or task_run.status.retry_at <= found.now
