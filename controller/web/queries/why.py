"""The rows of a run -> why it, or a task of it, does not run: `slipway why` from what the metastore holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from controller.decide.advance.judges import verdict_on
from controller.decide.advance.scene import Scene
from controller.decide.why import Reason
from controller.decide.why.of_run import PAUSED, RunView, run_reasons
from controller.decide.why.of_task import PodView, QueueView, TaskView, no_revision, task_reasons, tasks_reasons
from controller.errors import SlipwayError
from controller.metastore.columns import UtcDateTime
from controller.metastore.tables import AttemptRow, DagRow, DagRunRow, TaskRunRow
from controller.model.dagrun import DagRun
from controller.model.instance import instance_id
from controller.model.schema import Waiting
from controller.model.states import RUN_FINAL, RunState, TaskState
from controller.model.taskrun import TaskRun
from controller.web.problems import Missing
from controller.web.queries.reasons import Why, told
from controller.web.queries.scene import run_object, run_row, scene_of_rows

_BESIDE_TOLD: Final = 6
_HOLDERS_TOLD: Final = 10
_UNBEGUN: Final = (TaskState.SCHEDULED, TaskState.QUEUED)
_WAITING: Final = (TaskState.SCHEDULED.value, TaskState.QUEUED.value)


def why_run(session: Session, namespace: str, name: str, now: datetime) -> Why | None:
    """Why the run has not begun or goes on no more; None when there never was one of this name."""
    row = run_row(session, namespace, name)
    if row is None:
        return None
    run = run_object(row)
    reasons = _of_run(session, row, run)
    if run.status.state is RunState.RUNNING and row.deleted_at is None:
        scene = scene_of_rows(session, run)
        reasons += tasks_reasons(scene, _Views(session, scene, now).of) if scene is not None else ()
    return Why(running=run.status.state is RunState.RUNNING, reasons=[told(each, namespace) for each in reasons])


def why_task(  # noqa: PLR0913 the words of the address, and the time
    session: Session, namespace: str, name: str, task: str, index: int | None, now: datetime
) -> Why | None:
    """Why the task does not run; None when there never was a run of this name, Missing for a task that it has not."""
    row = run_row(session, namespace, name)
    if row is None:
        return None
    run = run_object(row)
    reasons, running = _of_run(session, row, run), False
    if run.status.state is not RunState.QUEUED:
        scene = scene_of_rows(session, run)
        if scene is None and reasons:
            return Why(running=False, reasons=[told(each, namespace) for each in reasons])
        if scene is None:
            raise Missing(str(no_revision(run)))
        try:
            own = task_reasons(scene, instance_id(task, index), _Views(session, scene, now).of)
        except SlipwayError as error:
            raise Missing(str(error), way_on="The Dag's grid/structure lists the tasks") from error
        running = any(each.reason == "Running" for each in own)
        is_over = run.status.state in RUN_FINAL
        reasons = own if is_over else [*reasons, *own]
    return Why(running=running, reasons=[told(each, namespace) for each in reasons])


def _of_run(session: Session, row: DagRunRow, run: DagRun) -> list[Reason]:
    if row.deleted_at is not None and run.status.state not in RUN_FINAL:
        return [Reason("Deleted", f"dagrun/{row.name}", "The run's object is gone", row.deleted_at)]
    query = select(DagRow.paused).where(DagRow.namespace == row.namespace, DagRow.name == row.dag)
    hold = PAUSED if session.execute(query).scalar_one_or_none() else None
    waits = run.status.waiting_for
    beside = _beside(session, row) if any(each.reason == "RunLimit" for each in waits) else ()
    return list(run_reasons(RunView(run, waits, dag_hold=hold, beside=beside)))


def _beside(session: Session, row: DagRunRow) -> Sequence[str]:
    """The first of the Dag's runs that are at work."""
    query = select(DagRunRow.name).where(
        DagRunRow.namespace == row.namespace,
        DagRunRow.dag == row.dag,
        DagRunRow.state == RunState.RUNNING.value,
        DagRunRow.deleted_at.is_(None),
    )
    return session.execute(query.order_by(DagRunRow.name).limit(_BESIDE_TOLD)).scalars().all()


