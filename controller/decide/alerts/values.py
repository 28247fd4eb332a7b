"""A run, and what an alert tells of it -> the values that the alert's templates may read; empty text for none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from controller.decide.alerts.ends import WITHOUT_TASK_RUN
from controller.model.alerts import AlertRecord
from controller.model.dag import DagSpec
from controller.model.dagrun import DagRun
from controller.model.durations import format_seconds
from controller.model.instance import task_and_index
from controller.model.metadata import Key
from controller.model.states import airflow_name
from controller.model.taskrun import TaskRun
from controller.model.timestamps import format_time

ALERT_NAMES: Final = frozenset({"alert", "dag", "run", "task", "deadline", "params"})
"""What the templates of alerts know."""


@dataclass(frozen=True, slots=True)
class Failed:
    """How one attempt ended, for people."""

    instance: str
    number: int
    reason: str = ""
    message: str = ""
    exit_code: str = ""
    node: str = ""
    pod: str = ""

    @property
    def line(self) -> str:
        """`load[3], attempt 2: OOMKilled: ...`."""
        attempt = f", attempt {self.number}" if self.number else ""
        why = ": ".join(filter(None, (self.reason, self.message))) or "for an unknown reason"
        return f"{self.instance}{attempt}: {why}"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one alert is about."""

    record: AlertRecord
    dag: Key
    spec: DagSpec | None = None
    """None for a Dag that is not valid."""
    run: DagRun | None = None
    """None for an alert about the Dag itself."""
    ends: tuple[Failed, ...] = ()
    """The ends of tasks that it tells of, the first 20."""
    faults: str = ""
    """What is wrong with a Dag that is not valid."""
    params: Mapping[str, Any] = field(default_factory=dict)
    base: str = ""
    """The UI's address; empty = no links."""

    @property
    def url(self) -> str:
        """The page to look at; empty where the UI's address is not known."""
        if not self.base:
            return ""
        page = f"dags/{self.dag.namespace}/{self.dag.name}" if self.run is None else _page(self.run, self.record)
        return f"{self.base.rstrip('/')}/{page}"


def values_of(facts: Facts, text: str) -> dict[str, Any]:
    """The values; `text` is what Slipway itself would say."""
    record, spec = facts.record, facts.spec
    first = facts.ends[0] if facts.ends else Failed("", 0)
    deadlines = facts.run.status.deadlines if facts.run is not None else ()
    due = next((format_time(each.at) for each in deadlines if each.name == record.deadline), "")
    return {
        "alert": {
            "name": record.alert,
            "event": record.event.value,
            "key": record.key,
            "count": record.count,
            "url": facts.url,
            "text": text,
        },
        "dag": {
            "name": facts.dag.name,
            "namespace": facts.dag.namespace,
            "owner": (spec.owner if spec is not None else None) or "",
            "description": (spec.description if spec is not None else None) or "",
            "tags": list(spec.tags) if spec is not None else [],
            "faults": facts.faults,
        },
        "run": _run_values(facts.run),
        "task": {
            "name": first.instance,
            "attempt": first.number,
            "reason": first.reason,
            "message": first.message,
            "exitCode": first.exit_code,
            "node": first.node,
            "pod": first.pod,
            "lines": "\n".join(end.line for end in facts.ends),
        },
        "deadline": {"name": record.deadline or "", "at": due},
        "params": facts.params,
    }


def failed_ends(record: AlertRecord, run: DagRun, task_runs: Mapping[str, TaskRun]) -> Iterator[Failed]:
    """How the attempts ended that an alert tells of, as far as that is still known."""
    for end in record.ends:
        instance, _, number = end.rpartition("/")
        yield failed_end(instance, int(number), run, task_runs)


def failed_end(instance: str, number: int, run: DagRun, task_runs: Mapping[str, TaskRun]) -> Failed:
    """How one attempt ended."""
    task_run = task_runs.get(instance)
    if number == WITHOUT_TASK_RUN or task_run is None:
        return Failed(instance, number, message=run.status.notes.get(instance, ""))
    attempt = next((each for each in task_run.status.attempts if each.number == number), None)
    if attempt is None:
        return Failed(instance, number)
    code = "" if attempt.exit_code is None else str(attempt.exit_code)
    facts = (attempt.reason or "", attempt.message or "", code, attempt.node or "", attempt.pod)
    return Failed(instance, number, *facts)


def _page(run: DagRun, record: AlertRecord) -> str:
    page = f"runs/{run.meta.namespace}/{run.meta.name}"
    if record.count != 1 or not record.ends:
        return page
    task, index = task_and_index(record.ends[0].rpartition("/")[0])
    return f"{page}/tasks/{task}" + ("" if index is None else f"?index={index}")


def _run_values(run: DagRun | None) -> dict[str, Any]:
    if run is None:
        names = ("name", "id", "type", "state", "reason", "message", "duration", "tasks", "failedTasks", "waitingFor")
        return dict.fromkeys((*names, "logicalDate", "startedAt", "finishedAt"), "")
    spec, status = run.spec, run.status
    return {
        "name": run.meta.name,
        "id": spec.run_id or run.meta.name,
        "type": spec.run_type.value,
        "state": airflow_name(status.state),
        "reason": status.reason or "",
        "message": status.message or "",
        "duration": status.duration or "",
        "tasks": status.tasks or "",
        "failedTasks": ", ".join(status.failed_tasks),
        "waitingFor": status.waiting_for[0].message if status.waiting_for else "",
        "logicalDate": _time(spec.logical_date),
        "startedAt": _time(status.started_at),
        "finishedAt": _time(status.finished_at),
    }


def _time(at: datetime | None) -> str:
    return format_time(at) if at is not None else ""


def since(run: DagRun, now: datetime) -> str:
    """How long the run takes so far, such as 3m12s."""
    return format_seconds((now - (run.status.started_at or run.meta.created_at)).total_seconds())
