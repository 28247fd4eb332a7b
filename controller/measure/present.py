"""The store at the moment of the question -> queues, pools, runs, tasks, Pods and Dags. One walk through memory."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from math import inf

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from controller.decide.validity import judge_spec
from controller.measure.families import gauge, gauges
from controller.model.dag import Dag
from controller.model.metadata import Key
from controller.model.pool import DEFAULT_POOL, DEFAULT_POOL_SLOTS
from controller.model.states import RUN_FINAL, TASK_FINAL, RunState, TaskState
from controller.observe.store import Store

_POOL = ("namespace", "pool")


class Present(Collector):
    """What there is now."""

    def __init__(self, store: Store, parallelism: int, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._parallelism = parallelism
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Everything, gathered anew."""
        yield from self._pools()
        yield from self._work()
        yield from self._pods()
        yield from self._dags()

    def _pools(self) -> Iterator[Metric]:
        line, tables = self._store.line, self._store.tables
        implied = {Key(dag.namespace, DEFAULT_POOL): DEFAULT_POOL_SLOTS for dag in tables.dags}
        slots = implied | {key: pool.spec.slots for key, pool in tables.pools.items()}
        waiting = {key: line.queue.waiting_in(key) for key in slots} | line.queue.waiting_by_pool()
        names = {key: (key.namespace, key.name) for key in (*slots, *waiting)}
        yield gauges(
            "slipway_queue_length",
            "Tasks that are ready and wait for a place, by the pool that they need.",
            _POOL,
            {names[key]: count for key, count in waiting.items()},
        )
        yield gauges(
            "slipway_pool_slots",
            "Slots of a pool; +Inf = without limit. The pool called default is there without being made.",
            _POOL,
            {names[key]: inf if count == -1 else count for key, count in slots.items()},
        )
        yield gauges(
            "slipway_pool_slots_used",
            "Slots of a pool that tasks with a Pod take.",
            _POOL,
            {names[key]: line.holders.slots_of(key) for key in slots},
        )
        yield gauge("slipway_parallelism", "Tasks of all Dags that may hold a Pod at once.", self._parallelism)
        yield gauge("slipway_parallelism_used", "Tasks of all Dags that hold a Pod.", line.holders.total())

    def _work(self) -> Iterator[Metric]:
        tables = self._store.tables
        runs = Counter({state: 0 for state in RunState if state not in RUN_FINAL})
        runs.update(run.status.state for run in tables.runs.values() if run.status.state not in RUN_FINAL)
        tasks = Counter({state: 0 for state in TaskState if state not in TASK_FINAL})
        tasks.update(each.status.state for each in tables.task_runs.values() if each.status.state not in TASK_FINAL)
        yield gauges(
            "slipway_runs_active",
            "Runs that have not ended.",
            ("state",),
            {state.value: count for state, count in runs.items()},
        )
        yield gauges(
            "slipway_tasks_active",
            "TaskRuns that have not ended.",
            ("state",),
            {state.value: count for state, count in tasks.items()},
        )
        counts = {
            "Dag": len(tables.dags),
            "DagRun": len(tables.runs),
            "TaskRun": len(tables.task_runs),
            "Pod": len(tables.pods),
            "ControllerRevision": len(tables.revisions),
        }
        yield gauges("slipway_objects", "Objects in the controller's memory.", ("kind",), counts)

    def _pods(self) -> Iterator[Metric]:
        now, pods = self._clock(), self._store.tables.pods.values()
        waiting = [pod for pod in pods if pod.started_at is None and not pod.has_ended]
        running = sum(pod.started_at is not None and not pod.has_ended for pod in pods)
        oldest = max((now - pod.meta.created_at for pod in waiting), default=now - now).total_seconds()
        yield gauges(
            "slipway_pods",
            "Pods of tasks whose container waits for its start, or runs.",
            ("state",),
            {"pending": len(waiting), "running": running},
        )
        yield gauge(
            "slipway_pod_pending_seconds", "How long the Pod waits that waits longest for its start.", max(0.0, oldest)
        )
        yield gauge(
            "slipway_pods_held",
            "Pods that have ended and are still held for their result or their log.",
            sum(pod.has_ended and pod.is_held for pod in pods),
        )

    def _dags(self) -> Iterator[Metric]:
        dags = self._store.tables.dags.values()
        ready = Counter({"True": 0, "False": 0, "Unknown": 0})
        ready.update(_ready(dag) for dag in dags)
        overdue = max((self._overdue(dag) for dag in dags), default=0.0)
        yield gauges("slipway_dags", "Dags, by their condition Ready.", ("ready",), ready)
        yield gauge("slipway_dags_paused", "Dags that are paused or held.", sum(dag.is_paused for dag in dags))
        yield gauge(
            "slipway_schedule_overdue_seconds",
            "How long the slot is due that waits longest for its run, of Dags that may have one more.",
            overdue,
        )

    def _overdue(self, dag: Dag) -> float:
        next_run = dag.status.next_run
        if next_run is None or dag.is_paused or next_run >= self._clock() or dag.meta.deleting_since is not None:
            return 0.0
        plan = judge_spec(dag.spec_json).plan
        active = self._store.tables.runs_of(dag.meta.key).active()
        if plan is None or active >= plan.spec.concurrency.max_active_runs:
            return 0.0
        return (self._clock() - next_run).total_seconds()


def _ready(dag: Dag) -> str:
    told = next((each for each in dag.status.conditions if each.type == "Ready"), None)
    return told.status if told is not None and told.observed_generation == dag.meta.generation else "Unknown"
