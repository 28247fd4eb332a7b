"""The rows of a run -> the objects that its deciders read, as far as rows tell.

Rows say what the resources said when they were last written. What they do not hold is worked out: into how many
elements a mapping has expanded follows from its list, else from the instances that have begun.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from controller.decide.advance.expand import work_out
from controller.decide.advance.scene import Scene
from controller.decide.validity import judge_spec
from controller.decide.why.unbegun import scene_of
from controller.metastore.tables import NOT_MAPPED, DagRunRow, TaskRunRow
from controller.model.dag import Revision, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.instance import task_and_index
from controller.model.metadata import Key, Meta
from controller.model.plan import Plan
from controller.model.policy import Policy
from controller.model.snapshot import PreviousRun, RunSnapshot
from controller.model.standing import Standing
from controller.model.taskrun import TaskRun, parse_task_run
from controller.web.problems import Changed
from controller.web.queries.revisions import revision_spec
from controller.web.queries.tasks import instance_states

_POLICY: Final = Policy(default_task_image="")
_RUN_MESSAGE: Final = 4096
_TASK_MESSAGE: Final = 1024


def run_row(session: Session, namespace: str, name: str) -> DagRunRow | None:
    """The row of the run of this name, of several the youngest; None when there never was one.

    Changed for one whose object can't be read: its row does not even name a Dag.
    """
    query = select(DagRunRow).where(DagRunRow.namespace == namespace, DagRunRow.name == name)
    query = query.order_by(DagRunRow.created_at.desc(), DagRunRow.uid.desc()).limit(1)
    found = session.execute(query).scalar_one_or_none()
    if found is not None and not found.dag:
        raise Changed(f"The run's object can't be read: {found.message}", way_on="Look at it with kubectl")
    return found


def run_object(row: DagRunRow) -> DagRun:
    """The run as its row tells."""
    spec = {
        "dagRef": {"name": row.dag},
        "runType": row.run_type,
        "runId": row.run_id,
        "logicalDate": row.logical_date,
        "intervalStart": row.interval_start,
        "intervalEnd": row.interval_end,
        "updates": row.updates,
        "paused": row.paused,
        "cancel": row.cancel,
    }
    status = {
        "state": row.state,
        "revision": row.revision,
        "params": row.params,
        "startedAt": row.started_at,
        "finishedAt": row.finished_at,
        "reason": row.reason,
        "message": _cut(row.message, _RUN_MESSAGE),
        "waitingFor": row.waiting_for,
    }
    return parse_dag_run(_meta(row, row.name, row.uid), {"spec": _filled(spec), "status": _filled(status)})


class TaskRuns(Mapping[str, TaskRun]):
    """The TaskRuns of a run by instance, read task by task as they are asked for."""

    def __init__(self, session: Session, run: DagRun, plan: Plan) -> None:
        self._session = session
        self._run = run
        self._plan = plan
        self._read: dict[str, dict[str, TaskRun]] = {}

    def __getitem__(self, instance: str) -> TaskRun:
        task = task_and_index(instance)[0]
        if task not in self._read:
            self._read[task] = {each.instance: each for each in self._of(task)}
        return self._read[task][instance]

    def __iter__(self) -> Iterator[str]:
        return (instance for task in self._plan.tasks for instance in self._instances(task))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _instances(self, task: str) -> Iterator[str]:
        self.get(task)
        return iter(self._read[task])

    def _of(self, task: str) -> Iterator[TaskRun]:
        query = select(TaskRunRow).where(
            TaskRunRow.run_uid == self._run.meta.uid,
            TaskRunRow.task == task,
            TaskRunRow.uid.is_not(None),
            TaskRunRow.deleted_at.is_(None),
        )
        for row in self._session.execute(query).scalars():
            yield task_run_object(row, self._run, self._plan)


def task_run_object(row: TaskRunRow, run: DagRun, plan: Plan) -> TaskRun:
    """The TaskRun as its row tells."""
    planned = plan.tasks.get(row.task)
    spec = {
        "dagRunRef": {"name": row.run},
        "dagRef": {"name": row.dag},
        "task": row.task,
        "index": None if row.map_index == NOT_MAPPED else row.map_index,
        "logicalDate": run.spec.logical_date,
        "pool": row.pool,
        "poolSlots": row.pool_slots,
        "priority": row.priority,
        "kind": planned.kind if planned is not None else None,
    }
    status = {
        "state": row.state,
        "try": row.attempt,
        "pod": row.pod,
        "node": row.node,
        "startedAt": row.started_at,
        "finishedAt": row.finished_at,
        "reason": row.reason,
        "message": _cut(row.message, _TASK_MESSAGE),
        "output": row.output,
        "retryAt": row.retry_at,
        "waitingFor": row.waiting_for,
    }
    meta = _meta(row, row.name or "", row.uid or "")
    return parse_task_run(meta, {"spec": _filled(spec), "status": _filled(status)})


def scene_of_rows(session: Session, run: DagRun) -> Scene | None:
    """The run with its plan; None before it is pinned to a revision, or where this version can't read that."""
    revision = _revision(session, run)
    plan = judge_spec(revision.spec_json).plan if revision is not None else None
    if revision is None or plan is None:
        return None
    states = instance_states(session, run.meta.uid)
    known = {each: state for each, state in states.items() if task_and_index(each)[0] in plan.tasks}
    snapshot = RunSnapshot(
        run=run,
        dag=None,
        revision=revision,
        task_runs=TaskRuns(session, run, plan),
        standing=Standing(known),
        previous=_previous(session, run, revision) if revision.uses_past else None,
        changed=None,
        running_runs=0,
        is_next=True,
        status_written_at=None,
        policy=_POLICY,
    )
    scene = scene_of(snapshot, plan)
    _expand(session, scene)
    return scene


