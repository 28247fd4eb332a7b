"""Marks -> the questions that are due to be decided, each at most once.

Questions come in the order of the list below, and within one in the order of the first mark: runs make tasks, the gate
then sees all tasks of an instant, and a task that it lets through is decided once, not twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from controller.model.metadata import Key


class Question(StrEnum):
    """What can be due, in the order of asking."""

    DAG = "dag"
    BACKFILL = "backfill"
    RUN = "run"
    GATE = "gate"
    TASK = "task"
    ORPHAN = "orphan"
    POOL = "pool"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Due:
    """One question about one object."""

    question: Question
    key: Key


GATE = Due(Question.GATE, Key("", ""))
"""The one question about the queue as a whole."""


class DueList:
    """An ordered set of questions."""

    def __init__(self) -> None:
        self._marks: dict[Question, dict[Key, None]] = {question: {} for question in Question}
        self.on_mark: Callable[[], None] = lambda: None
        """Called at each mark."""
        self.rests = False
        """Nobody decides, so nothing is marked: what comes and goes meanwhile would only pile up."""

    def mark(self, question: Question, keys: Iterable[Key]) -> None:
        """Make the question due for these objects."""
        for key in keys:
            self.add(Due(question, key))

    def add(self, due: Due) -> None:
        """Make one question due."""
        if self.rests:
            return
        self._marks[due.question][due.key] = None
        self.on_mark()

    def pop(self) -> Due | None:
        """The next question, which then is due no more; None when nothing is."""
        for question, keys in self._marks.items():
            for key in keys:
                del keys[key]
                return Due(question, key)
        return None

    def __bool__(self) -> bool:
        return any(self._marks.values())
