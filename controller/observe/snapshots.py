"""The store and a question -> the frozen snapshot that answers it, and nothing more than it needs."""

from datetime import datetime
from types import MappingProxyType

from controller.model.dag import Revision
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.names import revision_name
from controller.model.policy import Policy
from controller.model.pool import DEFAULT_POOL, DEFAULT_POOL_SLOTS
from controller.model.snapshot import (
    Candidate,
    DagSnapshot,
    GateSnapshot,
    OrphanSnapshot,
    PoolUse,
    PreviousRun,
    RunSnapshot,
    TaskSnapshot,
    Use,
)
from controller.observe.queue import Entry, Place, entry_of
from controller.observe.store import Store

_UNLIMITED = 2**31


class Snapshots:
    """Takes snapshots of one store."""

    def __init__(self, store: Store, policy: Policy, awake_since: datetime) -> None:
        self._store = store
        self._policy = policy
        self._awake_since = awake_since

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
            revision=self._revision(run),
            task_runs=MappingProxyType(store.tables.task_runs_of(run)),
            standing=store.standings.of(run),
            previous=self._previous(run),
            changed=changed,
            running_runs=runs.running_without(key),
            is_next=runs.next_queued() in (key, None),
            status_written_at=store.status_written_at.get(run.meta.uid),
            policy=self._policy,
        )

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
        ended = pods[-1].termination if pods and pods[-1].attempt > task_run.ended_attempts else None
        if now is not None and ended is not None and ended.finished_at is not None:
            store.lag.heard(ended.finished_at, now)
        return TaskSnapshot(
            task_run=task_run,
            run=run if owned else None,
            revision=self._revision(run) if run is not None else None,
            pods=pods,
            kubelet_lag=store.lag.now,
            task_runs=MappingProxyType(store.tables.task_runs_of(run)) if run is not None else {},
            refused=store.line.refusals.get(key),
            admitted=key in store.line.starting,
            candidate=self._candidate(entry, task_run.status.retry_at) if entry is not None else None,
            use=self._use([entry.place] if entry is not None else []),
            policy=self._policy,
        )

    def of_orphan(self, key: Key) -> OrphanSnapshot | None:
        """A Pod without a TaskRun; None when it is gone."""
        pod = self._store.tables.pods.get(key)
        return OrphanSnapshot(pod) if pod is not None else None

    def of_gate(self, now: datetime) -> GateSnapshot:
        """The tasks that could be next, and how much of each limit is taken."""
        store = self._store
        next_retry_at = store.line.queue.release(now)
        heads = store.line.queue.heads(self._room) if store.line.holders.total() < self._policy.parallelism else []
        return GateSnapshot(
            candidates=tuple(self._candidate(entry, None) for entry in heads),
            use=self._use([entry.place for entry in heads]),
            next_retry_at=next_retry_at,
        )

    def _revision(self, run: DagRun) -> Revision | None:
        """The pinned revision, or before adoption the one of the Dag as it is."""
        name = run.status.revision
        if name is None:
            dag = self._store.tables.dags.get(Key(run.meta.namespace, run.spec.dag_ref.name))
            name = revision_name(dag.meta.name, dag.spec_json) if dag is not None else None
        return self._store.tables.revisions.get(Key(run.meta.namespace, name)) if name is not None else None

    def _previous(self, run: DagRun) -> PreviousRun | None:
        revision = self._revision(run)
        if revision is None or not revision.uses_past:
            return None
        runs = self._store.tables.runs_of(Key(run.meta.namespace, run.spec.dag_ref.name))
        key = runs.before(run.meta.key, manual=not revision.catchup)
        before = self._store.tables.runs.get(key) if key is not None else None
        return PreviousRun(before.meta.name, self._store.standings.of(before)) if before is not None else None

    def _candidate(self, entry: Entry, retry_at: datetime | None) -> Candidate:
        return Candidate(
            key=entry.key,
            run=entry.place.run,
            pool=entry.place.pool,
            slots=entry.slots,
            retry_at=retry_at,
            paused=self._paused(entry.place.run),
            run_limit=self._run_limit(entry.place.run),
        )

    def _paused(self, run_key: Key) -> str | None:
        run = self._store.tables.runs.get(run_key)
        if run is None:
            return None
        if run.spec.paused:
            return "The run"
        dag = self._store.tables.dags.get(Key(run_key.namespace, run.spec.dag_ref.name))
        return f"Dag {dag.meta.name}" if dag is not None and dag.paused else None

    def _run_limit(self, run_key: Key) -> int:
        run = self._store.tables.runs.get(run_key)
        revision = self._revision(run) if run is not None else None
        return revision.max_active_tasks if revision is not None else 0

    def _room(self, place: Place) -> tuple[int, int]:
        """How many tasks the place could take now, and how many slots each may have at most."""
        if place.run in self._store.line.held_runs or self._paused(place.run) is not None:
            return 0, 0
        pool = self._pool(place.namespace, place.pool)
        free = _UNLIMITED if pool.slots == -1 else (pool.slots or 0) - pool.used
        holders = self._store.line.holders
        tasks = min(
            self._run_limit(place.run) - holders.of_run(place.run), self._policy.parallelism - holders.total(), free
        )
        return max(0, tasks), free

    def _use(self, places: list[Place]) -> Use:
        holders = self._store.line.holders
        pools = {(place.namespace, place.pool) for place in places}
        return Use(
            total=holders.total(),
            parallelism=self._policy.parallelism,
            by_run={place.run: holders.of_run(place.run) for place in places},
            pools={pool: self._pool(*pool) for pool in sorted(pools)},
        )

    def _pool(self, namespace: str, name: str) -> PoolUse:
        pool = self._store.tables.pools.get(Key(namespace, name))
        implied = DEFAULT_POOL_SLOTS if name == DEFAULT_POOL else None
        used = self._store.line.holders.slots_of(namespace, name)
        return PoolUse(name, pool.spec.slots if pool is not None else implied, used)
