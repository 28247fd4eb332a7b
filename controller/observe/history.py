"""The store and a Dag -> what of its past is recorded, and what something at work still looks at.

who looks at runs that have ended      and so they stay
the Dag's status                       the run that was created last; the run of a slot that its cursor has not passed,
                                       or of assets that it is about to make
the runs to come, dependsOnPast        the latest by logical date, and the latest that no person made
unfinished runs, dependsOnPast         the run before each
a triggerDag                           the run that it made, until the task has noted the end
Dags that wait for assets              runs with an update that not all of them have noted
alerts and deadlines                   runs of which something is still to be told
a backfill of the Dag                  every run from its first date on
a dagSensor of another Dag             every run from the earliest date on that its runs, and its next one, look at
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from controller.model.alerts import DeadlineState
from controller.model.dag import Dag
from controller.model.dagrun import DagRun, RunType
from controller.model.metadata import Key
from controller.model.names import revision_name
from controller.model.policy import Policy
from controller.model.snapshot import RetentionSnapshot
from controller.model.states import RUN_FINAL, RunState
from controller.observe.limits import revision_of
from controller.observe.runs_of_dag import RunsOfDag
from controller.observe.store import Store
from controller.observe.tables import Observed

IsRecorded = Callable[[Observed], bool]
"""Whether the metastore has committed this version of the object."""


def history_of(store: Store, policy: Policy, is_recorded: IsRecorded, key: Key) -> RetentionSnapshot:
    """What decides on a Dag's past."""
    tables, dag = store.tables, store.tables.dags.get(key)
    runs = tables.runs_of(key)
    backfills = [each for each in tables.backfills.values() if _about(each.meta.namespace, each.spec.dag_ref.name, key)]
    pinned = {each.status.revision for each in backfills if not each.is_final}
    if dag is not None:
        pinned |= {dag.status.revision, revision_name(dag.meta.name, dag.spec_json)}
    return RetentionSnapshot(
        dag=dag,
        ended={state: runs.ended.by_end(state) for state in sorted(RUN_FINAL)},
        last_ended=runs.last_ended(),
        runs=tables.runs,
        recorded=RecordedRuns(store, is_recorded),
        needed=NeededRuns(store, dag, frozenset(_looked_at(store, runs))),
        needed_from=_needed_from(store, key),
        revisions=tuple(
            each
            for each in tables.revisions_of(key)
            if each.meta.name not in pinned and not runs.ended.uses_revision(each.meta.name)
        ),
        backfills=tuple(each for each in backfills if each.is_final and not runs.ended.has_run_of(each.meta.name)),
        recorded_others=RecordedOthers(store, is_recorded),
        policy=policy,
    )


@dataclass(frozen=True, slots=True)
class RecordedRuns:
    """The runs of which every row is committed, and whose Pods are released: their logs are archived."""

    store: Store
    is_recorded: IsRecorded

    def __contains__(self, key: object) -> bool:
        tables = self.store.tables
        run = tables.runs.get(key) if isinstance(key, Key) else None
        if run is None or not self.is_recorded(run):
            return False
        return all(
            self.is_recorded(task_run) and not any(pod.is_held for pod in tables.pods_of(task_run))
            for task_run in tables.task_runs_of(run).values()
        )


@dataclass(frozen=True, slots=True)
class RecordedOthers:
    """The revisions and backfills of which every row is committed."""

    store: Store
    is_recorded: IsRecorded

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, Key):
            return False
        tables = self.store.tables
        found = tables.revisions.get(key) or tables.backfills.get(key)
        return found is not None and self.is_recorded(found)


@dataclass(frozen=True, slots=True)
class NeededRuns:
    """The runs that something at work looks at, whatever their date."""

    store: Store
    dag: Dag | None
    looked_at: frozenset[Key]

    def __contains__(self, key: object) -> bool:
        run = self.store.tables.runs.get(key) if isinstance(key, Key) else None
        return run is not None and (run.meta.key in self.looked_at or self._is_unfinished_business(run))

    def _is_unfinished_business(self, run: DagRun) -> bool:
        if run.open_request is not None or run.status.redo is not None or _is_to_be_told(run):
            return True
        if _is_being_made(self.dag, run):
            return True
        if self.store.watches.waits_for_run(run.meta.key):
            return True
        task_runs = self.store.tables.task_runs_of(run).values()
        return not all(self.store.assets.is_noted(task_run) for task_run in task_runs)


def _is_to_be_told(run: DagRun) -> bool:
    """Whether an alert is on its way, or a failed run may still miss a deadline; a succeeded one has met them."""
    records = run.status.alerting.records if run.status.alerting is not None else ()
    if any(record.done_at is None for record in records):
        return True
    may_miss = run.status.state is RunState.FAILED
    return may_miss and any(each.state is not DeadlineState.MISSED for each in run.status.deadlines)


def _is_being_made(dag: Dag | None, run: DagRun) -> bool:
    """Whether the Dag's status does not tell yet that it has made the run, so that it would make it again."""
    if dag is None:
        return False
    status, date = dag.status, run.spec.logical_date
    making = status.assets.making if status.assets is not None else None
    if making is not None and making.name == run.meta.name:
        return True
    is_past = status.last_scheduled is not None and date is not None and date <= status.last_scheduled
    return run.spec.run_type is RunType.SCHEDULED and not is_past


def _looked_at(store: Store, runs: RunsOfDag) -> Iterator[Key]:
    newest = runs.newest()
    if newest is not None:
        yield newest
    yield from runs.newest_by_date()
    for key in (*runs.running(), *runs.queued()):
        run = store.tables.runs[key]
        revision = revision_of(store, run)
        if revision is None or revision.uses_past:
            for manual in (True, False):
                before = runs.before(key, manual=manual)
                if before is not None:
                    yield before


def _needed_from(store: Store, key: Key) -> datetime | None:
    """The logical date from which on every run is looked at; None = of no run."""
    tables = store.tables
    dates = [each.spec.from_ for each in tables.backfills_of(key)]
    for other, offset in tables.sensing.who_senses(key, tables.revisions):
        dates += [_reaching_into(tables.runs_of(key), store, at - offset) for at in _starts(store, other)]
    return min(dates, default=None)


def _starts(store: Store, dag: Key) -> Iterator[datetime]:
    """Where the data intervals begin of the Dag's unfinished runs, of those of its backfills, and of the next."""
    tables = store.tables
    runs, found = tables.runs_of(dag), tables.dags.get(dag)
    for key in (*runs.running(), *runs.queued()):
        spec = tables.runs[key].spec
        start = spec.interval_start or spec.logical_date
        if start is not None:
            yield start
    yield from (each.spec.from_ for each in tables.backfills_of(dag))
    if found is not None and found.status.next_runs:
        yield found.status.next_runs[0].logical_date


def _reaching_into(runs: RunsOfDag, store: Store, at: datetime) -> datetime:
    """The earliest logical date of a run whose data interval reaches over this instant; the instant where none does."""
    for key in runs.about(at, at):
        spec = store.tables.runs[key].spec
        if spec.logical_date is not None and (spec.interval_end or spec.logical_date) >= at:
            return min(spec.logical_date, at)
    return at


def _about(namespace: str, dag: str, key: Key) -> bool:
    return (namespace, dag) == key
