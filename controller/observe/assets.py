"""Dags that wait for assets, and TaskRuns that updated some -> who has to hear of whom.

Both sides are read from status: a Dag waits for what its decider has said it waits for, so a Dag at fault goes on as it
was; a TaskRun's update stays open here until its own status says that all those Dags have noted it.
"""

from collections.abc import Collection, Iterable

from controller.model.assets import AssetQueue, Update
from controller.model.dag import Dag
from controller.model.metadata import Key
from controller.model.taskrun import TaskRun


class Assets:
    """An index of live objects: putting the same one twice changes nothing.

    What changes the index returns the keys of the other side's objects, sorted, that are to be looked at.
    """

    def __init__(self) -> None:
        self._queues: dict[Key, AssetQueue] = {}
        self._awaited: dict[str, dict[str, set[Key]]] = {}
        """By namespace and asset, the Dags that wait for it."""
        self._open: dict[Key, tuple[Update, ...]] = {}
        self._updated: dict[tuple[str, str], set[Key]] = {}
        """By namespace and asset, the TaskRuns with an open update of it."""

    def put_dag(self, dag: Dag) -> list[Key]:
        """The Dag stands as it does now; the TaskRuns that it concerns if its queue has changed."""
        before, queue = self._queues.get(dag.meta.key), dag.status.assets
        if dag.meta.deleting_since is not None:
            queue = None
        if before == queue:
            return []
        concerned = self.drop_dag(dag)
        if queue is not None:
            self._queues[dag.meta.key] = queue
            awaited = self._awaited.setdefault(dag.meta.namespace, {})
            for asset in queue.waits_for:
                awaited.setdefault(asset, set()).add(dag.meta.key)
        return sorted({*concerned, *self._tellers(dag.meta.key)})

    def drop_dag(self, dag: Dag) -> list[Key]:
        """The Dag is gone, or waits for nothing; the TaskRuns that had something to tell it."""
        key = dag.meta.key
        concerned = self._tellers(key)
        queue = self._queues.pop(key, None)
        for asset in queue.waits_for if queue is not None else ():
            dags = self._awaited[key.namespace][asset]
            dags.discard(key)
            if not dags:
                del self._awaited[key.namespace][asset]
        return sorted(concerned)

    def put_task_run(self, task_run: TaskRun) -> list[Key]:
        """The TaskRun stands as it does now; the Dags that it concerns if its open updates have changed."""
        key, updates = task_run.meta.key, task_run.unnoted
        if self._open.get(key, ()) == updates:
            return []
        concerned = self.drop_task_run(task_run)
        if updates:
            self._open[key] = updates
            for asset in _assets(updates):
                self._updated.setdefault((key.namespace, asset), set()).add(key)
        return sorted({*concerned, *self._waiting(key)})

    def drop_task_run(self, task_run: TaskRun) -> list[Key]:
        """The TaskRun is gone; the Dags that had its updates open."""
        key = task_run.meta.key
        concerned = self._waiting(key)
        for asset in _assets(self._open.pop(key, ())):
            tellers = self._updated[key.namespace, asset]
            tellers.discard(key)
            if not tellers:
                del self._updated[key.namespace, asset]
        return sorted(concerned)

    def tellers(self) -> list[Key]:
        """All TaskRuns with an open update."""
        return sorted(self._open)

    def awaited(self, namespace: str) -> Collection[str]:
        """The assets that Dags of the namespace wait for."""
        return self._awaited.get(namespace, {}).keys()

    def updates_for(self, dag: Dag) -> tuple[Update, ...]:
        """The open updates of what the Dag waits for, sorted."""
        queue = self._queues.get(dag.meta.key)
        waits_for = frozenset(queue.waits_for if queue is not None else ())
        told = (update for key in self._tellers(dag.meta.key) for update in self._open[key])
        return tuple(sorted((each for each in told if waits_for & set(each.assets)), key=lambda each: each.id))

    def is_noted(self, task_run: TaskRun) -> bool:
        """Whether every Dag that waits for what the TaskRun has to tell has noted it."""
        awaited = self._awaited.get(task_run.meta.namespace, {})
        return all(
            update.id in self._queues[key].noted
            for update in self._open.get(task_run.meta.key, ())
            for asset in update.assets
            for key in awaited.get(asset, ())
        )

    def _tellers(self, dag: Key) -> set[Key]:
        queue = self._queues.get(dag)
        waits_for = queue.waits_for if queue is not None else ()
        return {key for asset in waits_for for key in self._updated.get((dag.namespace, asset), ())}

    def _waiting(self, task_run: Key) -> set[Key]:
        awaited = self._awaited.get(task_run.namespace, {})
        return {key for asset in _assets(self._open.get(task_run, ())) for key in awaited.get(asset, ())}


def _assets(updates: Iterable[Update]) -> frozenset[str]:
    return frozenset(asset for update in updates for asset in update.assets)
