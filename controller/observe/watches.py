"""TaskRuns that wait for something beyond their own run -> they are asked again when that changes.

Whoever takes a TaskRun's snapshot says what it looked at; from then on changes of that mark it as due, until it ends.
Nothing has to be kept over a restart, as all unfinished TaskRuns are asked at the start.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from controller.model.approval import Approval
from controller.model.dag import Dag
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.states import TASK_FINAL
from controller.model.taskrun import TaskRun
from controller.observe.due import DueList, Question
from controller.observe.tables import Observed, dag_key


class About(StrEnum):
    """What of an object is waited for."""

    DAG = "the Dag itself"
    RUNS = "the runs of a Dag"
    RUN = "a run"
    TASK = "a task in the runs of a Dag"


class Watched(NamedTuple):
    """Something that TaskRuns wait for."""

    about: About
    key: Key
    task: str = ""


class Watches:
    """Who waits for what. Its `see` listens to a store."""

    def __init__(self, due: DueList) -> None:
        self._due = due
        self._waiting: dict[Watched, dict[Key, None]] = {}
        self._watched_by: dict[Key, frozenset[Watched]] = {}

    def put(self, task_run: Key, watched: Iterable[Watched]) -> None:
        """The TaskRun waits for these things, and for nothing else any more."""
        now, before = frozenset(watched), self._watched_by.get(task_run, frozenset())
        for each in before - now:
            self._waiting[each].pop(task_run, None)
            if not self._waiting[each]:
                del self._waiting[each]
        for each in now - before:
            self._waiting.setdefault(each, {})[task_run] = None
        if now:
            self._watched_by[task_run] = now
        else:
            self._watched_by.pop(task_run, None)

    def waits_for_run(self, run: Key) -> bool:
        """Whether a TaskRun waits for this very run."""
        return Watched(About.RUN, run) in self._waiting

    def see(self, changed: Observed, gone: bool) -> None:
        """Mark who waits for the object that changed."""
        match changed:
            case Dag():
                self._mark(Watched(About.DAG, changed.meta.key))
            case DagRun():
                self._mark(Watched(About.RUNS, dag_key(changed)))
                self._mark(Watched(About.RUN, changed.meta.key))
            case TaskRun():
                dag = Key(changed.meta.namespace, changed.spec.dag_ref.name)
                self._mark(Watched(About.TASK, dag, changed.spec.task))
                if gone or changed.status.state in TASK_FINAL:
                    self.put(changed.meta.key, ())
            case Approval():
                self._due.mark(Question.TASK, [Key(changed.meta.namespace, changed.spec.task_run_ref.name)])
            case _:
                pass

    def __len__(self) -> int:
        return len(self._watched_by)

    def _mark(self, watched: Watched) -> None:
        self._due.mark(Question.TASK, self._waiting.get(watched, ()))
