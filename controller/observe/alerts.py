"""Targets, and what came of sending alerts to them -> what the deciders of runs and Dags see of it.

What was sent is kept here only until the status says so; a restart forgets it, and the alert is sent again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from controller.model.alerts import Alerting, Deliveries, Delivery, SendAlert, Target, Targets
from controller.model.dag import Dag
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.states import TaskState
from controller.model.taskrun import TaskRun
from controller.observe.due import Due, DueList, Question
from controller.observe.tables import Observed, Tables, run_key

_NOTHING: Final[Deliveries] = MappingProxyType({})


class Alerts:
    """What deciders need to know of alerts beyond the resources. Its `see` listens to a store."""

    def __init__(self, tables: Tables, due: DueList, task_moved: Callable[[TaskRun], None]) -> None:
        self._tables = tables
        self._due = due
        self._task_moved = task_moved
        self._by_uid: dict[str, dict[tuple[str, str], Delivery]] = {}
        self.targets: Targets = MappingProxyType({})
        """Whom alerts may be sent to, by name."""

    def know(self, targets: Mapping[str, Target]) -> None:
        """These are the targets from now on; where they changed, Dags tell what they lack."""
        if targets != self.targets:
            self.targets = MappingProxyType(dict(targets))
            self._due.mark(Question.DAG, self._tables.dags)
            watched = (key for key, run in self._tables.runs.items() if run.is_watched)
            self._due.mark(Question.RUN, list(watched))

    def tried(self, action: SendAlert, trouble: str, at: datetime) -> None:
        """The alert was taken, or met with trouble; whoever remembers it is asked again."""
        if not self._is_there(action):
            return
        known = self._by_uid.setdefault(action.about.uid, {})
        before = known.get((action.key, action.target))
        tries = before.tries + 1 if before is not None else 1
        known[action.key, action.target] = Delivery(at, trouble, tries)
        self._due.add(Due(Question.DAG if action.of_dag else Question.RUN, action.about.key))

    def of(self, uid: str) -> Deliveries:
        """What came of sending the object's alerts, as far as the status may not say it."""
        known = self._by_uid.get(uid)
        return MappingProxyType(known) if known is not None else _NOTHING

    @property
    def waiting(self) -> int:
        """How many alerts wait to be tried again, each target counted."""
        return sum(bool(each.trouble) for known in self._by_uid.values() for each in known.values())

    def see(self, changed: Observed, gone: bool) -> None:
        """Forget what a status has noted; and let the run of a task that is tried again look, if it tells of that."""
        if isinstance(changed, Dag | DagRun):
            self._forget(changed.meta.uid, None if gone else changed.status.alerting)
        elif isinstance(changed, TaskRun) and changed.status.state is TaskState.UP_FOR_RETRY and not gone:
            run = self._tables.runs.get(run_key(changed))
            name = run.status.revision if run is not None else None
            revision = self._tables.revisions.get(Key(changed.meta.namespace, name or ""))
            if revision is not None and revision.tells_retries:
                self._task_moved(changed)

    def _forget(self, uid: str, alerting: Alerting | None) -> None:
        known = self._by_uid.get(uid)
        if known is None:
            return
        is_open = {record.key for record in alerting.records if record.done_at is None} if alerting else set()
        for key, target in [each for each in known if each[0] not in is_open]:
            del known[key, target]
        if not known:
            del self._by_uid[uid]

    def _is_there(self, action: SendAlert) -> bool:
        table: Mapping[Key, Dag | DagRun] = self._tables.dags if action.of_dag else self._tables.runs
        known = table.get(action.about.key)
        return known is not None and known.meta.uid == action.about.uid
