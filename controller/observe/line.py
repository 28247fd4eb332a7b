"""TaskRuns with their Pods -> who waits for a Pod and who holds a part of the limits, or is about to.

A TaskRun is in one of three places: in the queue, among the holders, or in neither because it has ended.
"""

import itertools
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from controller.model.gate import Kept, Turn
from controller.model.metadata import Key
from controller.model.pod import Pod
from controller.model.snapshot import PodRefusal
from controller.model.states import TASK_FINAL
from controller.model.taskrun import TaskRun
from controller.observe.holders import Holder, Holders
from controller.observe.lanes import entry_of, place_of
from controller.observe.queue import Queue

TURNS_KEPT: Final = 10_000
"""A Dag whose turn is forgotten comes first."""


class Line:
    """The queue before the gate, and what stands behind it."""

    def __init__(self, on_pool: Callable[[Key], None] = lambda pool: None) -> None:
        self.queue = Queue(on_pool)
        self.holders = Holders(on_pool)
        self.starting: set[Key] = set()
        """TaskRuns that the gate let through and whose Pod is not seen yet."""
        self.refusals: dict[Key, PodRefusal] = {}
        """The API server's last refusal of a TaskRun's Pod."""
        self.held_runs: dict[Key, list[Key]] = {}
        """Runs whose tasks are being created: the gate does not see them. With the tasks that came meanwhile."""
        self.turns: dict[Turn, int] = {}
        """When each Dag last took slots of each pool, as a number that rises; a restart forgets it."""
        self.kept: Mapping[Key, Kept] = {}
        """For whom slots are kept that come free in a pool, as the gate said last."""
        self._numbers = itertools.count(1)

    def start(self, task_run: TaskRun) -> None:
        """The gate let the TaskRun through: its Dag has had its turn."""
        self.starting.add(task_run.meta.key)
        place = place_of(task_run)
        turn = (place.pool_key, place.dag)
        self.turns.pop(turn, None)
        self.turns[turn] = next(self._numbers)
        if len(self.turns) > TURNS_KEPT:
            del self.turns[next(iter(self.turns))]

    def may_be_let_go(self, task_run: TaskRun) -> bool:
        """Whether the TaskRun was let through, and then told otherwise before its Pod came to be."""
        return task_run.meta.key in self.starting and not task_run.wants_pod

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
                self.holders.put(key, Holder(place_of(task_run), task_run.spec.task))
            return False
        if not unfinished:
            self.starting.discard(key)
            self.refusals.pop(key, None)
            self.queue.remove(key)
        has_room = self.holders.remove(key) and bool(self.queue)
        if not task_run.wants_pod:
            self.queue.remove(key)
        joins = unfinished and task_run.wants_pod and self.queue.put(entry_of(task_run, self._retry_at(task_run)))
        return has_room or joins

    def attempt_ended(self, key: Key) -> None:
        """What the API server said to the Pod of one attempt says nothing of the next one's."""
        self.refusals.pop(key, None)

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
