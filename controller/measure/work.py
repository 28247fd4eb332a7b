"""Changes in the store -> runs and attempts that ended, each counted once.

A run counts when it is final and was seen before when it was not; an attempt when its number is above that with which
its TaskRun was first seen. So a restart counts nothing anew, and a run that is cleared and ends again counts again.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from controller.measure.dag_series import DagSeries
from controller.model.dag import Dag
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.states import RUN_FINAL, TaskState
from controller.model.taskrun import Attempt, Fault, TaskRun
from controller.observe.tables import Observed, dag_key

_RUN_SECONDS: Final = (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400)
_TASK_SECONDS: Final = (1, 5, 15, 30, 60, 300, 600, 1800, 3600, 10800, 43200)
_BY_DAG: Final = ("namespace", "dag")
_FAULTS: Final = {
    Fault.APPLICATION: "application",
    Fault.INFRASTRUCTURE: "infrastructure",
    Fault.LAUNCH: "launch",
    Fault.CANCELLED: "cancelled",
}
# fmt: off
REASONS: Final = frozenset({
    "AdmissionError", "Cancelled", "Completed", "ContainerCannotRun", "CreateContainerConfigError",
    "CreateContainerError", "DeletionByPodGC", "DeletionByTaintManager", "ErrImagePull", "Error", "Evicted",
    "EvictionByEvictionAPI", "FailFast", "ImagePullBackOff", "InvalidImageName", "Marked", "NameTaken",
    "NeverStarted", "NoArtifactStore", "NodeAffinity", "NodeLost", "NodeShutdown", "OOMKilled", "OutOfcpu",
    "OutOfephemeral-storage", "OutOfmemory", "OutOfpods", "OutputInvalid", "OutputTooLarge", "PodDeleted",
    "PodLost", "PodRefused", "Preempted", "Preempting", "PreemptionByScheduler", "RunContainerError",
    "ServiceAccount", "Shutdown", "SkipExitCode", "StartError", "TemplateError", "TerminationByKubelet", "TimedOut",
    "Timeout", "UnexpectedAdmissionError", "Unknown", "Unschedulable",
})
# fmt: on
"""Reasons with a series of their own. Any other one counts as Other: whoever may write a Pod's status chooses it."""


class Work:
    """What ended. `see` listens to a store."""

    def __init__(self, registry: CollectorRegistry, dags: DagSeries, leads: Callable[[], bool]) -> None:
        self._dags = dags
        self._leads = leads
        self._at_work: set[str] = set()
        self._counted: dict[str, int] = {}
        self._runs = Counter(
            "slipway_runs_finished", "Runs that ended.", (*_BY_DAG, "state", "type"), registry=registry
        )
        self._run_seconds = Histogram(
            "slipway_run_duration_seconds",
            "How long runs took from their start to their end.",
            _BY_DAG,
            buckets=_RUN_SECONDS,
            registry=registry,
        )
        self._attempts = Counter(
            "slipway_attempts",
            "Attempts of tasks that ended: in success, skipped, or by whose fault they failed.",
            ("outcome", "reason"),
            registry=registry,
        )
        self._task_seconds = Histogram(
            "slipway_task_duration_seconds",
            "How long attempts of tasks ran, from the start of the container to its end.",
            _BY_DAG,
            buckets=_TASK_SECONDS,
            registry=registry,
        )
        for outcome in ("success", "skipped", *_FAULTS.values()):  # a rate from 0 is seen, one from nothing is not
            self._attempts.labels(outcome, "Completed" if outcome == "success" else "Other")

    def see(self, changed: Observed, gone: bool) -> None:
        """Take a change in."""
        match changed:
            case DagRun():
                self._see_run(changed, gone=gone)
            case TaskRun():
                self._see_task_run(changed, gone=gone)
            case Dag() if gone and self._dags.forget(changed.meta.key):
                self._drop(changed.meta.key)
            case _:
                pass

    def _see_run(self, run: DagRun, *, gone: bool) -> None:
        uid = run.meta.uid
        if run.status.state not in RUN_FINAL and not gone:
            self._at_work.add(uid)
        elif uid in self._at_work:
            self._at_work.remove(uid)
            if run.status.state in RUN_FINAL and self._leads():
                self._count_run(run)

    def _count_run(self, run: DagRun) -> None:
        status, labels = run.status, self._dags.labels(dag_key(run))
        self._runs.labels(*labels, status.state.value, run.spec.run_type.value).inc()
        if status.started_at is not None and status.finished_at is not None:
            took = (status.finished_at - status.started_at).total_seconds()
            self._run_seconds.labels(*labels).observe(max(0.0, took))

    def _see_task_run(self, task_run: TaskRun, *, gone: bool) -> None:
        uid, ended = task_run.meta.uid, task_run.ended_attempts
        counted = self._counted.get(uid, ended)
        if counted < ended and self._leads():
            dag = Key(task_run.meta.namespace, task_run.spec.dag_ref.name)
            self._count_attempts(dag, (each for each in task_run.status.attempts if each.number > counted))
        if gone:
            self._counted.pop(uid, None)
        else:
            self._counted[uid] = ended

    def _count_attempts(self, dag: Key, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            reason = attempt.reason or ("Completed" if attempt.state is TaskState.SUCCESS else "Other")
            self._attempts.labels(_outcome(attempt), reason if reason in REASONS else "Other").inc()
            if attempt.started_at is not None:
                took = (attempt.finished_at - attempt.started_at).total_seconds()
                self._task_seconds.labels(*self._dags.labels(dag)).observe(max(0.0, took))

    def _drop(self, dag: Key) -> None:
        """Take out the series of a Dag that is gone."""
        metrics: tuple[Any, ...] = (self._runs, self._run_seconds, self._task_seconds)
        for metric in metrics:
            metric.remove_by_labels({"namespace": dag.namespace, "dag": dag.name})


def _outcome(attempt: Attempt) -> str:
    if attempt.state is TaskState.SUCCESS:
        return "success"
    if attempt.state is TaskState.SKIPPED:
        return "skipped"
    return _FAULTS[attempt.fault or Fault.APPLICATION]
