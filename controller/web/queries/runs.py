"""Runs for lists and for the grid's columns, newest first, and one run."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints
from sqlalchemy import Select, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from controller.metastore.audit import AuditRow
from controller.metastore.columns import UtcDateTime
from controller.metastore.tables import DagRunRow
from controller.model.dagrun import RunType
from controller.model.metadata import Key
from controller.model.schema import Timestamp
from controller.model.states import RunState
from controller.web.answer import Answer, Asked, Page, Time
from controller.web.paging import Keyset, PageQuery, paged
from controller.web.queries.alerts import RunAlert, RunDeadline, alert_of, deadline_of
from controller.web.queries.filters import columns, has_entry, within

_MADE: Final = ("created_by",)
_CREATOR: Final = (
    select(AuditRow.asked_by)
    .where(AuditRow.uid == DagRunRow.uid, AuditRow.action == "trigger", AuditRow.id == "")
    .scalar_subquery()
    .label("created_by")
)
_KEY: Final = ("ordered_at", "uid")
_ORDER: Final = Keyset((DagRunRow.ordered_at, DagRunRow.uid), newest_first=True)  # type: ignore[arg-type]


class RunBar(Answer):
    """One run as a column of the grid."""

    uid: str
    """The object's uid: another run of the same name has another one."""
    namespace: str
    """Where it lives."""
    dag: str
    """Its Dag."""
    name: str
    """The DagRun's name."""
    run_type: str
    """What made it: manual, scheduled and so on."""
    state: str
    """Queued, Running, Success or Failed."""
    ordered_at: Time
    """Its logical date, or when it was created if it has none: runs are ordered by it."""
    logical_date: Time | None
    """The time that it is about."""
    started_at: Time | None
    """When its first task could start."""
    finished_at: Time | None
    """When its last task had ended."""
    revision: str | None
    """The revision of the Dag that it is pinned to."""


class RunLine(RunBar):
    """One run of a list."""

    run_id: str | None
    """Airflow's name for it."""
    created_at: Time
    """When it was created."""
    progress: str | None
    """Tasks that have ended, of all: `3/7`."""
    counts: dict[str, int]
    """How many tasks stand in each state."""
    reason: str | None
    """Why it ended as it did, in a word."""
    message: str | None
    """Why it stands as it does, in a sentence."""
    note: str | None
    """What somebody said about it."""
    created_by: str | None
    """Who triggered it, as they said themselves; absent for one that nobody did."""
    paused: bool
    """Whether it starts no tasks."""
    cancel: str | None
    """graceful or force, if it was cancelled."""
    labels: dict[str, str]
    """The object's labels."""
    deleted_at: Time | None
    """When the object was seen to be gone; its history stays."""
    deleted_by: str | None
    """Retention where it went because its time was over; absent = by a person's hand, or that is not known."""


class Wait(Answer):
    """One thing that is waited for."""

    reason: str
    """A CamelCase word."""
    message: str
    """One sentence with the value that matters."""
    since: str | None = None
    """Since when."""


class RunDetail(RunLine):
    """One run with everything that is kept of it."""

    interval_start: Time | None
    """The beginning of its data interval."""
    interval_end: Time | None
    """The end of its data interval."""
    params: str
    """The values it works with, as JSON text."""
    failed_tasks: list[str]
    """The first tasks that failed."""
    waiting_for: list[Wait]
    """What it waits for."""
    deadlines: list[RunDeadline]
    """The deadlines that it has to meet, and those it has missed."""
    alerts: list[RunAlert]
    """The alerts about it and its tasks, the oldest first."""
    resource_version: int
    """The object's version that this shows: give it with a change that must not overwrite another."""


class RunFilter(Asked):
    """Which of a Dag's runs are meant."""

    state: Annotated[list[RunState], Field(max_length=10)] = []
    """Only those that stand so. Repeatable."""
    type: Annotated[list[RunType], Field(max_length=10)] = []
    """Only those that were made so. Repeatable."""
    after: Timestamp | None = None
    """Only those ordered at this time or later."""
    before: Timestamp | None = None
    """Only those ordered before this time."""
    label: Annotated[list[Annotated[str, StringConstraints(max_length=400)]], Field(max_length=10)] = []
    """Only those with all of these labels, written `key=value`. Repeatable."""
    deleted: bool | None = None
    """Only those whose object is gone, or only others. Absent = both."""


class RunQuery(RunFilter, PageQuery):
    """Which of a Dag's runs are wanted."""


