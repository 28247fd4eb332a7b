"""The store and a question -> the frozen snapshot that answers it, and nothing more than it needs."""

from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType

from controller.model.backfill import Backfill
from controller.model.dag import Revision
from controller.model.dagrun import DagRun
from controller.model.gate import GateSnapshot
from controller.model.metadata import Key
from controller.model.names import revision_name
from controller.model.outside import Outside
from controller.model.policy import Policy
from controller.model.pool import HOLDERS_TOLD
from controller.model.snapshot import (
    BackfillSnapshot,
    DagSnapshot,
    OrphanSnapshot,
    PoolSnapshot,
    PreviousRun,
    RetentionSnapshot,
    RunSnapshot,
    TaskSnapshot,
)
from controller.model.states import RUN_FINAL
from controller.model.taskrun import TaskRun
from controller.observe.history import IsRecorded, history_of
from controller.observe.lanes import entry_of
from controller.observe.limits import Limits, revision_of
from controller.observe.outside import Asking, outside_of
from controller.observe.store import Store
from controller.observe.tables import backfill_key


class Snapshots:
    """Takes snapshots of one store."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        awake_since: datetime,
        is_recorded: IsRecorded = lambda observed: True,
    ) -> None:
        self._store = store
        self._policy = policy
        self._awake_since = awake_since
        self._is_recorded = is_recorded
        self._limits = Limits(store, policy)

    def of_dag(self, key: Key) -> DagSnapshot | None:
        """What decides on a Dag; None when it is gone."""
        store = self._store
        dag = store.tables.dags.get(key)
        if dag is None:
            return None
        runs = store.tables.runs_of(key)
        newest = runs.newest()
        return DagSnapshot(
            dag=dag,
            has_revision=Key(key.namespace, revision_name(key.name, dag.spec_json)) in store.tables.revisions,
            active_runs=runs.active(),
            newest_run=store.tables.runs.get(newest) if newest else None,
            status_written_at=store.status_written_at.get(dag.meta.uid),
            policy=self._policy,
            awake_since=self._awake_since,
            updates=store.assets.updates_for(dag),
            failed_in_a_row=runs.failed_in_a_row(dag.status.failures_since),
            pools=MappingProxyType(store.tables.pools),
            last_revision=store.tables.revisions.get(Key(key.namespace, dag.status.revision or "")),
            targets=store.alerts.targets,
            deliveries=store.alerts.of(dag.meta.uid),
        )

    def of_run(self, key: Key) -> RunSnapshot | None:
        """What decides on a run; None when it is gone. The run's changed tasks count as looked at from here on."""
        store = self._store
        run = store.tables.runs.get(key)
        if run is None:
            return None
        dag_key = Key(key.namespace, run.spec.dag_ref.name)
        runs = store.tables.runs_of(dag_key)
        changed = store.take_changed(run)
        return RunSnapshot(
            run=run,
            dag=store.tables.dags.get(dag_key),
            revision=revision_of(self._store, run),
            task_runs=MappingProxyType(store.tables.task_runs_of(run)),
            standing=store.standings.of(run),
            previous=self._previous(run),
            changed=changed,
            running_runs=runs.running_beside(key),
            is_next=runs.next_beside(key) in (key, None),
            status_written_at=store.status_written_at.get(run.meta.uid),
            policy=self._policy,
            backfill=self._backfill(run),
            artifacts=store.artifacts.of(run),
            targets=store.alerts.targets,
            deliveries=store.alerts.of(run.meta.uid),
            runtimes=self._runtimes(run, dag_key),
        )

    def of_backfill(self, key: Key) -> BackfillSnapshot | None:
        """What decides on a backfill; None when it is gone."""
        store = self._store
        backfill = store.tables.backfills.get(key)
        if backfill is None:
            return None
        dag_key = Key(key.namespace, backfill.spec.dag_ref.name)
        dag, runs = store.tables.dags.get(dag_key), store.tables.runs_of(dag_key)
        revision = backfill.status.revision or (revision_name(dag.meta.name, dag.spec_json) if dag is not None else "")
        return BackfillSnapshot(
            backfill=backfill,
            dag=dag,
            revision=store.tables.revisions.get(Key(key.namespace, revision)),
            others=tuple(each for each in store.tables.backfills_of(dag_key) if each.meta.key != key),
            runs=MappingProxyType(store.tables.runs),
            dates=runs.dates(),
            active=tuple(store.tables.runs[each] for each in runs.at_work(key.name)),
            failed=runs.failed(key.name),
            status_written_at=store.status_written_at.get(backfill.meta.uid),
            policy=self._policy,
        )

    def _runtimes(self, run: DagRun, dag: Key) -> tuple[timedelta, ...]:
        """How long the last runs took, where deadlines may be set now: as the run is adopted, or cleared."""
        revision = revision_of(self._store, run)
        may_be_set = run.status.revision is None or run.status.state in RUN_FINAL
        if revision is None or not revision.runtimes or not may_be_set:
            return ()
        runs = (
            self._store.tables.runs[key] for key in self._store.tables.runs_of(dag).succeeded() if key != run.meta.key
        )
        last = (each.status for each in islice(runs, revision.runtimes))
        return tuple(each.finished_at - each.started_at for each in last if each.finished_at and each.started_at)

    def _backfill(self, run: DagRun) -> Backfill | None:
        key = backfill_key(run)
        return self._store.tables.backfills.get(key) if key is not None else None

    def of_task(self, key: Key, now: datetime | None = None) -> TaskSnapshot | None:
        """What decides on a TaskRun; None when it is gone."""
        store = self._store
        task_run = store.tables.task_runs.get(key)
        if task_run is None:
            return None
        run = store.tables.runs.get(Key(key.namespace, task_run.spec.dag_run_ref.name))
        owned = run is not None and run.meta.uid == task_run.meta.owner_uid
        entry = entry_of(task_run, None) if key in store.line.queue else None
        pods = store.tables.pods_of(task_run)
        revision = revision_of(self._store, run) if run is not None else None
        ended = pods[-1].termination if pods and pods[-1].attempt > task_run.ended_attempts else None
        if now is not None and ended is not None and ended.finished_at is not None:
            store.lag.heard(ended.finished_at, now)
        return TaskSnapshot(
            task_run=task_run,
            run=run if owned else None,
            revision=revision,
            pods=pods,
            kubelet_lag=store.lag.now,
            task_runs=MappingProxyType(store.tables.task_runs_of(run)) if run is not None else {},
            refused=store.line.refusals.get(key),
            admitted=key in store.line.starting,
            candidate=self._limits.candidate(entry, task_run.status.retry_at) if entry is not None else None,
            use=self._limits.use([entry] if entry is not None else []),
            policy=self._policy,
            awaited=store.assets.awaited(key.namespace),
            noted=store.assets.is_noted(task_run),
            outside=self.outside(task_run, run, revision) if run is not None else Outside(),
            granted=self._granted(task_run, revision),
        )

    def _granted(self, task_run: TaskRun, revision: Revision | None) -> frozenset[str]:
        """What the revision says, and the Dag, where it still has the same spec and its author was asked anew."""
        if revision is None:
            return frozenset()
        dag = self._store.tables.dags.get(Key(task_run.meta.namespace, task_run.spec.dag_ref.name))
        known = [revision.meta, *([dag.meta] if dag is not None else ())]
        return frozenset[str]().union(*(meta.authorship.granted(revision.spec_json) for meta in known))

    def outside(self, task_run: TaskRun, run: DagRun, revision: Revision | None) -> Outside:
        """What a task without a Pod sees beyond its run; a simulation foretells it instead."""
        return outside_of(Asking(self._store, task_run, run, revision), self._limits.paused(run.meta.key))

    def of_orphan(self, key: Key) -> OrphanSnapshot | None:
        """A Pod without a TaskRun; None when it is gone."""
        pod = self._store.tables.pods.get(key)
        return OrphanSnapshot(pod) if pod is not None else None

    def of_gate(self, now: datetime) -> GateSnapshot:
        """The tasks that could be next, and how much of each limit is taken."""
        return self._limits.gate(now)

    def of_pool(self, key: Key) -> PoolSnapshot | None:
        """What a Pool's status says; None when there is no such object."""
        store = self._store
        pool = store.tables.pools.get(key)
        if pool is None:
            return None
        return PoolSnapshot(
            pool=pool,
            used=store.line.holders.slots_of(key),
            queued=store.line.queue.waiting_in(key),
            holders=store.line.holders.first_of(key, HOLDERS_TOLD),
            status_written_at=store.status_written_at.get(pool.meta.uid),
            policy=self._policy,
        )

    def of_retention(self, key: Key) -> RetentionSnapshot:
        """What decides on the past of a Dag."""
        return history_of(self._store, self._policy, self._is_recorded, key)

    def _previous(self, run: DagRun) -> PreviousRun | None:
        revision = revision_of(self._store, run)
        if revision is None or not revision.uses_past:
            return None
        backfill = self._backfill(run)
        if backfill is not None and run.spec.logical_date == backfill.status.first:
            return None  # the first of a backfill waits for nothing before it
        runs = self._store.tables.runs_of(Key(run.meta.namespace, run.spec.dag_ref.name))
        key = runs.before(run.meta.key, manual=not revision.catchup)
        before = self._store.tables.runs.get(key) if key is not None else None
        if before is None:
            return None
        pinned = revision_of(self._store, before) if before.status.revision is not None else None
        return PreviousRun(before.meta.name, self._store.standings.of(before), pinned, before.status.expansions)
