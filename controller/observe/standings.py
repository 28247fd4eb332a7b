"""Runs, their TaskRuns and what is settled without one -> where each instance of a running run stands, kept up to date.

A running run's standing follows each change; that of another run is put together when somebody asks, and kept until
something of it changes, as the run after it may ask often.
"""

from typing import Final

from controller.model.dagrun import DagRun
from controller.model.standing import Standing
from controller.model.states import RunState, TaskState
from controller.model.taskrun import TaskRun
from controller.observe.tables import Tables

OTHERS_KEPT: Final = 100
"""Standings of runs that are not running, the newest asked for."""


class Standings:
    """The standings of all runs in these tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._kept: dict[str, Standing] = {}
        """By the run's uid."""
        self._settled: dict[str, dict[str, TaskState]] = {}
        self._others: dict[str, Standing] = {}

    def of(self, run: DagRun) -> Standing:
        """Where the run's instances stand."""
        kept = self._kept.get(run.meta.uid) or self._others.get(run.meta.uid)
        if kept is not None:
            return kept
        settled = run.status.settled.by_instance()
        made = Standing(settled)
        for instance, task_run in self._tables.task_runs_of(run).items():
            made.put(instance, task_run.standing)
        if run.status.state is RunState.RUNNING:
            self._kept[run.meta.uid] = made
            self._settled[run.meta.uid] = settled
            return made
        self._others[run.meta.uid] = made
        if len(self._others) > OTHERS_KEPT:
            del self._others[next(iter(self._others))]
        return made

    def run_changed(self, old: DagRun | None, new: DagRun) -> None:
        """What is settled of the run may have changed."""
        self._others.pop(new.meta.uid, None)
        kept = self._kept.get(new.meta.uid)
        if kept is None:
            return
        if new.status.state is not RunState.RUNNING:
            self.forget(new)
            return
        if old is not None and old.status.settled == new.status.settled:
            return
        before, now = self._settled[new.meta.uid], new.status.settled.by_instance()
        self._settled[new.meta.uid] = now
        task_runs = self._tables.task_runs_of(new)
        for instance in before.keys() | now.keys():
            if instance not in task_runs:
                kept.put(instance, now.get(instance))

    def task_run_changed(self, task_run: TaskRun, *, gone: bool) -> None:
        """One of a run's TaskRuns is so now, or is gone."""
        uid = task_run.meta.owner_uid or ""
        self._others.pop(uid, None)
        kept = self._kept.get(uid)
        if kept is not None:
            kept.put(task_run.instance, self._settled[uid].get(task_run.instance) if gone else task_run.standing)

    def forget(self, run: DagRun) -> None:
        """The run has ended, or is gone."""
        self._others.pop(run.meta.uid, None)
        self._kept.pop(run.meta.uid, None)
        self._settled.pop(run.meta.uid, None)
