"""Observed objects -> the newest of each in its tables, and marks on every question that a change touches.

An object with an older resourceVersion than the one in store is dropped, so that our own write's answer and the watch
event of it may come in any order. Not thread-safe: one event loop owns it.

    tables.py   objects by key, and who belongs to whom
    line.py     which TaskRuns wait, hold a part of the limits, or are about to
    due.py      what is to be decided
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from controller.model.action import Look
from controller.model.backfill import Backfill
from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun
from controller.model.metadata import Key, Meta
from controller.model.outside import Sight
from controller.model.pod import Phase, Pod
from controller.model.pool import Pool
from controller.model.snapshot import PodRefusal
from controller.model.states import RUN_FINAL, TASK_FINAL, RunState
from controller.model.taskrun import TaskRun
from controller.observe.alerts import Alerts
from controller.observe.artifacts import Artifacts
from controller.observe.assets import Assets
from controller.observe.due import GATE, DueList, Question
from controller.observe.endings import Endings
from controller.observe.following import following, newly_settled
from controller.observe.gone import Gone
from controller.observe.lag import KubeletLag
from controller.observe.line import Line
from controller.observe.news import asked_of_run, how_far, news_of, place_of_run
from controller.observe.sights import Sights
from controller.observe.standings import Standings
from controller.observe.tables import Observed, Tables, backfill_key, dag_key, dag_of, run_key
from controller.observe.watches import Watches

Listener = Callable[[Observed, bool], None]
"""Called with each change: the object, and whether it is gone."""


class Store:
    """The newest known state of everything that Slipway watches."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.line = Line(self._pool_changed)
        self.standings = Standings(self.tables)
        self.assets = Assets()
        self.due = DueList()
        self.changed: dict[Key, set[str] | None] = {}
        """Per running run, the instances that changed since its last decision; None or absent = all."""
        self.lag = KubeletLag()
        self.status_written_at: dict[str, datetime] = {}
        """By uid, when this controller last wrote the status of a Dag, run, pool or backfill."""
        self._lost: set[str] = set()
        self._gone = Gone()
        self.watches = Watches(self.due)
        self.sights = Sights(self.due)
        self.artifacts = Artifacts(self._look_at_all_of)
        self.alerts = Alerts(self.tables, self.due, self._task_moved)
        listeners = (self.watches, self.sights, self.artifacts, self.alerts, Endings(self.due))
        self._listeners: list[Listener] = [each.see for each in listeners]

    def listen(self, listener: Listener) -> None:
        """Tell this function of every change from now on."""
        self._listeners.append(listener)

    # ---- changes --------------------------------------------------------------------------------------------------

    def put(self, new: Observed) -> bool:
        """The object is so now; False when that is known already, or older than what is known."""
        old = self.tables.table(type(new)).get(new.meta.key)
        if self._gone.covers(new.meta) or (old and old.meta.resource_version >= new.meta.resource_version):
            return False
        if old is not None and old.meta.uid != new.meta.uid:
            self.remove(old)
        self.tables.add(new)
        self._touch(old, new)
        self._tell(new, gone=False)
        return True

    def remove(self, last: Observed) -> None:
        """The object is gone; `last` is how it was last seen. A newer one of that name stays."""
        known = self.tables.table(type(last)).get(last.meta.key)
        if known is None or known.meta.uid != last.meta.uid:
            return
        self._gone.remember(last.meta.uid, max(last.meta.resource_version, known.meta.resource_version))
        if isinstance(last, Pod) and self._keep_lost(last):
            return
        if isinstance(known, DagRun):
            self._mark_following(known, None)
        self.tables.drop(known)
        self._forget(known)
        self._tell(last, gone=True)

    def replace_all(
        self, kind: type[Observed], listed: Iterable[Observed], version: int, *, namespace: str | None = None
    ) -> None:
        """A full list of a namespace (None = of all) as of `version`: what is known, not in it and older is gone."""
        objects = list(listed)
        keys = {each.meta.key for each in objects}
        for known in list(self.tables.table(kind).values()):
            listed_here = namespace is None or known.meta.namespace == namespace
            if listed_here and known.meta.key not in keys and known.meta.resource_version <= version:
                self.remove(known)
        for each in objects:
            self.put(each)

    def start(self, key: Key) -> None:
        """The gate let this TaskRun through: it takes its part of the limits until its Pod is seen or refused."""
        self.line.start(self.tables.task_runs[key])
        self._place(self.tables.task_runs[key])

    def decided(self, key: Key) -> None:
        """The TaskRun was decided on while no Pod of it was being created: told not to run, it gives its part back."""
        task_run = self.tables.task_runs.get(key)
        if task_run is not None and self.line.may_be_let_go(task_run):
            self.line.starting.discard(key)
            self._place(task_run)

    def start_failed(self, key: Key, refusal: PodRefusal) -> None:
        """No Pod came of it."""
        self.line.starting.discard(key)
        self.line.refusals[key] = refusal
        task_run = self.tables.task_runs.get(key)
        if task_run is not None:
            self._place(task_run)
            self.due.mark(Question.TASK, [key])
        self.due.add(GATE)

    def sighted(self, look: Look, sight: Sight) -> None:
        """A look has seen this; nobody asks for it any more once its TaskRun has ended."""
        task_run = self.tables.task_runs.get(look.task_run.key)
        if task_run is None or task_run.meta.uid != look.task_run.uid or task_run.status.state in TASK_FINAL:
            return
        self.sights.put(look, sight)

    def status_written(self, meta: Meta, at: datetime) -> None:
        """This controller has just written the object's status."""
        if not self._gone.covers(meta):
            self.status_written_at[meta.uid] = at

    def hold(self, run: Key) -> None:
        """The gate does not see this run's tasks until `let_go`: they are being created, the best perhaps last."""
        self.line.held_runs.setdefault(run, [])

    def let_go(self, run: Key) -> None:
        """The gate may look at the run's tasks, and then they themselves are looked at."""
        created = self.line.held_runs.pop(run, None)
        if created is not None:
            self.due.mark(Question.TASK, created)
            self.due.add(GATE)

    def mark_all(self) -> None:
        """Everything is due: the start, and the slow walk through memory that forgives a lost mark."""
        self.changed = {key: None for key, run in self.tables.runs.items() if run.status.state not in RUN_FINAL}
        self.due.mark(Question.DAG, self.tables.dags)
        self.due.mark(Question.POOL, self.tables.pools)
        self.due.mark(Question.BACKFILL, [key for key, each in self.tables.backfills.items() if not each.is_final])
        self.due.mark(Question.RUN, self.changed)
        self.due.mark(Question.RUN, [key for key, run in self.tables.runs.items() if run.is_watched])
        task_runs = self.tables.task_runs.items()
        self.due.mark(Question.TASK, [key for key, each in task_runs if each.status.state not in TASK_FINAL])
        self.due.mark(Question.TASK, self.assets.tellers())
        for pod in self.tables.pods.values():
            self._mark_pod(pod)
        self.due.add(GATE)
        self.due.mark(Question.RETENTION, sorted(self.tables.dags_with_history()))

    def take_changed(self, run: DagRun) -> frozenset[str] | None:
        """The run's instances that changed since this was last asked; None = look at all."""
        if run.status.state is not RunState.RUNNING:
            return None
        changed = self.changed.get(run.meta.key)
        self.changed[run.meta.key] = set()
        return None if changed is None else frozenset(changed)

    # ---- what a change touches ------------------------------------------------------------------------------------

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
                self._touch_revision(old is None, dag_of(new))
            case Pool():
                self._touch_pool(old if isinstance(old, Pool) else None, new)
            case Backfill():
                self.due.mark(Question.BACKFILL, [new.meta.key])
                self._mark_queued(dag_key(new))

    def _look_at_all_of(self, run: Key) -> None:
        if run in self.tables.runs:
            self.changed[run] = None
            self.due.mark(Question.RUN, [run])

    def _touch_revision(self, is_new: bool, dag: Key) -> None:
        self.due.mark(Question.DAG, [dag])
        self._mark_queued(dag)
        self._mark_backfills(dag)
        for key in self.tables.runs_of(dag).running() if is_new else ():  # nothing could be decided without it
            self._look_at_all_of(key)
            self.due.mark(Question.TASK, [t.meta.key for t in self.tables.task_runs_of(self.tables.runs[key]).values()])
        self.due.add(GATE)

    def _touch_pool(self, old: Pool | None, new: Pool) -> None:
        self.due.mark(Question.POOL, [new.meta.key])
        if old is None or old.spec != new.spec:
            self._slots_changed(new)

    def _slots_changed(self, pool: Pool) -> None:
        """Tasks may start now, or not any more; and the Dags of the namespace tell whether their pools suffice."""
        self.due.add(GATE)
        self.due.mark(Question.DAG, [key for key in self.tables.dags if key.namespace == pool.meta.namespace])

    def _pool_changed(self, pool: Key) -> None:
        if pool in self.tables.pools:
            self.due.mark(Question.POOL, [pool])

    def _touch_dag(self, old: Dag | None, new: Dag) -> None:
        self.due.mark(Question.DAG, [new.meta.key])
        self.due.mark(Question.TASK, self.assets.put_dag(new))
        if old is None or (old.meta.generation, old.is_paused) != (new.meta.generation, new.is_paused):
            self._mark_queued(new.meta.key)
            self._mark_backfills(new.meta.key)
            self.due.add(GATE)

    def _touch_run(self, old: DagRun | None, new: DagRun) -> None:
        self.standings.run_changed(old, new)
        if new.status.state in RUN_FINAL:
            self.changed.pop(new.meta.key, None)
        elif old is not None and asked_of_run(old) != asked_of_run(new):
            self.changed[new.meta.key] = None
        self.due.mark(Question.RUN, [new.meta.key])
        if old is None or place_of_run(old) != place_of_run(new):
            self._run_moved(new)
            self._mark_following(new, None)
        elif settled := newly_settled(old, new):
            self._mark_following(new, settled)
        if old is not None and (old.meta.generation, old.status.marked) != (new.meta.generation, new.status.marked):
            self.due.mark(Question.TASK, [t.meta.key for t in self.tables.task_runs_of(new).values()])
            self.due.add(GATE)

    def _run_moved(self, run: DagRun) -> None:
        """A run came, began, ended or went: counts change, and the next runs in its Dag's queues may start."""
        dag, backfill = dag_key(run), backfill_key(run)
        self.due.mark(Question.DAG, [dag])
        self.due.mark(Question.BACKFILL, [backfill] if backfill is not None else ())
        self.due.mark(Question.RUN, self.tables.runs_of(dag).next_queued())

    def _touch_task_run(self, old: TaskRun | None, new: TaskRun) -> None:
        if old is not None and old.ended_attempts != new.ended_attempts:
            self.line.attempt_ended(new.meta.key)
        self._place(new)
        self._drop_lost(new)
        created = self.line.held_runs.get(run_key(new)) if old is None else None
        if created is not None:
            created.append(new.meta.key)
        else:
            self.due.mark(Question.TASK, [new.meta.key])
        self.standings.task_run_changed(new, gone=False)
        self.due.mark(Question.DAG, self.assets.put_task_run(new))
        if how_far(old) != how_far(new):
            self._task_moved(new)
        elif old is not None and old.spec.round != new.spec.round:
            self.due.mark(Question.RUN, [run_key(new)])  # it waits for its TaskRuns to have heard what a request says

    def _task_moved(self, task_run: TaskRun) -> None:
        changed = self.changed.get(run_key(task_run))
        if changed is not None:
            changed.add(task_run.instance)
        self.due.mark(Question.RUN, [run_key(task_run)])
        run = self.tables.runs.get(run_key(task_run))
        if run is not None:
            self._mark_following(run, [task_run.spec.task])

    def _mark_following(self, run: DagRun, tasks: Iterable[str] | None) -> None:
        """These tasks of the run moved (None = any): the same ones of the runs after it may have waited for that."""
        for key in following(self.tables, run):
            changed = self.changed.get(key)
            if changed is not None and tasks is not None:
                changed.update(tasks)
            elif key in self.changed:
                self.changed[key] = None
            self.due.mark(Question.RUN, [key])

    def _touch_pod(self, old: Pod | None, new: Pod) -> None:
        task_run = self.tables.task_run_of(new)
        if task_run is not None:
            self.line.pod_seen(task_run.meta.key)
            self._place(task_run)
        if news_of(old) != news_of(new):
            self._mark_pod(new)

    def _mark_pod(self, pod: Pod) -> None:
        task_run = self.tables.task_run_of(pod)
        if task_run is None:
            self.due.mark(Question.ORPHAN, [pod.meta.key])
        else:
            self.due.mark(Question.TASK, [task_run.meta.key])

    def _mark_backfills(self, dag: Key) -> None:
        self.due.mark(Question.BACKFILL, [each.meta.key for each in self.tables.backfills_of(dag)])

    def _mark_queued(self, dag: Key) -> None:
        self.due.mark(Question.RUN, self.tables.runs_of(dag).queued())

    def _place(self, task_run: TaskRun) -> None:
        if self.line.place(task_run, self.tables.pods_of(task_run)):
            self.due.add(GATE)

    def _keep_lost(self, last: Pod) -> bool:
        """A Pod that vanished before its result was kept stays known as Gone, so that its attempt is accounted for."""
        task_run = self.tables.task_run_of(last)
        if task_run is None or task_run.status.state in TASK_FINAL or last.attempt <= task_run.ended_attempts:
            return False
        kept = last if last.has_ended and last.phase is not Phase.PENDING else replace(last, phase=Phase.GONE)
        lost = replace(kept, meta=replace(kept.meta, finalizers=()))
        self._lost.add(last.meta.uid)
        self.tables.add(lost)
        self._touch_pod(None, lost)
        return True

    def _drop_lost(self, task_run: TaskRun, *, gone: bool = False) -> None:
        """Forget the lost Pods whose attempts are accounted for, or all of them when the TaskRun is gone."""
        settled = gone or task_run.status.state in TASK_FINAL
        for pod in self.tables.pods_of(task_run) if self._lost else ():
            if pod.meta.uid in self._lost and (settled or pod.attempt <= task_run.ended_attempts):
                self._lost.discard(pod.meta.uid)
                self.tables.drop(pod)
                self._forget_pod(pod)
                self._tell(pod, gone=True)

    def _forget(self, known: Observed) -> None:
        """Take an object that is gone out of the indexes, and mark what that may decide."""
        self.status_written_at.pop(known.meta.uid, None)
        match known:
            case DagRun():
                self.changed.pop(known.meta.key, None)
                self.standings.forget(known)
                self._run_moved(known)
            case TaskRun():
                self._forget_task_run(known)
            case Pod():
                self._forget_pod(known)
            case Dag():
                self.due.mark(Question.TASK, self.assets.drop_dag(known))
                self._mark_queued(known.meta.key)
                self._mark_backfills(known.meta.key)
                self.due.add(GATE)  # it may have been paused
            case Pool():
                self._slots_changed(known)
            case Backfill():
                self._mark_queued(dag_key(known))
            case Revision():
                self.due.mark(Question.DAG, [dag_of(known)])

    def _forget_task_run(self, known: TaskRun) -> None:
        self.line.leave(known.meta.key)
        self.standings.task_run_changed(known, gone=True)
        self.due.mark(Question.DAG, self.assets.drop_task_run(known))
        self._drop_lost(known, gone=True)
        self.due.mark(Question.ORPHAN, [pod.meta.key for pod in self.tables.pods_of(known)])
        self._task_moved(known)
        self.due.add(GATE)

    def _forget_pod(self, known: Pod) -> None:
        task_run = self.tables.task_run_of(known)
        if task_run is not None:
            self._place(task_run)
            self.due.mark(Question.TASK, [task_run.meta.key])