class _Views:
    """What rows tell around the TaskRuns of one run."""

    def __init__(self, session: Session, scene: Scene, now: datetime) -> None:
        self._session = session
        self._scene = scene
        self._now = now

    def of(self, task_run: TaskRun) -> TaskView:
        """The TaskRun with what is known around it."""
        spec, status = task_run.spec, task_run.status
        pod = self._pod(task_run)
        waits = list(status.waiting_for)
        if status.retry_at is not None and status.retry_at > self._now and pod is None:
            waits.append(Waiting(reason="RetryAt", message="Waiting for the time of the next attempt"))
        is_idle = pod is None and not waits and status.state in _UNBEGUN
        if is_idle and not verdict_on(self._scene, spec.task, spec.index).runs:
            return TaskView(task_run, is_held=True)
        queue = self._queue(task_run) if any(each.reason == "Pool" for each in waits) else None
        return TaskView(task_run, is_held=False, waits=waits, pod=pod, queue=queue)

    def _pod(self, task_run: TaskRun) -> PodView | None:
        query = select(AttemptRow.pod, AttemptRow.number, AttemptRow.created_at, AttemptRow.started_at)
        query = query.where(AttemptRow.task_run_uid == task_run.meta.uid, AttemptRow.account_version == 0)
        row = self._session.execute(query.order_by(AttemptRow.number.desc()).limit(1)).one_or_none()
        status = task_run.status
        is_running = status.state is TaskState.RUNNING
        if row is not None:
            started = row.started_at or (status.started_at or row.created_at if is_running else None)
            return PodView(row.pod, row.number, row.created_at, started)
        if is_running and status.pod is not None:
            return PodView(status.pod, status.attempt, None, status.started_at)
        return None

    def _queue(self, task_run: TaskRun) -> QueueView:
        """Its place among the rows that wait for the pool: by priority, logical date, age and name.

        Backfills come after all others at the gate, which rows of tasks do not tell.
        """
        namespace, spec = task_run.meta.namespace, task_run.spec
        holds = (TaskRunRow.state == TaskState.RUNNING.value) | TaskRunRow.pod.is_not(None)
        in_pool = (
            TaskRunRow.namespace == namespace,
            TaskRunRow.pool == spec.pool,
            TaskRunRow.deleted_at.is_(None),
            TaskRunRow.state.in_((*_WAITING, TaskState.RUNNING.value)),
        )
        late = func.coalesce(DagRunRow.logical_date, DagRunRow.created_at)
        key = tuple_(-func.coalesce(TaskRunRow.priority, 1), late, TaskRunRow.created_at)
        ours = spec.logical_date or self._scene.snapshot.run.meta.created_at
        mine = tuple_(-spec.priority, _time(ours), _time(task_run.meta.created_at))
        waits = select(func.count(), func.sum(case((key < mine, 1), else_=0)))
        waits = waits.join(DagRunRow, DagRunRow.uid == TaskRunRow.run_uid).where(*in_pool, ~holds)
        total, ahead = self._session.execute(waits).one()
        slots = select(func.sum(func.coalesce(TaskRunRow.pool_slots, 1))).where(*in_pool, holds)
        names = select(TaskRunRow.name).where(*in_pool, holds, TaskRunRow.name.is_not(None)).order_by(TaskRunRow.name)
        return QueueView(
            place=int(ahead or 0) + 1,
            total=max(int(total), 1),
            slots_held=int(self._session.execute(slots).scalar_one() or 0),
            holders=[str(name) for name in self._session.execute(names.limit(_HOLDERS_TOLD)).scalars()],
        )


def _time(at: datetime) -> ColumnElement[datetime]:
    return literal(at, UtcDateTime())
