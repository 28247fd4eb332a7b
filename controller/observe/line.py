"""TaskRuns with their Pods -> who waits for a Pod and who holds a part of the limits, or is about to.

A TaskRun is in one of three places: in the queue, among the holders, or in neither because it has ended.
"""

from collections.abc import Collection
from datetime import datetime

from controller.model.metadata import Key
from controller.model.pod import Pod
from controller.model.snapshot import PodRefusal
from controller.model.states import TASK_FINAL
from controller.model.taskrun import TaskRun
from controller.observe.holders import Holder, Holders
from controller.observe.queue import Queue, entry_of, place_of


class Line:
    """The queue before the gate, and what stands behind it."""

    def __init__(self) -> None:
        self.queue = Queue()
        self.holders = Holders()
        self.starting: set[Key] = set()
        """TaskRuns that the gate let through and whose Pod is not seen yet."""
        self.refusals: dict[Key, PodRefusal] = {}
        """The API server's last refusal of a TaskRun's Pod."""
        self.held_runs: dict[Key, list[Key]] = {}
        """Runs whose tasks are being created: the gate does not see them. With the tasks that came meanwhile."""

    def place(self, task_run: TaskRun, pods: Collection[Pod]) -> bool:
        """Put the TaskRun where it belongs; whether the gate should look again.

        An attempt holds its part until its end stands in the status: what follows from that end then competes for it.
        """
        key, number = task_run.meta.key, task_run.ended_attempts + 1
        unfinished = task_run.status.state not in TASK_FINAL and task_run.meta.deleting_since is None
        is_at_work = key in self.starting or any(pod.attempt == number for pod in pods)
        if (unfinished and is_at_work) or any(not pod.has_ended for pod in pods):
            self.queue.remove(key)
            if key not in self.holders:
                self.holders.put(key, Holder(place_of(task_run), task_run.spec.pool_slots))
            return False
        if not unfinished:
            self.starting.discard(key)
            self.queue.remove(key)
        has_room = self.holders.remove(key) and bool(self.queue)
        if not task_run.wants_pod:
            self.queue.remove(key)
        joins = unfinished and task_run.wants_pod and self.queue.put(entry_of(task_run, self._retry_at(task_run)))
        return has_room or joins

    def pod_seen(self, key: Key) -> None:
        """The TaskRun's Pod has come to be."""
        self.starting.discard(key)
        self.refusals.pop(key, None)

    def leave(self, key: Key) -> None:
        """The TaskRun is gone."""
        self.pod_seen(key)
        self.queue.remove(key)
        self.holders.remove(key)

    def _retry_at(self, task_run: TaskRun) -> datetime | None:
        refusal = self.refusals.get(task_run.meta.key)
        times = (task_run.status.retry_at, refusal.try_again_at if refusal is not None else None)
        return max((at for at in times if at is not None), default=None)
