"""A running run's tasks -> which may start and which end without running, judged in topological order.

walk.py      what follows from a change, task by task
judges.py    the verdict on one instance, by upstream.py, past.py and the trigger rules
expand.py    the elements of a mapping, and what expressions may read
choose.py    branches and short circuits
stop.py      what a run that is to end still does
scene.py     what one look knows and finds out
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from controller.decide.advance.expand import item
from controller.decide.advance.scene import Scene
from controller.decide.advance.stop import has_failed, stop
from controller.decide.advance.walk import Walk
from controller.decide.ending import Ending
from controller.decide.trigger_rules import Verdict
from controller.model.instance import task_and_index
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
    wanted: Mapping[str, str]
    """The keys of artifacts that are to be read, with the mapping that waits for each."""
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
        return not (self.is_finished or self.starts or self.told or self.wanted or ACTIVE in self.counts)

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
    fails_fast = plan.spec.fail_fast and ending is None
    if ending is None and not (fails_fast and has_failed(scene)):
        walk.over(snapshot.changed)
    told: Mapping[str, Told] = {}
    if ending is not None or (fails_fast and has_failed(scene)):
        teardowns = ending is None or ending.lets_teardowns
        stopped = stop(scene, walk, at_work=fails_fast, teardowns=teardowns)
        walk, told = stopped.walk, stopped.told
    return _result(scene, walk, told)


def _result(scene: Scene, walk: Walk, told: Mapping[str, Told]) -> Advance:
    plan, look, task_runs = scene.plan, scene.look, scene.snapshot.task_runs
    known = {
        instance: Told(state.value) if state in TASK_FINAL else Told.RUN
        for instance, state in look.found.items()
        if instance in task_runs
    }
    all_told = {**known, **told, **dict.fromkeys(_beyond(scene), Told.REMOVED)}
    settled = {
        instance: state for instance, state in look.found.items() if state in TASK_FINAL and instance not in task_runs
    }
    counts: dict[str, int] = {}
    for state, number in look.totals().items():
        name = state.value if state in TASK_FINAL else ACTIVE
        counts[name] = counts.get(name, 0) + number
    total = plan.size(scene.expansions)
    # Counting is enough to see that the end may have come; a TaskRun of no task of the plan must not bring it about.
    may_be_finished = sum(number for name, number in counts.items() if name != ACTIVE) >= total
    return Advance(
        starts=tuple(Start(instance, _item(scene, instance)) for instance in walk.starts if instance not in task_runs),
        settled=settled,
        told=all_told,
        expansions=scene.expansions,
        followed=scene.followed,
        notes=scene.notes,
        counts=dict(sorted(counts.items())),
        total=total,
        # A TaskRun that is to be told something is still to say that it has done so.
        is_finished=may_be_finished and not all_told and all(map(scene.is_final, plan.tasks)),
        waits=walk.waits,
        wanted=walk.wanted,
        look=look,
        items={each: item for each in known if (item := _item(scene, each)) is not None},
        why="Another task failed, and the Dag fails fast" if told else None,
    )


def _beyond(scene: Scene) -> Iterator[str]:
    """Instances of an earlier round whose elements the mapping has no more, or that ended as a whole this time."""
    status, looked_at = scene.snapshot.run.status, scene.snapshot.changed
    as_one = any(task in scene.plan.mapped for task in scene.look.found)
    if not status.round or (looked_at is not None and scene.expansions == status.expansions and not as_one):
        return
    for instance, task_run in sorted(scene.snapshot.task_runs.items()):
        task, index = task_and_index(instance)
        if index is None or task not in scene.plan.mapped or task_run.spec.verdict is Told.REMOVED:
            continue
        count = scene.count(task)
        if index >= count if count is not None else scene.look.state(task) in TASK_FINAL:
            yield instance


def _item(scene: Scene, instance: str) -> str | None:
    task, index = task_and_index(instance)
    if index is None or scene.count(task) is None:
        return None
    return json.dumps(item(scene, task, index), separators=(",", ":"), ensure_ascii=False)