class RunsFilter(RunFilter):
    """Which runs of all Dags are meant."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    dag: str | None = Field(default=None, max_length=253)
    """Only of Dags of this name."""


class Sides(Asked):
    """Which runs of a Dag are meant beside one of them, by what they are about."""

    past: bool = False
    """Also all before it."""
    future: bool = False
    """Also all after it."""


class RunsQuery(RunsFilter, RunQuery):
    """Which runs of all Dags are wanted."""


def list_runs(session: Session, namespaces: Sequence[str] | None, dag: str | None, asked: RunQuery) -> Page[RunLine]:
    """A page of runs."""
    return paged(session.execute(_page(session, namespaces, dag, asked, RunLine)).all(), asked, _KEY, RunLine)


def list_bars(session: Session, namespace: str, dag: str, asked: RunQuery) -> Page[RunBar]:
    """A window of the grid's columns."""
    return paged(session.execute(_page(session, [namespace], dag, asked, RunBar)).all(), asked, _KEY, RunBar)


def runs_beside(session: Session, key: Key, sides: Sides, most: int) -> list[Key]:
    """The run and, by what they are about, those of its Dag before or after it, the newest first; gone ones left out.

    Empty where there is no such run. Before and after mean what they do for `slipway clear --past`.
    """
    here = session.execute(
        select(DagRunRow.dag, DagRunRow.ordered_at, DagRunRow.uid)
        .where(DagRunRow.namespace == key.namespace, DagRunRow.name == key.name, DagRunRow.deleted_at.is_(None))
        .limit(1)
    ).one_or_none()
    if here is None:
        return []
    place, there = tuple_(DagRunRow.ordered_at, DagRunRow.name), (literal(here.ordered_at, UtcDateTime()), key.name)
    wanted = [DagRunRow.uid == here.uid]
    wanted += [place < tuple_(*there)] if sides.past else []
    wanted += [place > tuple_(*there)] if sides.future else []
    query = (
        select(DagRunRow.namespace, DagRunRow.name)
        .where(DagRunRow.namespace == key.namespace, DagRunRow.dag == here.dag, DagRunRow.deleted_at.is_(None))
        .where(or_(*wanted))
    )
    found = session.execute(query.order_by(DagRunRow.ordered_at.desc(), DagRunRow.uid.desc()).limit(most))
    return [Key(namespace, name) for namespace, name in found]


def one_run(session: Session, namespace: str, name: str) -> RunDetail | None:
    """The run of this name, of several the youngest; None when there never was one."""
    query = select(*columns(DagRunRow, RunDetail, _MADE), _CREATOR).where(
        DagRunRow.namespace == namespace, DagRunRow.name == name
    )
    row = session.execute(query.order_by(DagRunRow.created_at.desc(), DagRunRow.uid.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    return RunDetail.of(
        row,
        waiting_for=[Wait(**each) for each in row.waiting_for],
        deadlines=[deadline_of(each) for each in row.deadlines],
        alerts=[alert_of(each) for each in row.alerts],
    )


def _page(
    session: Session, namespaces: Sequence[str] | None, dag: str | None, asked: RunQuery, answer: type[RunBar]
) -> Select[Any]:
    query = select(*columns(DagRunRow, answer, _MADE))
    if issubclass(answer, RunLine):
        query = query.add_columns(_CREATOR)
    if namespaces is not None:
        # One namespace is asked for with =, as with IN PostgreSQL would not read the index in order.
        one = len(namespaces) == 1
        query = query.where(DagRunRow.namespace == namespaces[0] if one else within(DagRunRow.namespace, namespaces)[0])
    if dag is not None:
        query = query.where(DagRunRow.dag == dag)
    if asked.state:
        states = [state.value for state in asked.state]
        query = query.where(DagRunRow.state == states[0] if len(states) == 1 else DagRunRow.state.in_(states))
    if asked.type:
        query = query.where(DagRunRow.run_type.in_([each.value for each in asked.type]))
    if asked.after is not None:
        query = query.where(DagRunRow.ordered_at >= asked.after)
    if asked.before is not None:
        query = query.where(DagRunRow.ordered_at < asked.before)
    if asked.deleted is not None:
        gone = DagRunRow.deleted_at
        query = query.where(gone.is_not(None) if asked.deleted else gone.is_(None))
    query = query.where(*(has_entry(session, DagRunRow.labels, entry) for entry in asked.label))
    return _ORDER.page(query, asked)
