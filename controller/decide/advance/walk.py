"""Marked tasks -> every instance behind them judged, in topological order, until nothing follows any more.

A task that settles here puts its own downstream in line, so that all endings of an instant are judged together, each
task seeing the states just given to the ones before it. Instances of a mapped task are begun in the order of their
elements, no more of them unfinished at once than its window lets through.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from controller.decide.advance.choose import choose
from controller.decide.advance.expand import work_out
from controller.decide.advance.judges import verdict_on
from controller.decide.advance.scene import Scene
from controller.decide.trigger_rules import Verdict
from controller.model.instance import instance_id, task_and_index
from controller.model.states import TASK_FINAL, TaskState

_ALL: Final = -1
"""In line: all instances of a task."""


@dataclass(slots=True)
class Walk:
    """What one walk comes upon."""

    scene: Scene
    may: Callable[[str], bool] = lambda task: True
    """Whether a task is judged at all."""
    starts: list[str] = field(default_factory=list)
    """Instances that get a TaskRun now, in topological order."""
    waits: dict[str, Verdict] = field(default_factory=dict)
    """Tasks that wait for more than their upstream, with what for."""
    _line: list[tuple[int, int]] = field(default_factory=list)
    _in_line: set[tuple[int, int]] = field(default_factory=set)

    def over(self, changed: Iterable[str] | None) -> None:
        """Judge what follows from a change of these instances; None = everything."""
        graph = self.scene.plan.graph
        if changed is None:
            for task in graph.order:
                self._put(task, None)
        else:
            for instance in changed:
                task, index = task_and_index(instance)
                if task in graph.rank:
                    self._put(task, index if self._needs_no_others(task, index) else None)
                    self._put_downstream(task, index)
        while self._line:
            rank, index = heapq.heappop(self._line)
            task = graph.order[rank]
            if self.may(task):
                self._judge_task(task, None if index == _ALL else index)

    def _judge_task(self, task: str, index: int | None) -> None:
        scene = self.scene
        source = scene.plan.tasks[task].mapped_by
        if source is None:
            self._judge(task, None)
            return
        count = scene.expansions.get(source)
        if count is None:
            self._expand(task, source)
        elif count == 0:
            self._settle(task, None, TaskState.SKIPPED)
        elif source in scene.plan.grouping.members:
            for place in range(count) if index is None else (index,):
                self._judge(task, place)
        else:
            self._judge_mapped(task, count)

    def _judge(self, task: str, index: int | None) -> None:
        instance = instance_id(task, index)
        if self.scene.look.state(instance) is not None:
            return
        verdict = verdict_on(self.scene, task, index)
        if verdict.ends_as is not None:
            self._settle(task, index, verdict.ends_as)
        elif verdict.runs:
            self._run(task, index)
        elif verdict.of_past:
            self.waits[task] = verdict

    def _judge_mapped(self, task: str, count: int) -> None:
        """All instances have the same upstream, so one verdict is enough."""
        following = next(self.scene.look.unbegun(task, count), None)
        if following is None:
            return
        verdict = verdict_on(self.scene, task, following)
        if verdict.ends_as is not None:
            for index in list(self.scene.look.unbegun(task, count)):
                self._settle(task, index, verdict.ends_as)
        elif verdict.runs:
            for index in self.scene.look.unbegun(task, count):
                if not self._run(task, index):
                    break
        elif verdict.of_past:
            self.waits[task] = verdict

    def _expand(self, task: str, source: str) -> None:
        """A mapped task whose elements are not known is judged as one, and expanded once it may run."""
        if self.scene.look.state(task) is not None:
            return
        verdict = verdict_on(self.scene, task, None)
        if verdict.ends_as is not None:
            self._settle(task, None, verdict.ends_as)
            return
        if not verdict.runs:
            return
        found = work_out(self.scene, source)
        if found.items is None:
            if found.ends_as is not None:
                self.scene.notes[task] = found.reason
                self._settle(task, None, found.ends_as)
            return
        self.scene.expansions[source] = len(found.items)
        self.scene.items[source] = found.items
        for each in self.scene.plan.grouping.members.get(source, (task,)):
            self._put(each, None, again=True)

    def _run(self, task: str, index: int | None) -> bool:
        """Begin the instance; False when its window is full."""
        planned = self.scene.plan.tasks[task]
        if planned.is_at_once:
            choice = choose(self.scene, task, index)
            instance = instance_id(task, index)
            if choice.followed is not None:
                self.scene.followed[instance] = choice.followed
            if choice.reason:
                self.scene.notes[instance] = choice.reason
            self._settle(task, index, choice.state)
            return True
        if index is not None and self._unfinished(task) >= self._window(planned.mapped_by or task):
            return False
        instance = instance_id(task, index)
        self.scene.look.find(instance, TaskState.SCHEDULED)
        self.starts.append(instance)
        return True

    def _unfinished(self, task: str) -> int:
        return sum(number for state, number in self.scene.look.counts(task).items() if state not in TASK_FINAL)

    def _window(self, source: str) -> int:
        return self.scene.plan.maps[source].window

    def _settle(self, task: str, index: int | None, state: TaskState) -> None:
        instance = instance_id(task, index)
        if self.scene.look.state(instance) is None:
            self.scene.look.find(instance, state)
            self._put_downstream(task, index)

    def _needs_no_others(self, task: str, index: int | None) -> bool:
        """Whether the end of one instance lets no other instance of the task begin."""
        source = self.scene.plan.tasks[task].mapped_by
        if index is None or source is None or source not in self.scene.plan.grouping.members:
            return False
        return self.scene.expansions.get(source, 0) <= self._window(source)

    def _put_downstream(self, task: str, index: int | None) -> None:
        for later in self.scene.plan.graph.downstream[task]:
            shared = index is not None and self.scene.plan.shares_index(later, task)
            self._put(later, index if shared else None)

    def _put(self, task: str, index: int | None, *, again: bool = False) -> None:
        entry = (self.scene.plan.graph.rank[task], _ALL if index is None else index)
        if again or entry not in self._in_line:
            self._in_line.add(entry)
            heapq.heappush(self._line, entry)
