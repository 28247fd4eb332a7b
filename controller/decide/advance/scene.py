"""One look at a running run: what is known of it, and what the look has found out so far."""

from dataclasses import dataclass, field
from typing import Any

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
