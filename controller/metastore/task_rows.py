"""A TaskRun, a Pod or a run's settled tasks -> rows of tasks and attempts. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from controller.metastore.row import Row, dumped, mirrored
from controller.metastore.tables import NOT_MAPPED
from controller.model.dagrun import DagRun, Settled
from controller.model.instance import task_and_index
from controller.model.pod import Pod
from controller.model.states import TaskState
from controller.model.taskrun import Attempt, TaskRun

_LARGEST_ATTEMPT: Final = 1_000_000
"""A label with a larger number is not ours."""


def settled_rows(run: DagRun, before: Settled) -> Iterator[Row]:
    """A row for each settled task that is not one of `before`: a run of thousands does not rewrite them all."""
    if run.status.settled is before or run.status.settled == before:
        return
    known, now = before.by_instance(), run.status.settled.by_instance()
    for instance, state in now.items():
        if known.get(instance) is not state:
            yield _settled_task(run, instance, state)
    for instance in known.keys() - now.keys():  # cleared: it begins anew
        yield _settled_task(run, instance, TaskState.SCHEDULED)


def _settled_task(run: DagRun, instance: str, state: TaskState) -> Row:
    task, index = task_and_index(instance)
    return {
        **dict.fromkeys(_UNKNOWN_OF_SETTLED),
        **mirrored(run.meta),
        "run_uid": run.meta.uid,
        "task": task,
        "map_index": NOT_MAPPED if index is None else index,
        "namespace": run.meta.namespace,
        "dag": run.spec.dag_ref.name,
        "run": run.meta.name,
        "state": state.value,
        "attempt": 0,
        "message": run.status.notes.get(instance),
        "waiting_for": [],
    }


_UNKNOWN_OF_SETTLED: Final = (
    *("uid", "name", "pod", "node", "started_at", "finished_at", "retry_at", "exit_code", "reason", "message"),
    *("output", "pool", "pool_slots", "priority"),
)


def task_row(task_run: TaskRun) -> Row:
    """The task as its TaskRun's status tells."""
    spec, status = task_run.spec, task_run.status
    return {
        **mirrored(task_run.meta),
        "run_uid": task_run.meta.owner_uid or task_run.meta.uid,
        "task": spec.task,
        "map_index": NOT_MAPPED if spec.index is None else spec.index,
        "uid": task_run.meta.uid,
        "namespace": task_run.meta.namespace,
        "dag": spec.dag_ref.name,
        "run": spec.dag_run_ref.name,
        "name": task_run.meta.name,
        "state": status.state.value,
        "attempt": status.attempt,
        "pod": status.pod,
        "node": status.node,
        "started_at": status.started_at,
        "finished_at": status.finished_at,
        "retry_at": status.retry_at,
        "exit_code": status.exit_code,
        "reason": status.reason,
        "message": status.message,
        "waiting_for": dumped(status.waiting_for),
        "output": status.output,
        "pool": spec.pool,
        "pool_slots": spec.pool_slots,
        "priority": spec.priority,
    }


def account_row(task_run: TaskRun, attempt: Attempt) -> Row:
    """How the attempt ended, as the TaskRun accounts for it."""
    return {
        "task_run_uid": task_run.meta.uid,
        "number": attempt.number,
        "pod": attempt.pod,
        "pod_uid": None,
        "node": attempt.node,
        "state": attempt.state.value,
        "fault": attempt.fault.value if attempt.fault else None,
        "reason": attempt.reason,
        "message": attempt.message,
        "exit_code": attempt.exit_code,
        "created_at": None,
        "started_at": attempt.started_at,
        "finished_at": attempt.finished_at,
        "pod_deleted_at": None,
        "pod_version": 0,
        "account_version": task_run.meta.resource_version,
    }


def pod_row(pod: Pod) -> Row | None:
    """What the Pod shows of its attempt, never a final state: that only the account gives. None for a Pod not ours."""
    if pod.meta.owner_uid is None or not 0 < pod.attempt <= _LARGEST_ATTEMPT:
        return None
    ended = pod.termination
    why = ended or pod.unschedulable or pod.waiting or pod.disruption
    return {
        "task_run_uid": pod.meta.owner_uid,
        "number": pod.attempt,
        "pod": pod.meta.name,
        "pod_uid": pod.meta.uid,
        "node": pod.node,
        "state": (TaskState.RUNNING if _started_at(pod) else TaskState.QUEUED).value,
        "fault": None,
        "reason": (why.reason if why else pod.reason) or None,
        # A termination message is the task's output, no sentence for people.
        "message": (why.message if why and not ended else pod.message) or None,
        "exit_code": ended.exit_code if ended else None,
        "created_at": pod.meta.created_at,
        "started_at": _started_at(pod),
        "finished_at": ended.finished_at if ended else None,
        "pod_deleted_at": None,
        "pod_version": pod.meta.resource_version,
        "account_version": 0,
    }


def _started_at(pod: Pod) -> datetime | None:
    return pod.started_at or (pod.termination.started_at if pod.termination else None)
