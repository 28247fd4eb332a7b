"""What the gate sees: the tasks that could be next, and how much of each limit is taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.model.metadata import Key
from controller.model.policy import Policy

Order = tuple[bool, int, datetime, datetime, Key]
"""The order of the queue: backfills last, then priority (negative, as higher is sooner), logical date, age, name."""
Turn = tuple[Key, Key]
"""A pool, and a Dag that takes turns in it with the others."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The task that slots of a pool are kept for."""

    key: Key
    slots: int
    rank: tuple[bool, int, datetime]
    """Backfill, negative priority, and since when it waits: those that come before go on taking slots."""


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool and how much of it is taken."""

    name: str
    slots: int | None
    """None = the pool does not exist; -1 = without limit."""
    used: int
    kept: Kept | None = None
    """For whom slots are kept that come free."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A TaskRun that waits for its Pod."""

    key: Key
    dag: Key
    run: Key
    task: str
    pool: str
    slots: int
    order: Order
    since: datetime
    """Since when it could have started, if there had been room."""
    retry_at: datetime | None
    paused: str | None
    """What is paused, in words, such as `Dag etl`; None when nothing is."""
    run_limit: int
    """maxActiveTasks of the run."""
    per_run: int | None = None
    """Instances of the task that may be at work in the run; None = as many as you like."""
    per_dag: int | None = None
    """Instances of the task that may be at work in all runs of the Dag."""

    @property
    def pool_key(self) -> Key:
        """The pool."""
        return Key(self.key.namespace, self.pool)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of the limits is taken by live Pods and by Pods about to be created."""

    total: int
    parallelism: int
    by_run: Mapping[Key, int]
    pools: Mapping[Key, PoolUse]
    by_run_task: Mapping[tuple[Key, str], int]
    """Of tasks with limits of their own."""
    by_dag_task: Mapping[tuple[Key, str], int]


@dataclass(frozen=True, slots=True)
class GateSnapshot:
    """The heads of the queue and the use of every limit."""

    candidates: tuple[Candidate, ...]
    """Tasks that could be next, in queue order."""
    short: tuple[Candidate, ...]
    """Tasks that could be next but for the slots of their pool, of which some are free."""
    turns: Mapping[Turn, int]
    """When a Dag last took slots of a pool, as a number that rises; 0 or absent = not lately."""
    policy: Policy
    next_retry_at: datetime | None
    """When the next task that waits for its time joins the queue."""
    use: Use
