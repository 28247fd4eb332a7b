"""Observed objects -> the newest of each by key, with indexes, and marks on every question that a change touches.

An object with an older resourceVersion than the one in store is dropped, so that our own write's answer and the watch
event of it may come in any order. Not thread-safe: one event loop owns it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.names import LABEL_DAG
from controller.model.pod import Phase, Pod
from controller.model.pool import Pool
from controller.model.snapshot import PodRefusal
from controller.model.states import RUN_FINAL, TASK_FINAL, RunState
from controller.model.taskrun import TaskRun
from controller.observe.due import GATE, DueList, Question
from controller.observe.gone import Gone
from controller.observe.holders import Holder, Holders
from controller.observe.queue import Queue, entry_of, place_of
from controller.observe.runs_of_dag import RunsOfDag

Observed = Dag | Revision | DagRun | TaskRun | Pool | Pod
Listener = Callable[[Observed, bool], None]
"""Called with each change: the object, and whether it is gone."""


class Store:
    """The newest known state of everything that Slipway watches; its dictionaries are read, never written, outside."""

    def __init__(self) -> None:
        self.dags: dict[Key, Dag] = {}
        self.revisions: dict[Key, Revision] = {}
        self.runs: dict[Key, DagRun] = {}
        self.task_runs: dict[Key, TaskRun] = {}
        self.pools: dict[Key, Pool] = {}
        self.pods: dict[Key, Pod] = {}
        self.due = DueList()
        self.queue = Queue()
        self.holders = Holders()
        self.refusals: dict[Key, PodRefusal] = {}
        """The API server's last refusal of a TaskRun's Pod."""
        self.changed: dict[Key, set[str] | None] = {}
        """Per running run, the tasks that changed since its last decision; None or absent = all."""
        self.status_written_at: dict[str, datetime] = {}
        """By uid, when this controller last wrote the status of a Dag or run."""
        self._starting: set[Key] = set()
        self._held_runs: dict[Key, list[Key]] = {}
        self._runs_of_dag: dict[Key, RunsOfDag] = {}
        self._task_runs_of: dict[str, dict[str, TaskRun]] = {}
        self._pods_of: dict[str, dict[Key, Pod]] = {}
        self._task_run_keys: dict[str, Key] = {}
        self._lost: set[str] = set()
        self._gone = Gone()
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Tell this function of every change from now on."""
        self._listeners.append(listener)

    # ---- changes --------------------------------------------------------------------------------------------------

    def put(self, new: Observed) -> bool:
        """The object is so now; False when that is known already, or older than what is known."""
        table = self._table(type(new))
        old = table.get(new.meta.key)
        if self._gone.covers(new.meta) or (old and old.meta.resource_version >= new.meta.resource_version):
            return False
        if old is not None and old.meta.uid != new.meta.uid:
            self.remove(old)
        table[new.meta.key] = new
        self._touch(old, new)
        self._tell(new, gone=False)
        return True

    def remove(self, last: Observed) -> None:
        """The object is gone; `last` is how it was last seen. A newer one of that name stays."""
        table = self._table(type(last))
        known = table.get(last.meta.key)
        if known is None or known.meta.uid != last.meta.uid:
            return
        self._gone.remember(last.meta.uid, max(last.meta.resource_version, known.meta.resource_version))
        if isinstance(last, Pod) and self._keep_lost(last):
            return
        del table[last.meta.key]
        self._forget(known)
        self._tell(last, gone=True)

    def replace_all(
        self, kind: type[Observed], listed: Iterable[Observed], version: int, *, namespace: str | None = None
    ) -> None:
        """A full list of a namespace (None = of all) as of `version`: what is known, not in it and older is gone."""
        objects = list(listed)
        keys = {each.meta.key for each in objects}
        for known in list(self._table(kind).values()):
            listed_here = namespace is None or known.meta.namespace == namespace
            if listed_here and known.meta.key not in keys and known.meta.resource_version <= version:
                self.remove(known)
        for each in objects:
            self.put(each)

    def start(self, key: Key) -> None:
        """The gate let this TaskRun through: it takes its part of the limits until its Pod is seen or refused."""
        self._starting.add(key)
        self._place_task(self.task_runs[key])

    def start_failed(self, key: Key, refusal: PodRefusal) -> None:
        """No Pod came of it."""
        self._starting.discard(key)
        self.refusals[key] = refusal
        task_run = self.task_runs.get(key)
        if task_run is not None:
            self._place_task(task_run)
            self.due.mark(Question.TASK, [key])
        self.due.add(GATE)

    def hold(self, run: Key) -> None:
        """The gate does not see this run's tasks until `let_go`: they are being created, the best perhaps last."""
        self._held_runs.setdefault(run, [])

    def let_go(self, run: Key) -> None:
        """The gate may look at the run's tasks, and then they themselves are looked at."""
        created = self._held_runs.pop(run, None)
        if created is not None:
            self.due.mark(Question.TASK, created)
            self.due.add(GATE)

    def is_held(self, run: Key) -> bool:
        """Whether the run's tasks are still being created."""
        return run in self._held_runs

    def is_starting(self, key: Key) -> bool:
        """Whether the gate let this TaskRun through and its Pod is not seen yet."""
        return key in self._starting

    def mark_all(self) -> None:
        """Everything is due: the start, and the slow walk through memory that forgives a lost mark."""
        self.changed = {key: None for key, run in self.runs.items() if run.status.state not in RUN_FINAL}
        self.due.mark(Question.DAG, self.dags)
        self.due.mark(Question.RUN, self.changed)
        self.due.mark(Question.TASK, [k for k, t in self.task_runs.items() if t.status.state not in TASK_FINAL])
        for pod in self.pods.values():
            self._mark_pod(pod)
        self.due.add(GATE)

    def take_changed(self, run: DagRun) -> frozenset[str] | None:
        """The run's tasks that changed since this was last asked; None = look at all."""
        if run.status.state is not RunState.RUNNING:
            return None
        changed = self.changed.get(run.meta.key)
        self.changed[run.meta.key] = set()
        return None if changed is None else frozenset(changed)

    # ---- indexes --------------------------------------------------------------------------------------------------

    def runs_of(self, dag: Key) -> RunsOfDag:
        """The Dag's runs."""
        return self._runs_of_dag.get(dag) or RunsOfDag()

    def task_runs_of(self, run: DagRun) -> Mapping[str, TaskRun]:
        """The run's TaskRuns by task."""
        return self._task_runs_of.get(run.meta.uid, {})

    def pods_of(self, task_run: TaskRun) -> tuple[Pod, ...]:
        """The TaskRun's Pods, the oldest attempt first."""
        return tuple(sorted(self._pods_of.get(task_run.meta.uid, {}).values(), key=lambda pod: pod.attempt))

    # ---- within ---------------------------------------------------------------------------------------------------

    def _table(self, kind: type[Observed]) -> dict[Key, Any]:
        tables: dict[type[Observed], dict[Key, Any]] = {
            Dag: self.dags,
            Revision: self.revisions,
            DagRun: self.runs,
            TaskRun: self.task_runs,
            Pool: self.pools,
            Pod: self.pods,
        }
        return tables[kind]

    def _tell(self, observed: Observed, *, gone: bool) -> None:
        for listener in self._listeners:
            listener(observed, gone)

    def _touch(self, old: Observed | None, new: Observed) -> None:
        """Bring the indexes up to date and mark what the change may decide."""
        match new:
            case Dag():
                self._touch_dag(old if isinstance(old, Dag) else None, new)
            case DagRun():
                self._touch_run(old if isinstance(old, DagRun) else None, new)
            case TaskRun():
                self._touch_task_run(old if isinstance(old, TaskRun) else None, new)
            case Pod():
                self._touch_pod(old if isinstance(old, Pod) else None, new)
            case Revision():
                dag = Key(new.meta.namespace, new.meta.labels.get(LABEL_DAG, ""))
                self.due.mark(Question.DAG, [dag])
                self._mark_queued(dag)
            case Pool():
                self.due.add(GATE)

    def _touch_dag(self, old: Dag | None, new: Dag) -> None:
        self.due.mark(Question.DAG, [new.meta.key])
        if old is None or old.meta.generation != new.meta.generation or old.meta.uid != new.meta.uid:
            self._mark_queued(new.meta.key)
            self.due.add(GATE)

    def _touch_run(self, old: DagRun | None, new: DagRun) -> None:
        key, dag = new.meta.key, Key(new.meta.namespace, new.spec.dag_ref.name)
        self._runs_of_dag.setdefault(dag, RunsOfDag()).put(new)
        if new.status.state in RUN_FINAL:
            self.changed.pop(key, None)
        self.due.mark(Question.RUN, [key])
        if old is None or old.status.state is not new.status.state:
            self._run_moved(dag)
        if old is not None and old.meta.generation != new.meta.generation:
            self.due.mark(Question.TASK, [t.meta.key for t in self.task_runs_of(new).values()])
            self.due.add(GATE)

    def _run_moved(self, dag: Key) -> None:
        """A run came, began, ended or went: the Dag's counts change, and the next run in its queue may start."""
        self.due.mark(Question.DAG, [dag])
        following = self.runs_of(dag).next_queued()
        if following is not None:
            self.due.mark(Question.RUN, [following])

    def _touch_task_run(self, old: TaskRun | None, new: TaskRun) -> None:
        self._task_runs_of.setdefault(new.meta.owner_uid or "", {})[new.spec.task] = new
        self._task_run_keys[new.meta.uid] = new.meta.key
        self._place_task(new)
        self._drop_lost(new)
        created = self._held_runs.get(Key(new.meta.namespace, new.spec.dag_run_ref.name)) if old is None else None
        if created is not None:
            created.append(new.meta.key)
        else:
            self.due.mark(Question.TASK, [new.meta.key])
        was_final = old is not None and old.status.state in TASK_FINAL
        if was_final is not (new.status.state in TASK_FINAL):
            self._task_moved(new)

    def _task_moved(self, task_run: TaskRun) -> None:
        run = Key(task_run.meta.namespace, task_run.spec.dag_run_ref.name)
        changed = self.changed.get(run)
        if changed is not None:
            changed.add(task_run.spec.task)
        self.due.mark(Question.RUN, [run])

    def _touch_pod(self, old: Pod | None, new: Pod) -> None:
        self._pods_of.setdefault(new.meta.owner_uid or "", {})[new.meta.key] = new
        key = self._task_run_keys.get(new.meta.owner_uid or "")
        if key is not None:
            self._starting.discard(key)
            self.refusals.pop(key, None)
            self._place_task(self.task_runs[key])
        if _news(old) != _news(new):
            self._mark_pod(new)

    def _mark_pod(self, pod: Pod) -> None:
        key = self._task_run_keys.get(pod.meta.owner_uid or "")
        if key is None:
            self.due.mark(Question.ORPHAN, [pod.meta.key])
        else:
            self.due.mark(Question.TASK, [key])

    def _mark_queued(self, dag: Key) -> None:
        self.due.mark(Question.RUN, self.runs_of(dag).queued())

    def _place_task(self, task_run: TaskRun) -> None:
        """Let the TaskRun wait in the queue, hold its part of the limits, or do neither.

        An attempt holds its part until its end stands in the status: what follows from that end then competes for it.
        """
        key, number = task_run.meta.key, task_run.ended_attempts + 1
        unfinished = task_run.status.state not in TASK_FINAL and task_run.meta.deleting_since is None
        pods = self._pods_of.get(task_run.meta.uid, {}).values()
        is_at_work = key in self._starting or any(pod.attempt == number for pod in pods)
        if (unfinished and is_at_work) or any(not pod.has_ended for pod in pods):
            self.queue.remove(key)
            if key not in self.holders:
                self.holders.put(key, Holder(place_of(task_run), task_run.spec.pool_slots))
            return
        if not unfinished:
            self._starting.discard(key)
            self.queue.remove(key)
        if self.holders.remove(key) and self.queue:
            self.due.add(GATE)
        if unfinished and self.queue.put(entry_of(task_run, self._retry_at(task_run))):
            self.due.add(GATE)

    def _retry_at(self, task_run: TaskRun) -> datetime | None:
        refusal = self.refusals.get(task_run.meta.key)
        times = (task_run.status.retry_at, refusal.try_again_at if refusal is not None else None)
        return max((at for at in times if at is not None), default=None)

    def _keep_lost(self, last: Pod) -> bool:
        """A Pod that vanished before its result was kept stays known as Gone, so that its attempt is accounted for."""
        key = self._task_run_keys.get(last.meta.owner_uid or "")
        task_run = self.task_runs.get(key) if key else None
        if task_run is None or task_run.status.state in TASK_FINAL or last.attempt <= task_run.ended_attempts:
            return False
        kept = last if last.has_ended and last.phase is not Phase.PENDING else replace(last, phase=Phase.GONE)
        self.pods[last.meta.key] = lost = replace(kept, meta=replace(kept.meta, finalizers=()))
        self._lost.add(last.meta.uid)
        self._touch_pod(None, lost)
        return True

    def _drop_lost(self, task_run: TaskRun, *, gone: bool = False) -> None:
        """Forget the lost Pods whose attempts are accounted for, or all of them when the TaskRun is gone."""
        settled = gone or task_run.status.state in TASK_FINAL
        for pod in list(self._pods_of.get(task_run.meta.uid, {}).values() if self._lost else ()):
            if pod.meta.uid in self._lost and (settled or pod.attempt <= task_run.ended_attempts):
                self._lost.discard(pod.meta.uid)
                self.pods.pop(pod.meta.key, None)
                self._forget_pod(pod)
                self._tell(pod, gone=True)

    def _forget(self, known: Observed) -> None:
        """Take an object that is gone out of the indexes, and mark what that may decide."""
        self.status_written_at.pop(known.meta.uid, None)
        match known:
            case DagRun():
                dag = Key(known.meta.namespace, known.spec.dag_ref.name)
                self.runs_of(dag).remove(known.meta.key)
                self.changed.pop(known.meta.key, None)
                self._run_moved(dag)
            case TaskRun():
                self._forget_task_run(known)
            case Pod():
                self._forget_pod(known)
            case Dag():
                self._mark_queued(known.meta.key)
            case Pool():
                self.due.add(GATE)
            case Revision():
                self.due.mark(Question.DAG, [Key(known.meta.namespace, known.meta.labels.get(LABEL_DAG, ""))])

    def _forget_task_run(self, known: TaskRun) -> None:
        key = known.meta.key
        siblings = self._task_runs_of.get(known.meta.owner_uid or "", {})
        if siblings.get(known.spec.task) is known:
            del siblings[known.spec.task]
        if not siblings:
            self._task_runs_of.pop(known.meta.owner_uid or "", None)
        self._task_run_keys.pop(known.meta.uid, None)
        self._starting.discard(key)
        self.refusals.pop(key, None)
        self.queue.remove(key)
        self.holders.remove(key)
        self._drop_lost(known, gone=True)
        self.due.mark(Question.ORPHAN, self._pods_of.get(known.meta.uid, {}))
        self._task_moved(known)
        self.due.add(GATE)

    def _forget_pod(self, known: Pod) -> None:
        siblings = self._pods_of.get(known.meta.owner_uid or "", {})
        siblings.pop(known.meta.key, None)
        if not siblings:
            self._pods_of.pop(known.meta.owner_uid or "", None)
        key = self._task_run_keys.get(known.meta.owner_uid or "")
        if key is not None:
            self._place_task(self.task_runs[key])
            self.due.mark(Question.TASK, [key])


def _news(pod: Pod | None) -> tuple[object, ...]:
    """What of a Pod a decision may follow from; a new Pod that is only starting is no news to the one who made it."""
    if pod is None:
        return (None, False, False, None, None)
    waits = pod.waiting.reason if pod.waiting is not None else None
    trouble = waits if waits not in _STARTING else None
    unschedulable = pod.unschedulable.reason if pod.unschedulable is not None else None
    return (pod.started_at, pod.has_ended, pod.meta.deleting_since is not None, unschedulable, trouble)


_STARTING: Final = frozenset({"ContainerCreating", "PodInitializing", "", None})
