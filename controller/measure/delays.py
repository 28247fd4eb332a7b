"""Changes in the store -> how long work waited for the scheduler, and how long tasks waited for their Pods at all.

    a scheduled run     from the instant it was due, or that it could be created, to its first sight
    a task              from the instant it was ready to its Pod's first sight; lag only where no limit kept it

What could not have been done sooner is no lag: slots before the Dag was made, enabled or unpaused, and those that
waited for a place under maxActiveRuns. The API server's times are whole seconds, ours are not, so a creation that was
just now counts as now.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import CollectorRegistry, Histogram

from controller.decide.validity import judge_spec
from controller.model.dag import Dag
from controller.model.dagrun import DagRun, RunType
from controller.model.metadata import Key
from controller.model.pod import Pod
from controller.model.states import RUN_FINAL, TaskState
from controller.model.taskrun import TaskRun
from controller.observe.tables import Observed, Tables, dag_key

_LAG_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300)
_QUEUE_SECONDS: Final = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400)
_A_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Wait:
    """A task that waits for the Pod of an attempt."""

    attempt: int
    since: datetime
    is_kept: bool
    """Whether a limit has kept it since."""


class Delays:
    """How late things are. `see` listens to a store."""

    def __init__(
        self, registry: CollectorRegistry, tables: Tables, leads: Callable[[], bool], clock: Callable[[], datetime]
    ) -> None:
        self._tables = tables
        self._leads = leads
        self._clock = clock
        self._runs: set[str] = set()
        self._room_since: dict[Key, datetime] = {}
        self._waits: dict[str, _Wait] = {}
        """By uid of the TaskRun."""
        self._newest_pod: dict[str, int] = {}
        """The attempt of the newest Pod, by uid of the TaskRun."""
        self._lag = Histogram(
            "slipway_scheduler_lag_seconds",
            "How late the scheduler is: scheduled runs after they were due, Pods after their tasks were ready.",
            ("of",),
            buckets=_LAG_SECONDS,
            registry=registry,
        )
        self._queue = Histogram(
            "slipway_task_queue_seconds",
            "How long tasks that were ready waited for their Pod, limits and pools included.",
            buckets=_QUEUE_SECONDS,
            registry=registry,
        )
        for of in ("run", "task"):
            self._lag.labels(of)

    def see(self, changed: Observed, gone: bool) -> None:
        """Take a change in."""
        match changed:
            case DagRun():
                self._see_run(changed, gone=gone)
            case TaskRun():
                self._see_task_run(changed, gone=gone)
            case Pod():
                self._see_pod(changed, gone=gone)
            case Dag() if gone:
                self._room_since.pop(changed.meta.key, None)
            case _:
                pass

    # ---- runs -----------------------------------------------------------------------------------------------------

    def _see_run(self, run: DagRun, *, gone: bool) -> None:
        uid, is_new = run.meta.uid, run.meta.uid not in self._runs
        if gone or run.status.state in RUN_FINAL:
            if not is_new:
                self._runs.remove(uid)
                self._made_room(dag_key(run))
            return
        self._runs.add(uid)
        if is_new and run.spec.run_type is RunType.SCHEDULED and self._leads():
            self._late(run)

    def _made_room(self, dag: Key) -> None:
        """A run has ended: where it was one of as many as there may be, slots have waited for it."""
        known = self._tables.dags.get(dag)
        plan = judge_spec(known.spec_json).plan if known is not None else None
        if plan is not None and self._tables.runs_of(dag).active() + 1 >= plan.spec.concurrency.max_active_runs:
            self._room_since[dag] = self._clock()

    def _late(self, run: DagRun) -> None:
        due, dag = run.spec.interval_end or run.spec.logical_date, self._tables.dags.get(dag_key(run))
        if due is None or dag is None:
            return
        now, room = self._clock(), self._room_since.get(dag.meta.key)
        could = max(at for at in (due, dag.meta.created_at, dag.status.enabled_at, _unpaused_at(dag, now), room) if at)
        self._lag.labels("run").observe(max(0.0, (now - could).total_seconds()))

    # ---- tasks ----------------------------------------------------------------------------------------------------

    def _see_task_run(self, task_run: TaskRun, *, gone: bool) -> None:
        uid = task_run.meta.uid
        if gone:
            self._waits.pop(uid, None)
            self._newest_pod.pop(uid, None)
            return
        number, known = task_run.ended_attempts + 1, self._newest_pod.setdefault(uid, 0)
        if not task_run.wants_pod or known >= number:
            self._waits.pop(uid, None)
        elif (waits := self._waits.get(uid)) is None or waits.attempt != number:
            self._waits[uid] = _Wait(number, self._ready_at(task_run), is_kept=_is_kept(task_run))
        elif _is_kept(task_run) and not waits.is_kept:
            self._waits[uid] = replace(waits, is_kept=True)

    def _ready_at(self, task_run: TaskRun) -> datetime:
        """When it could start: since its creation, which is told in whole seconds, but not before its next attempt's
        time, and a task that was cleared from now on."""
        now, status = self._clock(), task_run.status
        is_first = task_run.ended_attempts == 0 and status.round == 0
        since = min(now, task_run.meta.created_at + _A_SECOND) if is_first else now
        return max(since, status.retry_at) if status.retry_at is not None else since

    def _see_pod(self, pod: Pod, *, gone: bool) -> None:
        uid = pod.meta.owner_uid or ""
        if gone and self._tables.task_run_of(pod) is None:
            self._newest_pod.pop(uid, None)
        if gone or pod.attempt <= self._newest_pod.get(uid, 0):
            return
        self._newest_pod[uid] = pod.attempt
        waits = self._waits.pop(uid, None)
        if waits is None or waits.attempt != pod.attempt or not self._leads():
            return
        waited = max(0.0, (self._clock() - waits.since).total_seconds())
        self._queue.observe(waited)
        if not waits.is_kept:
            self._lag.labels("task").observe(waited)


def _is_kept(task_run: TaskRun) -> bool:
    """Whether the status says that something keeps the task; a retry whose time comes is nothing of the kind."""
    return task_run.status.state is TaskState.QUEUED


def _unpaused_at(dag: Dag, now: datetime) -> datetime | None:
    """When it was last unpaused: this instant where the status, which is written after the runs, still says Paused."""
    told = next((each for each in dag.status.conditions if each.type == "Paused"), None)
    if told is None:
        return None
    return now if told.status == "True" else told.last_transition_time