def _expand(session: Session, scene: Scene) -> None:
    """Note how many elements each mapping has of which an instance has begun."""
    most = func.max(TaskRunRow.map_index)
    query = select(TaskRunRow.task, most).where(TaskRunRow.run_uid == scene.snapshot.run.meta.uid)
    begun = {task: last + 1 for task, last in session.execute(query.group_by(TaskRunRow.task)) if last >= 0}
    for task in scene.plan.graph.order:
        source = scene.plan.tasks[task].mapped_by
        if source is not None and task in begun:
            items = work_out(scene, source).items or ()
            scene.expansions[source] = max(scene.expansions.get(source, 0), begun[task], len(items))


def _previous(session: Session, run: DagRun, revision: Revision) -> PreviousRun | None:
    """The run before, by logical date; with catchup manual ones do not count."""
    if run.spec.logical_date is None:
        return None
    query = select(DagRunRow).where(
        DagRunRow.namespace == run.meta.namespace,
        DagRunRow.dag == run.spec.dag_ref.name,
        DagRunRow.ordered_at < run.spec.logical_date,
        DagRunRow.logical_date.is_not(None),
        DagRunRow.deleted_at.is_(None),
    )
    if revision.catchup:
        query = query.where(DagRunRow.run_type != "manual")
    row = session.execute(query.order_by(DagRunRow.ordered_at.desc(), DagRunRow.uid.desc()).limit(1))
    found = row.scalar_one_or_none()
    if found is None:
        return None
    before = run_object(found)
    states = instance_states(session, before.meta.uid)
    counts: dict[str, int] = {}
    for instance in states:
        task, index = task_and_index(instance)
        counts[task] = max(counts.get(task, 0), (index or 0) + 1)
    pinned = _revision(session, before)
    plan = judge_spec(pinned.spec_json).plan if pinned is not None else None
    sources = {task: plan.tasks[task].mapped_by for task in counts if plan is not None and task in plan.tasks}
    expansions = {source: counts[task] for task, source in sources.items() if source is not None}
    return PreviousRun(before.meta.name, Standing(states), pinned, expansions)


def _revision(session: Session, run: DagRun) -> Revision | None:
    name = run.status.revision
    spec = revision_spec(session, run.meta.namespace, run.spec.dag_ref.name, name) if name is not None else None
    if name is None or spec is None:
        return None
    meta = Meta(Key(run.meta.namespace, name), name, 0, 0, run.meta.created_at, None, None, {}, None, 0, ())
    return parse_revision(meta, {"data": json.loads(spec)})


def _meta(row: DagRunRow | TaskRunRow, name: str, uid: str) -> Meta:
    labels = cast("dict[str, str]", getattr(row, "labels", {}))
    owner = row.run_uid if isinstance(row, TaskRunRow) else None
    key = Key(row.namespace, name)
    return Meta(key, uid, row.resource_version, 0, row.created_at, None, None, labels, owner, 1, ())


def _cut(text: str | None, most: int) -> str | None:
    """A Pod's own words, which stand in the row while it starts, may be longer than a status may hold."""
    return text[:most] if text is not None else None


def _filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
