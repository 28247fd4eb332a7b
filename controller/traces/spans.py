"""A run that has ended and its TaskRuns -> its spans: what ran when, and how it ended. Times are as recorded."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.model.dagrun import DagRun
from controller.model.states import RunState, TaskState
from controller.model.taskrun import Attempt, TaskRun
from controller.model.timestamps import format_time
from controller.model.tracing import attempt_span_id, run_span_id, trace_id

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted."""

    trace: str
    id: str
    parent: str | None
    """None for the run's own."""
    name: str
    start: datetime
    end: datetime
    failure: str | None
    """What went wrong, in a sentence; None for what went well."""
    values: Mapping[str, Value]


def spans_of(run: DagRun, task_runs: Iterable[TaskRun]) -> list[Span]:
    """The run's span, then those of the attempts by their start; none of a run that has not ended."""
    if run.status.finished_at is None:
        return []
    attempts = [span for task_run in task_runs for span in _attempts(run, task_run)]
    return [_run(run, run.status.finished_at), *sorted(attempts, key=lambda span: (span.start, span.id))]


def _run(run: DagRun, finished_at: datetime) -> Span:
    status, spec = run.status, run.spec
    values: dict[str, Value | None] = {
        "slipway.namespace": run.meta.namespace,
        "slipway.dag": spec.dag_ref.name,
        "slipway.run": run.meta.name,
        "slipway.run.type": spec.run_type.value,
        "slipway.run.state": status.state.value,
        "slipway.run.revision": status.revision,
        "slipway.run.reason": status.reason,
        "slipway.run.tasks": status.tasks,
        "slipway.logical_date": format_time(spec.logical_date) if spec.logical_date else None,
    }
    return Span(
        trace=trace_id(run.meta.uid),
        id=run_span_id(run.meta.uid),
        parent=None,
        name=f"run {spec.dag_ref.name}",
        start=min(status.started_at or finished_at, finished_at),
        end=finished_at,
        failure=(status.message or status.reason or "") if status.state is RunState.FAILED else None,
        values=_told(values),
    )


def _attempts(run: DagRun, task_run: TaskRun) -> Iterator[Span]:
    for attempt in task_run.status.attempts:
        failed = attempt.state is TaskState.FAILED
        yield Span(
            trace=trace_id(run.meta.uid),
            id=attempt_span_id(task_run.meta.uid, attempt.number),
            parent=run_span_id(run.meta.uid),
            name=f"task {task_run.spec.task}",
            start=min(attempt.started_at or attempt.finished_at, attempt.finished_at),
            end=attempt.finished_at,
            failure=(attempt.message or attempt.reason or "") if failed else None,
            values=_told(_attempt_values(run, task_run, attempt)),
        )


def _attempt_values(run: DagRun, task_run: TaskRun, attempt: Attempt) -> dict[str, Value | None]:
    return {
        "slipway.namespace": run.meta.namespace,
        "slipway.dag": run.spec.dag_ref.name,
        "slipway.run": run.meta.name,
        "slipway.task": task_run.spec.task,
        "slipway.task.index": task_run.spec.index,
        "slipway.try": attempt.number,
        "slipway.task.state": attempt.state.value,
        "slipway.task.reason": attempt.reason,
        "slipway.task.fault": attempt.fault.value if attempt.fault else None,
        "slipway.pool": task_run.spec.pool,
        "process.exit.code": attempt.exit_code,
        "k8s.namespace.name": run.meta.namespace,
        "k8s.pod.name": attempt.pod,
        "k8s.node.name": attempt.node,
    }


def _told(values: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
