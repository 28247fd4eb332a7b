"""What looks at the world outside have seen -> kept for the TaskRun that waits for it.

A body of 64 KiB for each of thousands of sensors must not stay in memory: of those judged already only the last
few stay whole. Of the others stays when they were, so that the next look comes in its time.
"""

from dataclasses import replace
from typing import Final

from controller.model.action import Look
from controller.model.metadata import Key
from controller.model.outside import Sight
from controller.model.states import TASK_FINAL
from controller.model.taskrun import TaskRun
from controller.observe.due import DueList, Question
from controller.observe.tables import Observed

KEPT_WHOLE: Final = 50
"""So many that were judged already are kept whole, as why they are not as wanted may be told only later."""


class Sights:
    """The last sight of each TaskRun that has one. Its `see` listens to a store."""

    def __init__(self, due: DueList) -> None:
        self._due = due
        self._sights: dict[Key, tuple[str, Sight]] = {}
        self._judged: dict[Key, None] = {}

    def put(self, look: Look, sight: Sight) -> None:
        """A look has seen this."""
        key = look.task_run.key
        self._sights[key] = (look.task_run.uid, sight)
        self._judged.pop(key, None)
        self._due.mark(Question.TASK, [key])

    def of(self, task_run: TaskRun) -> Sight | None:
        """The last sight, to be judged now."""
        uid, sight = self._sights.get(task_run.meta.key, ("", None))
        if sight is None or uid != task_run.meta.uid:
            return None
        self._judged.setdefault(task_run.meta.key)
        if len(self._judged) > KEPT_WHOLE:
            self._thin_out(next(iter(self._judged)))
        return sight

    def drop(self, task_run: Key) -> None:
        """Forget it, as what was decided on it could not be done: it is looked again."""
        self._sights.pop(task_run, None)
        self._judged.pop(task_run, None)

    def see(self, changed: Observed, gone: bool) -> None:
        """Forget what a TaskRun that has ended does not need any more."""
        if isinstance(changed, TaskRun) and (gone or changed.status.state in TASK_FINAL):
            self.drop(changed.meta.key)

    def __len__(self) -> int:
        return len(self._sights)

    def _thin_out(self, key: Key) -> None:
        del self._judged[key]
        uid, sight = self._sights[key]
        self._sights[key] = (uid, replace(sight, values=None))
