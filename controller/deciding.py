"""A due question -> the snapshot that it needs -> what its decider says. The gate alone changes the store at once."""

from datetime import datetime

from controller.decide.backfill import decide_backfill
from controller.decide.dag import decide_dag
from controller.decide.gate import decide_gate
from controller.decide.pool import decide_pool
from controller.decide.retention import decide_retention
from controller.decide.run import decide_run
from controller.decide.task import decide_orphan, decide_task
from controller.model.action import Decision
from controller.observe.due import GATE, Due, Question
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store


class Decider:
    """Puts each question to the decider that answers it."""

    def __init__(self, store: Store, snapshots: Snapshots) -> None:
        self._store = store
        self._snapshots = snapshots

    def decide(self, due: Due, now: datetime) -> Decision:
        """What is to be done about it; nothing where what it asks about is not there any more."""
        match due.question:
            case Question.DAG:
                dag = self._snapshots.of_dag(due.key)
                return decide_dag(dag, now) if dag is not None else Decision()
            case Question.BACKFILL:
                backfill = self._snapshots.of_backfill(due.key)
                return decide_backfill(backfill, now) if backfill is not None else Decision()
            case Question.RUN:
                run = self._snapshots.of_run(due.key)
                return decide_run(run, now) if run is not None else Decision()
            case Question.TASK:
                task = self._snapshots.of_task(due.key, now)
                self._store.decided(due.key)
                return decide_task(task, now) if task is not None else Decision()
            case Question.ORPHAN:
                orphan = self._snapshots.of_orphan(due.key)
                return decide_orphan(orphan) if orphan is not None else Decision()
            case Question.POOL:
                pool = self._snapshots.of_pool(due.key)
                return decide_pool(pool, now) if pool is not None else Decision()
            case Question.RETENTION:
                return decide_retention(self._snapshots.of_retention(due.key), now)
            case Question.GATE:
                return self._open_gate(now)

    def _open_gate(self, now: datetime) -> Decision:
        admission = decide_gate(self._snapshots.of_gate(now), now)
        for key in admission.admitted:
            self._store.start(key)
        self._store.due.mark(Question.TASK, admission.admitted)
        self._store.line.kept = admission.kept
        if admission.again:
            self._store.due.add(GATE)
        return Decision(wake_at=admission.wake_at)
