"""Marked tasks -> every instance behind them judged, in topological order, until nothing follows any more.

A task that settles here puts its own downstream in line, so that all endings of an instant are judged together, each
task seeing the states just given to the ones before it. Instances of a mapped task are begun in the order of their
elements, no more of them unfinished at once than its window lets through.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from controller.decide.advance.choose import choose
from controller.decide.advance.expand import elements, work_out
from controller.decide.advance.judges import verdict_on, verdict_on_none
from controller.decide.advance.scene import Found, Scene
from controller.decide.trigger_rules import Verdict
from controller.model.graph import reachable
from controller.model.instance import instance_id, task_and_index
from controller.model.states import TASK_FINAL, TaskState

_ALL: Final = -1
"""In line: all instances of a task."""
_ROOM: Final = -2
"""In line: the instances that have waited for room in the window."""


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
    wanted: dict[str, str] = field(default_factory=dict)
    """The keys of artifacts that are to be read, with the mapping that waits for each."""
    has_failed: bool = False
    """Whether a task that is no teardown failed on the way; in a fail-fast Dag the walk ends there."""
    _line: list[tuple[int, int]] = field(default_factory=list)
    _in_line: set[tuple[int, int]] = field(default_factory=set)
    _changed: Counter[str] = field(default_factory=Counter)

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
                    self._put_changed(task, index)
        stops_at_failure = self.scene.plan.spec.fail_fast
        while self._line and not (stops_at_failure and self.has_failed):
            entry = heapq.heappop(self._line)
            self._in_line.discard(entry)
            rank, place = entry
            task = graph.order[rank]
            if self.may(task):
                self._judge_task(task, place)

    # ---- one task -------------------------------------------------------------------------------------------------

    def _judge_task(self, task: str, place: int) -> None:
        scene = self.scene
        source = scene.plan.tasks[task].mapped_by
        if source is None:
            self._judge(task, None)
            return
        count = scene.expansions.get(source)
        if count is None:
            self._expand(task, source)
        elif count == 0:
            self._follow(task, None, verdict_on_none(scene, task))
        elif not self._differ(task):
            self._judge_alike(task, count)
        elif place == _ROOM:
            self._judge_in_room(task, count)
        else:
            for index in list(scene.look.unbegun(task, count)) if place == _ALL else (place,):
                self._judge(task, index)

    def _judge(self, task: str, index: int | None) -> bool:
        """Do what the verdict says; False when only the window holds the instance back."""
        if self.scene.look.state(instance_id(task, index)) is not None:
            return True
        return self._follow(task, index, verdict_on(self.scene, task, index))

    def _follow(self, task: str, index: int | None, verdict: Verdict) -> bool:
        if verdict.ends_as is not None:
            self._settle(task, index, verdict.ends_as)
        elif verdict.runs:
            return self._run(task, index)
        elif verdict.of_past:
            self.waits[task] = verdict
        return True

    def _judge_alike(self, task: str, count: int) -> None:
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

    def _judge_in_room(self, task: str, count: int) -> None:
        """Begin instances that a full window held back. Where it was not full before, there are none."""
        window = self._window(task)
        if self._unfinished(task) + self._changed[task] < window:
            return
        for index in self.scene.look.unbegun(task, count):
            if self._unfinished(task) >= window or not self._judge(task, index):
                break

    def _differ(self, task: str) -> bool:
        """Whether its instances may get different verdicts: by their own upstream, or by their own past."""
        planned = self.scene.plan.tasks[task]
        return planned.depends_on_past or planned.mapped_by in self.scene.plan.grouping.members

    def _expand(self, task: str, source: str) -> None:
        """A mapped task whose elements are not known is judged as one, and expanded once it may run.

        A group is expanded for all of its tasks or for none: its first end waits until it is known which.
        """
        if self.scene.look.state(task) is not None:
            return
        verdict = verdict_on(self.scene, task, None)
        if verdict.of_past:
            self.waits[task] = verdict
        if not verdict.runs and verdict.ends_as is None:
            return
        members = self.scene.plan.grouping.members.get(source)
        if verdict.ends_as is not None and members is None:
            self._settle(task, None, verdict.ends_as)
            return
        found = work_out(self.scene, source)
        self.wanted |= dict.fromkeys(found.wants, source)
        if found.items is not None:
            self.scene.expansions[source] = len(found.items)
            self.scene.found[source] = found
            for each in members or (task,):
                self._put(each, None)
        elif found.ends_as is not None:
            if verdict.ends_as is None:
                self.scene.notes[task] = found.reason
            self._settle(task, None, verdict.ends_as or found.ends_as)

    def _run(self, task: str, index: int | None) -> bool:
        """Begin the instance; False when its window is full, or its element has to be read first."""
        planned = self.scene.plan.tasks[task]
        instance = instance_id(task, index)
        lack = self._lack(instance, planned.mapped_by) if index is not None and planned.mapped_by else None
        if lack is not None:
            self.wanted |= dict.fromkeys(lack.wants, planned.mapped_by or task)
            if lack.ends_as is not None:
                self.scene.notes[instance] = lack.reason
                self._settle(task, index, lack.ends_as)
            return lack.ends_as is not None
        if planned.is_at_once:
            choice = choose(self.scene, task, index)
            if choice.reason:
                self.scene.notes[instance] = choice.reason
            self._settle(task, index, choice.state)
            if choice.followed is not None:
                self.scene.follow(instance, choice.followed)
                self._put_stopped(task, index)
            return True
        if index is not None and self._unfinished(task) >= self._window(task):
            return False
        self.scene.look.find(instance, TaskState.SCHEDULED)
        self.starts.append(instance)
        return True

    def _lack(self, instance: str, source: str) -> Found | None:
        """What of an artifact keeps the element away; None when nothing does.

        One that can't be used any more matters to no instance that has been told its element already.
        """
        found = elements(self.scene, source)
        if not found.artifacts or found.items is not None:
            return None
        task_run = self.scene.snapshot.task_runs.get(instance)
        is_told = task_run is not None and task_run.spec.item is not None
        return None if found.ends_as is not None and is_told else found

    def _unfinished(self, task: str) -> int:
        return sum(number for state, number in self.scene.look.counts(task).items() if state not in TASK_FINAL)

    def _window(self, task: str) -> int:
        return self.scene.plan.maps[self.scene.plan.tasks[task].mapped_by or task].window

    def _settle(self, task: str, index: int | None, state: TaskState) -> None:
        instance = instance_id(task, index)
        if self.scene.look.state(instance) is None:
            self.scene.look.find(instance, state)
            self.has_failed |= state is TaskState.FAILED and not self.scene.plan.tasks[task].is_teardown
            self._put_behind(task, index)

    # ---- the line -------------------------------------------------------------------------------------------------

    def _put_changed(self, task: str, index: int | None) -> None:
        """The instance itself, those that it left room for, and what hangs on it; in this run or in the one before."""
        plan = self.scene.plan
        if index is None or not self._differ(task):
            self._put(task, None)
        else:
            self._changed[task] += 1
            self._put(task, index)
            self._put(task, _ROOM)
        self._put_behind(task, index)
        for before in plan.graph.upstream[task]:
            if plan.tasks[before].wait_for_downstream:
                self._put(before, None)

    def _put_behind(self, task: str, index: int | None) -> None:
        plan = self.scene.plan
        for later in (*plan.graph.downstream[task], *plan.scopes.reach.get(task, ())):
            self._put(later, index if index is not None and plan.shares_index(later, task) else None)

    def _put_stopped(self, task: str, index: int | None) -> None:
        """What a short circuit skips may be far away, behind tasks that have begun."""
        plan = self.scene.plan
        if plan.scopes.stoppers >> plan.graph.rank[task] & 1:
            for later in reachable(task, plan.graph.downstream):
                self._put(later, index if index is not None and plan.shares_index(later, task) else None)

    def _put(self, task: str, place: int | None) -> None:
        entry = (self.scene.plan.graph.rank[task], _ALL if place is None else place)
        if entry not in self._in_line:
            self._in_line.add(entry)
            heapq.heappush(self._line, entry)
