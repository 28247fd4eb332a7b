"""One Dag's ready tasks that want the same number of slots of one pool -> the first of them that may start.

A lane is made of places: the tasks of one run, or of one task with a limit of its own, for all of which the same limits
count. Places are kept by their first task, so those that are full are passed over without looking into them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import cast

from sortedcontainers import SortedDict

from controller.model.gate import Order
from controller.model.metadata import Key
from controller.model.taskrun import TaskRun

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a TaskRun waits, or takes its part of the limits: all limits are the same for all tasks of a place."""

    namespace: str
    pool: str
    slots: int
    dag: Key
    run: Key
    task: str | None
    """The task, where it has a limit of its own."""
    per_run: int | None
    """Instances of it that may be at work in the run."""
    per_dag: int | None
    """Instances of it that may be at work in all runs of the Dag."""

    @property
    def pool_key(self) -> Key:
        """The pool."""
        return Key(self.namespace, self.pool)


@dataclass(frozen=True, slots=True)
class Entry:
    """One waiting TaskRun."""

    key: Key
    place: Place
    task: str
    order: Order
    since: datetime
    """Since when it could have started, if there had been room."""
    retry_at: datetime | None


def place_of(task_run: TaskRun) -> Place:
    """Where the TaskRun waits, or takes its part of the limits."""
    namespace, spec = task_run.meta.namespace, task_run.spec
    limited = spec.max_active_per_run is not None or spec.max_active_per_dag is not None
    return Place(
        namespace=namespace,
        pool=spec.pool,
        slots=max(1, spec.pool_slots),
        dag=Key(namespace, spec.dag_ref.name),
        run=Key(namespace, spec.dag_run_ref.name),
        task=spec.task if limited else None,
        per_run=spec.max_active_per_run,
        per_dag=spec.max_active_per_dag,
    )


def entry_of(task_run: TaskRun, retry_at: datetime | None) -> Entry:
    """The TaskRun as the queue keeps it."""
    spec, meta = task_run.spec, task_run.meta
    order = (spec.backfill, -spec.priority, spec.logical_date or _LAST, meta.created_at, meta.key)
    since = max(meta.created_at, task_run.status.retry_at or meta.created_at)
    return Entry(meta.key, place_of(task_run), spec.task, order, since, retry_at)


class Lane:
    """The ready tasks of one Dag that want the same number of slots of one pool."""

    def __init__(self) -> None:
        self._places: dict[Place, SortedDict] = {}
        self._heads = SortedDict()

    def put(self, entry: Entry) -> None:
        """The task waits here."""
        tasks = self._places.setdefault(entry.place, SortedDict())
        self._unlisted(tasks)
        tasks[entry.order] = entry
        self._heads[tasks.peekitem(0)[0]] = entry.place

    def remove(self, entry: Entry) -> bool:
        """The task waits here no more; whether it did."""
        tasks = self._places.get(entry.place)
        if tasks is None or entry.order not in tasks:
            return False
        self._unlisted(tasks)
        del tasks[entry.order]
        if tasks:
            self._heads[tasks.peekitem(0)[0]] = entry.place
        else:
            del self._places[entry.place]
        return True

    def head(self, room: Callable[[Place], int]) -> Entry | None:
        """The first task of a place with room."""
        for order, place in self._heads.items():
            if room(place) > 0:
                return cast("Entry", self._places[place][order])
        return None

    def first(self, count: int, room: Callable[[Place], int]) -> list[Entry]:
        """The first tasks, so many at most, of places with room."""
        found: list[Entry] = []
        for order, place in self._heads.items():
            if len(found) >= count and found[-1].order < order:
                break
            tasks = min(count, room(place))
            if tasks > 0:
                found.extend(islice(self._places[place].values(), tasks))
                found.sort(key=lambda entry: entry.order)
                del found[count:]
        return found

    def _unlisted(self, tasks: SortedDict) -> None:
        if tasks:
            del self._heads[tasks.peekitem(0)[0]]

    def __bool__(self) -> bool:
        return bool(self._places)
