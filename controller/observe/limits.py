"""The store -> how much room there is under each limit, and waiting tasks with their limits as the gate sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from controller.model.dag import Revision
from controller.model.dagrun import DagRun
from controller.model.gate import Candidate, GateSnapshot, PoolUse, Use
from controller.model.metadata import Key
from controller.model.names import revision_name
from controller.model.policy import Policy
from controller.model.pool import DEFAULT_POOL, DEFAULT_POOL_SLOTS
from controller.observe.lanes import Entry, Place
from controller.observe.store import Store

_UNLIMITED: Final = 2**31


def revision_of(store: Store, run: DagRun) -> Revision | None:
    """The pinned revision, or before adoption the one of the Dag as it is; None while it was not seen."""
    name = run.status.revision
    if name is None:
        dag = store.tables.dags.get(Key(run.meta.namespace, run.spec.dag_ref.name))
        name = revision_name(dag.meta.name, dag.spec_json) if dag is not None else None
    return store.tables.revisions.get(Key(run.meta.namespace, name)) if name is not None else None


class Limits:
    """The limits of everything in one store."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    def gate(self, now: datetime) -> GateSnapshot:
        """The tasks that could be next, and how much of each limit is taken."""
        line = self._store.line
        next_retry_at = line.queue.release(now)
        heads, short = line.queue.heads(self) if self.left() > 0 else ([], [])
        heads.sort(key=lambda entry: entry.order)
        return GateSnapshot(
            candidates=tuple(self.candidate(entry, None) for entry in heads),
            short=tuple(self.candidate(entry, None) for entry in short),
            next_retry_at=next_retry_at,
            turns=line.turns,
            use=self.use([*heads, *short]),
            policy=self._policy,
        )

    def candidate(self, entry: Entry, retry_at: datetime | None) -> Candidate:
        """The task as the gate sees it."""
        place = entry.place
        return Candidate(
            key=entry.key,
            dag=place.dag,
            run=place.run,
            task=entry.task,
            pool=place.pool,
            slots=place.slots,
            order=entry.order,
            since=entry.since,
            retry_at=retry_at,
            paused=self.paused(place.run),
            run_limit=self._run_limit(place.run),
            per_run=place.per_run,
            per_dag=place.per_dag,
        )

    def use(self, entries: Sequence[Entry]) -> Use:
        """How much is taken of the limits of these tasks."""
        holders, places = self._store.line.holders, [entry.place for entry in entries]
        return Use(
            total=holders.total(),
            parallelism=self._policy.parallelism,
            by_run={place.run: holders.of_run(place.run) for place in places},
            pools={pool: self._pool(pool) for pool in sorted({place.pool_key for place in places})},
            by_run_task={
                (place.run, place.task): holders.of_run_task(place.run, place.task) for place in places if place.task
            },
            by_dag_task={
                (place.dag, place.task): holders.of_dag_task(place.dag, place.task) for place in places if place.task
            },
        )

    def paused(self, run_key: Key) -> str | None:
        """What keeps the run's tasks from starting, in words: the run or its Dag; None when nothing does."""
        run = self._store.tables.runs.get(run_key)
        if run is None:
            return None
        if run.spec.paused:
            return "The run"
        dag = Key(run_key.namespace, run.spec.dag_ref.name)
        return None if self.is_open(dag) else f"Dag {dag.name}"

    # ---- how much room there is: `Rooms` of queue.py ---------------------------------------------------------------

    def left(self) -> int:
        """How many tasks may start in all."""
        return self._policy.parallelism - self._store.line.holders.total()

    def free(self, pool: Key) -> int:
        """How many slots of the pool are free."""
        use = self._pool(pool)
        return _UNLIMITED if use.slots == -1 else (use.slots or 0) - use.used

    def is_open(self, dag: Key) -> bool:
        """Whether tasks of the Dag may start at all."""
        known = self._store.tables.dags.get(dag)
        return known is None or not known.is_paused

    def turn(self, pool: Key, dag: Key) -> int:
        """When the Dag last took slots of the pool, as a number that rises."""
        return self._store.line.turns.get((pool, dag), 0)

    def in_place(self, place: Place) -> int:
        """How many tasks the place could take, its pool and its Dag aside."""
        run, holders = self._store.tables.runs.get(place.run), self._store.line.holders
        if place.run in self._store.line.held_runs or run is None or run.spec.paused:
            return 0
        room = self._run_limit(place.run) - holders.of_run(place.run)
        if place.task is not None and place.per_run is not None:
            room = min(room, place.per_run - holders.of_run_task(place.run, place.task))
        if place.task is not None and place.per_dag is not None:
            room = min(room, place.per_dag - holders.of_dag_task(place.dag, place.task))
        return room

    # ---- within ---------------------------------------------------------------------------------------------------

    def _pool(self, key: Key) -> PoolUse:
        pool, line = self._store.tables.pools.get(key), self._store.line
        implied = DEFAULT_POOL_SLOTS if key.name == DEFAULT_POOL else None
        kept = line.kept.get(key)
        return PoolUse(
            name=key.name,
            slots=pool.spec.slots if pool is not None else implied,
            used=line.holders.slots_of(key),
            kept=kept if kept is not None and kept.key in line.queue else None,
        )

    def _run_limit(self, run_key: Key) -> int:
        run = self._store.tables.runs.get(run_key)
        revision = revision_of(self._store, run) if run is not None else None
        return revision.max_active_tasks if revision is not None else 0
