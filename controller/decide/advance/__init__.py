"""A running run's tasks -> which may start and which end without running, judged in topological order.

walk.py      what follows from a change, task by task
judges.py    the verdict on one instance, by upstream.py, past.py and the trigger rules
expand.py    the elements of a mapping
choose.py    branches and short circuits
scene.py     what one look knows and finds out
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from controller.decide.advance.scene import Scene
from controller.decide.advance.walk import Walk
from controller.decide.ending import Ending
from controller.decide.trigger_rules import Verdict
from controller.model.instance import instance_id, task_and_index
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.standing import Look
from controller.model.states import TASK_FINAL, TaskState
from controller.model.taskrun import Verdict as Told

__all__ = ["ACTIVE", "Advance", "Start", "advance"]

ACTIVE: Final = "Active"
"""The count of instances that have a TaskRun and have not ended."""


@dataclass(frozen=True, slots=True)
class Start:
    """An instance that begins now."""

    instance: str
    item: str | None = None
    """The element that it is about, as JSON text; only a mapped one has one."""


@dataclass(frozen=True, slots=True)
class Advance:
    """How the run's tasks stand after this look."""

    starts: tuple[Start, ...]
    """Instances that get a TaskRun now, in topological order."""
    settled: Mapping[str, TaskState]
    """Instances that end now without a TaskRun, in topological order."""
    told: Mapping[str, Told]
    """What TaskRuns that exist already are told, by instance."""
    expansions: Mapping[str, int]
    followed: Mapping[str, tuple[str, ...]]
    notes: Mapping[str, str]
    counts: Mapping[str, int]
    """Ended instances by state, and those at work as `Active`."""
    total: int
    """How many instances the run has, as far as that is known."""
    is_finished: bool
    """Whether every instance has ended."""
    waits: Mapping[str, Verdict]
    """Tasks that wait for the run before."""
    look: Look
    """Every state, for the end of the run."""
    items: Mapping[str, str]
    """The elements of instances that begin anew, as JSON text."""
    why: str | None = None
    """Why TaskRuns are told to stop."""

    @property
    def done(self) -> int:
        """How many instances have ended."""
        return sum(number for state, number in self.counts.items() if state != ACTIVE)

    @property
    def is_stuck(self) -> bool:
        """Whether there are tasks left, but none is at work or begins."""
        return not (self.is_finished or self.starts or self.told or ACTIVE in self.counts)

    def item_of(self, instance: str) -> str | None:
        """The element that an instance which begins anew is about now."""
        return self.items.get(instance)


def advance(snapshot: RunSnapshot, plan: Plan, ending: Ending | None) -> Advance:
    """One look at the run; with an `ending` only teardowns may start, and what has not begun ends as Skipped."""
    status = snapshot.run.status
    scene = Scene(
        snapshot, plan, Look(snapshot.standing), expansions=dict(status.expansions), followed=dict(status.followed)
    )
    walk = Walk(scene)
    told: dict[str, Told] = {}
    if ending is None:
        walk.over(snapshot.changed)
        if plan.spec.fail_fast and _has_failed(scene):
            told = _stop(scene, walk, at_work=True)
    else:
        _stop(scene, walk, at_work=False, teardowns=ending.lets_teardowns)
    return _result(scene, walk, told)


def _has_failed(scene: Scene) -> bool:
    """Whether a task that is no teardown has failed for good."""
    if not scene.look.totals()[TaskState.FAILED]:
        return False
    tasks = (task for task, planned in scene.plan.tasks.items() if not planned.is_teardown)
    return any(scene.look.counts(task).get(TaskState.FAILED) for task in tasks)


def _stop(scene: Scene, walk: Walk, *, at_work: bool, teardowns: bool = True) -> dict[str, Told]:
    """Skip what has not begun, stop what is at work if told so, and let only teardowns go on."""
    spared = {task for task, planned in scene.plan.tasks.items() if planned.is_teardown and teardowns}
    for instance in walk.starts:
        if task_and_index(instance)[0] not in spared:
            scene.look.forget(instance)
    walk.starts = [instance for instance in walk.starts if task_and_index(instance)[0] in spared]
    told: dict[str, Told] = {}
    if at_work:
        for instance, task_run in sorted(scene.snapshot.task_runs.items()):
            state = task_run.standing
            if state is not None and state not in TASK_FINAL and task_run.spec.task not in spared:
                told[instance] = Told.STOP
    for task in scene.plan.graph.order:
        if task not in spared:
            _skip(scene, task)
    if spared:
        final = Walk(scene, may=lambda task: task in spared, starts=walk.starts)
        final.over(None)
    return told


def _skip(scene: Scene, task: str) -> None:
    count = scene.count(task)
    if count:
        unbegun = [instance_id(task, index) for index in scene.look.unbegun(task, count)]
    else:
        unbegun = [task] if scene.look.state(task) is None else []
    for instance in unbegun:
        scene.look.find(instance, TaskState.SKIPPED)


def _result(scene: Scene, walk: Walk, told: Mapping[str, Told]) -> Advance:
    plan, look, task_runs = scene.plan, scene.look, scene.snapshot.task_runs
    known = {
        instance: Told(state.value) if state in TASK_FINAL else Told.RUN
        for instance, state in look.found.items()
        if instance in task_runs
    }
    settled = {
        instance: state for instance, state in look.found.items() if state in TASK_FINAL and instance not in task_runs
    }
    counts: dict[str, int] = {}
    for state, number in look.totals().items():
        name = state.value if state in TASK_FINAL else ACTIVE
        counts[name] = counts.get(name, 0) + number
    sizes = ((count, plan.grouping.members.get(name, (name,))) for name, count in scene.expansions.items())
    more = sum((count - 1) * len(tasks) for count, tasks in sizes if count)
    total = len(plan.tasks) + more
    # Counting is enough to see that the end may have come; a TaskRun of no task of the plan must not bring it about.
    may_be_finished = sum(number for name, number in counts.items() if name != ACTIVE) >= total
    return Advance(
        starts=tuple(Start(instance, _item(scene, instance)) for instance in walk.starts if instance not in task_runs),
        settled=settled,
        told={**known, **told},
        expansions=scene.expansions,
        followed=scene.followed,
        notes=scene.notes,
        counts=dict(sorted(counts.items())),
        total=total,
        is_finished=may_be_finished and all(map(scene.is_final, plan.tasks)),
        waits=walk.waits,
        look=look,
        items={each: item for each in known if (item := _item(scene, each)) is not None},
        why="Another task failed, and the Dag fails fast" if told else None,
    )


def _item(scene: Scene, instance: str) -> str | None:
    task, index = task_and_index(instance)
    if index is None or scene.count(task) is None:
        return None
    return json.dumps(scene.item(task, index), separators=(",", ":"), ensure_ascii=False)
