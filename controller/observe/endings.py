"""Runs and backfills that end or go, and Dags that are edited -> what is kept of the Dag's past is looked at."""

from controller.model.backfill import Backfill
from controller.model.dag import Dag
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.states import RUN_FINAL
from controller.observe.due import DueList, Question
from controller.observe.tables import Observed, dag_key


class Endings:
    """Marks the question of retention. Its `see` listens to a store."""

    def __init__(self, due: DueList) -> None:
        self._due = due
        self._generations: dict[Key, int] = {}

    def see(self, changed: Observed, gone: bool) -> None:
        """Mark the Dag whose past the change is about."""
        match changed:
            case DagRun() if gone or changed.status.state in RUN_FINAL:
                self._due.mark(Question.RETENTION, [dag_key(changed)])
            case Backfill() if gone or changed.is_final:
                self._due.mark(Question.RETENTION, [dag_key(changed)])
            case Dag():
                self._see_dag(changed, gone)
            case _:
                pass

    def _see_dag(self, dag: Dag, gone: bool) -> None:
        key, generation = dag.meta.key, dag.meta.generation
        known = self._generations.pop(key, None)
        if not gone:
            self._generations[key] = generation
        if gone or known != generation:
            self._due.mark(Question.RETENTION, [key])
