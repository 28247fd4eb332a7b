"""One look at a running run: what is known of it, and what the look has found out so far."""

import json
from dataclasses import dataclass, field
from typing import Any

from controller.decide.values import Outputs, run_values
from controller.model.instance import instance_id
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.standing import Look
from controller.model.states import TASK_FINAL, TaskState


@dataclass(frozen=True, slots=True)
class Found:
    """The elements of a mapping, or why there are none."""

    items: tuple[Any, ...] | None = None
    """None while the values are not there, or can't be used."""
    ends_as: TaskState | None = None
    """What becomes of the mapped task then; None = it waits."""
    reason: str = ""
    artifacts: frozenset[str] = frozenset()
    """The keys of the artifacts that hold its lists."""
    wants: tuple[str, ...] = ()
    """Those of them that are to be read first."""


@dataclass(slots=True)
class Scene:
    """A run, its plan and its tasks; everything but these three gains what is found out."""

    snapshot: RunSnapshot
    plan: Plan
    look: Look
    expansions: dict[str, int] = field(default_factory=dict)
    """How many elements each mapped task or group has, where that is known."""
    found: dict[str, Found] = field(default_factory=dict)
    """The elements of those that this look needed."""
    followed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What each branch lets go on; nothing for a short circuit that stopped."""
    notes: dict[str, str] = field(default_factory=dict)
    """Why tasks failed that could not even have a TaskRun."""
    stopped: int = 0
    """The short circuits that stopped, as bits at their places in the order; those of a mapped group left out."""

    def __post_init__(self) -> None:
        if self.plan.scopes.stoppers:
            for instance, names in self.followed.items():
                self._note_stop(instance, names)

    def follow(self, instance: str, names: tuple[str, ...]) -> None:
        """A branch or short circuit lets only these go on."""
        self.followed[instance] = names
        self._note_stop(instance, names)

    def _note_stop(self, instance: str, names: tuple[str, ...]) -> None:
        rank = self.plan.graph.rank.get(instance)
        if rank is not None and not names:
            self.stopped |= self.plan.scopes.stoppers & 1 << rank

    def count(self, task: str) -> int | None:
        """How many instances the task has; None while it is one, mapped or not."""
        source = self.plan.tasks[task].mapped_by
        return self.expansions.get(source) if source is not None else None

    def counterpart(self, task: str, other: str, index: int | None) -> str | None:
        """The one instance of `other` that belongs to `task[index]`; None where all of them do."""
        if self.count(other) is None:
            return other
        return instance_id(other, index) if index is not None and self.plan.shares_index(task, other) else None

    def is_final(self, task: str) -> bool:
        """Whether every instance of the task has ended."""
        counts = self.look.counts(task)
        ended = sum(number for state, number in counts.items() if state in TASK_FINAL)
        return ended >= (self.count(task) or 1)

    def values(self, task: str, index: int | None, read: frozenset[str]) -> dict[str, Any]:
        """What expressions of `task[index]` may read: `read` names the tasks whose outputs they do."""
        outputs = Outputs(self.plan, self.snapshot.task_runs, self.expansions)
        values = run_values(self.snapshot.run, outputs.of(task, index, read))
        if index is not None:
            values["item"] = self.item(task, index)
        return values

    def item(self, task: str, index: int) -> Any:
        """The element of the mapping that the instance is about."""
        task_run = self.snapshot.task_runs.get(instance_id(task, index))
        told = task_run.spec.item if task_run is not None else None
        items = self.elements(self.plan.tasks[task].mapped_by or "").items or ()
        if index < len(items):
            return items[index]
        return json.loads(told) if told is not None else None

    def elements(self, source: str) -> Found:
        """The elements of a mapping that was expanded in this look or an earlier one.

        The outputs that they follow from have not changed since; an artifact may have.
        """
        found = self.found.get(source)
        if found is None:
            from controller.decide.advance.expand import work_out

            found = work_out(self, source)
            count = self.expansions.get(source)
            if found.artifacts and found.items is not None and len(found.items) != count:
                reason = f"The mapping of {source} had {count} elements, but its artifact has {len(found.items)} now"
                found = Found(ends_as=TaskState.FAILED, reason=reason, artifacts=found.artifacts)
            self.found[source] = found
        return found
