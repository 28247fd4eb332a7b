"""The waiting TaskRuns and the use of every limit -> which of them may have a Pod now, and why the others may not.

Selection comes after filtering: candidates are taken in queue order, and one that does not fit never blocks the ones
behind it. Limits are judged by an ordered list of small functions; the first that refuses gives the reason users read.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from controller.model.action import Admission
from controller.model.schema import Waiting
from controller.model.snapshot import Candidate, GateSnapshot, PoolUse, Use


def decide_gate(snapshot: GateSnapshot, now: datetime) -> Admission:
    """The candidates that fit, in queue order; each one let through uses up its part of the limits."""
    use = snapshot.use
    admitted = []
    for candidate in snapshot.candidates:
        if refusal(candidate, use, now) is None:
            admitted.append(candidate.key)
            use = _with(use, candidate)
    return Admission(tuple(admitted), snapshot.next_retry_at)


def refusal(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    """The first reason why the candidate may not have a Pod now; None when it may."""
    return next((reason for judge in _JUDGES if (reason := judge(candidate, use, now)) is not None), None)


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


def _pool_full(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    pool = use.pools[(candidate.key.namespace, candidate.pool)]
    if pool.slots is None:
        return Waiting(reason="Pool", message=f"Pool {pool.name} does not exist")
    if pool.slots == -1 or candidate.slots <= pool.slots - pool.used:
        return None
    if candidate.slots > pool.slots:
        message = f"The task needs {candidate.slots} slots, but pool {pool.name} has {pool.slots} in all"
        return Waiting(reason="Pool", message=message)
    return Waiting(reason="Pool", message=f"Waiting for {candidate.slots} of {pool.slots} slots in pool {pool.name}")


def _cluster_full(candidate: Candidate, use: Use, now: datetime) -> Waiting | None:
    if use.total < use.parallelism:
        return None
    return Waiting(reason="Parallelism", message=f"{use.parallelism} tasks run in all, as many as parallelism allows")


_JUDGES: Final[tuple[Callable[[Candidate, Use, datetime], Waiting | None], ...]] = (
    _not_yet,
    _paused,
    _run_full,
    _pool_full,
    _cluster_full,
)


def _with(use: Use, candidate: Candidate) -> Use:
    pool_key = (candidate.key.namespace, candidate.pool)
    pool: PoolUse = use.pools[pool_key]
    return replace(
        use,
        total=use.total + 1,
        by_run={**use.by_run, candidate.run: use.by_run.get(candidate.run, 0) + 1},
        pools={**use.pools, pool_key: replace(pool, used=pool.used + candidate.slots)},
    )
