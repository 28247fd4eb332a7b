"""The waiting TaskRuns and the use of every limit -> which of them may have a Pod now, and why the others may not.

Selection comes after filtering: a task that does not fit never blocks the ones behind it. Limits are judged by an
ordered list of small functions; the first that refuses gives the reason users read.

Who is next, when several fit:

    1. tasks of backfills come after all others
    2. the higher priority
    3. a task that has waited long for several slots, the longest wait first
    4. the Dag whose last turn in this pool is the longest ago: Dags take turns
    5. within a Dag: the earlier logical date, then the older task

Inside one Dag this is priority, then logical date, then age. A task that needs several slots, and waited for them as
long as `keep_slots_after`, has those kept for it that come free: in its pool nobody starts any more who is not before
it by 1, 2 and 3, so smaller tasks can't take its slots for ever. A pool keeps slots for one task at a time.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from controller.model.action import Admission
from controller.model.gate import Candidate, GateSnapshot, Kept, PoolUse, Turn, Use
from controller.model.metadata import Key
from controller.model.schema import Waiting

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def decide_gate(snapshot: GateSnapshot, now: datetime) -> Admission:
    """The candidates that fit, in the order above; each one let through uses up its part of the limits."""
    kept = _kept(snapshot, now)
    filling, line = _Filling(snapshot.use, kept), _Line(snapshot, now)
    admitted = []
    for candidate in line:
        if refusal(candidate, filling.use, now) is None:
            admitted.append(candidate.key)
            filling.take(candidate)
            line.has_had_its_turn(candidate)
    again = 0 < len(admitted) < len(snapshot.candidates) and filling.use.total < filling.use.parallelism
    return Admission(tuple(admitted), snapshot.next_retry_at, kept, again)


def refusal(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    """The first reason why the candidate may not have a Pod now; None when it may."""
    return next(refusals(candidate, use, now), None)


def refusals(candidate: Candidate, use: Use, now: datetime) -> Iterator[Waiting]:
    """Every reason why the candidate may not have a Pod now, the first one first."""
    return (reason for judge in _JUDGES if (reason := judge(candidate, use, now)) is not None)


# ---- who is next ---------------------------------------------------------------------------------------------------


class _Line:
    """The candidates one by one, each next one chosen when the one before has or has not had its turn."""

    def __init__(self, snapshot: GateSnapshot, now: datetime) -> None:
        self._waited_since = now - snapshot.policy.keep_slots_after
        self._turns: dict[Turn, tuple[int, int]] = {}
        self._before = snapshot.turns
        self._numbers = itertools.count()
        lanes: dict[Turn, list[Candidate]] = {}
        for candidate in snapshot.candidates:
            lanes.setdefault(_turn_of(candidate), []).append(candidate)
        self._lanes = {turn: iter(sorted(found, key=self._in_its_dag)) for turn, found in lanes.items()}
        self._heads: list[tuple[Any, Key, Candidate]] = []
        for turn in lanes:
            self._push(turn)

    def __iter__(self) -> Iterator[Candidate]:
        while self._heads:
            candidate = heapq.heappop(self._heads)[-1]
            yield candidate
            self._push(_turn_of(candidate))

    def has_had_its_turn(self, candidate: Candidate) -> None:
        """The candidate was let through: its Dag comes after the others of the pool."""
        self._turns[_turn_of(candidate)] = (1, next(self._numbers))

    def _push(self, turn: Turn) -> None:
        candidate = next(self._lanes[turn], None)
        if candidate is not None:
            taken = self._turns.get(turn) or (0, self._before.get(turn, 0))
            first = (*candidate.order[:2], self._long_wait(candidate), taken, *candidate.order[2:4])
            heapq.heappush(self._heads, (first, candidate.key, candidate))

    def _in_its_dag(self, candidate: Candidate) -> Any:
        return (*candidate.order[:2], self._long_wait(candidate), *candidate.order[2:])

    def _long_wait(self, candidate: Candidate) -> datetime:
        """Since when it waits for its several slots, if that is long; else the end of time."""
        return candidate.since if candidate.slots > 1 and candidate.since <= self._waited_since else _NEVER


def _turn_of(candidate: Candidate) -> Turn:
    return candidate.pool_key, candidate.dag


def _kept(snapshot: GateSnapshot, now: datetime) -> dict[Key, Kept]:
    """For each pool the first of those that have waited long and lack nothing but slots."""
    found: dict[Key, Kept] = {}
    for candidate in snapshot.short:
        pool = snapshot.use.pools[candidate.pool_key]
        lacks = any(judge(candidate, snapshot.use, now) is not None for judge in _OWN_JUDGES)
        too_large = pool.slots is None or candidate.slots > pool.slots
        if lacks or too_large or now < candidate.since + snapshot.policy.keep_slots_after:
            continue
        kept = Kept(candidate.key, candidate.slots, (*candidate.order[:2], candidate.since))
        known = found.get(candidate.pool_key)
        if known is None or (kept.rank, kept.key) < (known.rank, known.key):
            found[candidate.pool_key] = kept
    return found


class _Filling:
    """The limits as they fill up while candidates are let through."""

    def __init__(self, use: Use, kept: Mapping[Key, Kept]) -> None:
        # Copied once: a copy for each of thousands of candidates would be work for the square of their number.
        self._by_run, self._by_run_task, self._by_dag_task = (
            dict(use.by_run),
            dict(use.by_run_task),
            dict(use.by_dag_task),
        )
        self._pools = {key: replace(pool, kept=kept.get(key)) for key, pool in use.pools.items()}
        self.use = replace(
            use, by_run=self._by_run, pools=self._pools, by_run_task=self._by_run_task, by_dag_task=self._by_dag_task
        )

    def take(self, candidate: Candidate) -> None:
        """The candidate takes its part of all limits."""
        pool, task = self._pools[candidate.pool_key], candidate.task
        self._pools[candidate.pool_key] = replace(pool, used=pool.used + candidate.slots)
        self._by_run[candidate.run] = self._by_run.get(candidate.run, 0) + 1
        for counts, key in ((self._by_run_task, (candidate.run, task)), (self._by_dag_task, (candidate.dag, task))):
            if key in counts:  # a task without a limit of its own is not counted
                counts[key] += 1
        self.use = replace(self.use, total=self.use.total + 1)


# ---- limits --------------------------------------------------------------------------------------------------------


def _not_yet(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    if candidate.retry_at is None or candidate.retry_at <= now:
        return None
    return Waiting(reason="RetryAt", message="Waiting for the time of the next attempt")


def _paused(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    if candidate.paused is None:
        return None
    return Waiting(reason="Paused", message=f"{candidate.paused} is paused")


def _run_full(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    taken = use.by_run.get(candidate.run, 0)
    if taken < candidate.run_limit:
        return None
    return Waiting(reason="TaskLimit", message=f"The run has {candidate.run_limit} active tasks, its maxActiveTasks")


def _task_full(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    task = candidate.task
    limits = (
        (use.by_run_task.get((candidate.run, task), 0), candidate.per_run, "the run", "maxActivePerRun"),
        (use.by_dag_task.get((candidate.dag, task), 0), candidate.per_dag, "the Dag's runs", "maxActivePerDag"),
    )
    for taken, limit, where, name in limits:
        if limit is not None and taken >= limit:
            message = f"Task {task} is active {limit} times in {where}, its {name}"
            return Waiting(reason="TaskInstanceLimit", message=message)
    return None


def _pool_full(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    pool = use.pools[candidate.pool_key]
    if pool.slots is None:
        return Waiting(reason="Pool", message=f"Pool {pool.name} does not exist")
    if pool.slots == -1 or candidate.slots <= pool.slots - pool.used:
        return _kept_for_another(candidate, pool)
    if candidate.slots > pool.slots:
        message = f"The task needs {candidate.slots} slots, but pool {pool.name} has {pool.slots} in all"
        return Waiting(reason="Pool", message=message)
    return Waiting(reason="Pool", message=f"Waiting for {candidate.slots} of {pool.slots} slots in pool {pool.name}")


def _kept_for_another(candidate: Candidate, pool: PoolUse) -> Waiting | None:
    kept = pool.kept
    rank = (*candidate.order[:2], candidate.since if candidate.slots > 1 else _NEVER)
    if kept is None or kept.key == candidate.key or rank < kept.rank:
        return None
    message = f"Slots of pool {pool.name} are kept for {kept.key.name}, which has waited long for {kept.slots}"
    return Waiting(reason="Pool", message=message)


def _cluster_full(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    if use.total < use.parallelism:
        return None
    return Waiting(reason="Parallelism", message=f"{use.parallelism} tasks run in all, as many as parallelism allows")


_Judge = Callable[[Candidate, Use, datetime], Waiting | None]
_OWN_JUDGES: Final[tuple[_Judge, ...]] = (_not_yet, _paused, _run_full, _task_full)
"""What keeps a task back whatever the others do in its pool."""
_JUDGES: Final[tuple[_Judge, ...]] = (*_OWN_JUDGES, _pool_full, _cluster_full)
