"""Backfills, and the intervals of one with the runs that there are in them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Final

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.decide.backfill.slots import timetable_of
from controller.decide.calendar import Slot
from controller.decide.calendar.ranges import Stretch, slots_between
from controller.metastore.tables import BackfillRow, DagRunRow
from controller.model.backfill import BACKFILL_FINAL, BackfillState
from controller.model.dagrun import RunType
from controller.model.names import scheduled_run_name
from controller.model.timestamps import parse_time
from controller.web.answer import Answer, AnyRow, Page, Time
from controller.web.paging import Keyset, PageQuery, paged_by, read_cursor, write_cursor
from controller.web.problems import Invalid
from controller.web.queries.filters import columns, within
from controller.web.queries.revisions import revision_spec

_ORDER: Final = Keyset((BackfillRow.created_at, BackfillRow.uid), newest_first=True)  # type: ignore[arg-type]
_NO_CURSOR: Final = "the cursor is not one that a list gave: ask again without it"


class PlanCounts(Answer):
    """How many intervals a backfill is about, and what is to become of them."""

    total: int = 0
    """Intervals of the range that had ended."""
    create: int = 0
    """Those without a run: one is created."""
    reprocess: int = 0
    """Those whose run has ended and is cleared."""
    exists: int = 0
    """Those whose run has ended and is left as it is; with `gaps` also those that another run covers."""
    in_flight: int = 0
    """Those whose run has not ended: it is left alone."""


class BackfillLine(Answer):
    """One backfill of a list."""

    uid: str
    """The object's uid."""
    namespace: str
    """Where it lives."""
    name: str
    """Its name."""
    dag: str
    """Its Dag."""
    state: str
    """Planning, Planned (it waits for approval), Running, Success or Failed."""
    from_at: Annotated[Time, Field(alias="from")]
    """The earliest logical date, included."""
    to_at: Annotated[Time, Field(alias="to")]
    """The latest logical date, included."""
    run_backwards: bool
    """Whether the newest interval comes first."""
    max_active_runs: int
    """Its runs that are unfinished at once, at most."""
    reprocess: str
    """What becomes of a run that has ended: none, failed or completed."""
    gaps: bool
    """Whether only intervals are taken in which the Dag has no run."""
    approved: bool
    """Whether it may begin once it is planned."""
    paused: bool
    """Whether it starts nothing new."""
    cancel: str | None
    """graceful or force, if it was cancelled."""
    note: str | None
    """What somebody said about it."""
    plan: PlanCounts
    """What is to be done; zeros until it is planned."""
    progress: str | None
    """Runs that have ended, of all that are made or cleared: `12/40`."""
    failed: int
    """Its runs that stand as Failed."""
    created_at: Time
    """When it was created."""
    started_at: Time | None
    """When its first run could be made."""
    finished_at: Time | None
    """When its last run had ended."""
    reason: str | None
    """Why it ended as it did, in a word."""
    message: str | None
    """The same in a sentence."""
    deleted_at: Time | None
    """When the object was seen to be gone; its history stays."""
    resource_version: int
    """The object's version that this shows."""


class Interval(Answer):
    """One slot of the schedule in a backfill's range."""

    logical_date: Time
    """The slot's logical date."""
    start: Time
    """The beginning of its data interval."""
    end: Time
    """The end of its data interval."""
    run: str | None
    """The run that there is in it; absent = none."""
    run_state: str | None
    """How that run stands."""
    state: str
    """`created` or `reprocessed` by the backfill, `existing`: not its own; `waiting` for its turn, `passed` over."""


class BackfillDetail(BackfillLine):
    """One backfill with its intervals."""

    params: str
    """Values for the Dag's params, as JSON text."""
    revision: str | None
    """The revision whose schedule the intervals are taken from."""
    planned_at: Time | None
    """When the plan was begun: intervals that had ended by then are in."""
    intervals: Page[Interval] | None
    """A page of them in the order in which they are taken; absent until they are known."""


class BackfillQuery(PageQuery):
    """Which backfills are wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    dag: str | None = Field(default=None, max_length=253)
    """Only of Dags of this name."""
    state: Annotated[list[BackfillState], Field(max_length=10)] = []
    """Only those that stand so. Repeatable."""


def list_backfills(session: Session, namespaces: Sequence[str] | None, asked: BackfillQuery) -> Page[BackfillLine]:
    """A page of backfills, the newest first."""
    query = select(*columns(BackfillRow, BackfillLine)).where(*within(BackfillRow.namespace, namespaces))
    if asked.dag is not None:
        query = query.where(BackfillRow.dag == asked.dag)
    if asked.state:
        query = query.where(BackfillRow.state.in_([state.value for state in asked.state]))
    rows = session.execute(_ORDER.page(query, asked)).all()
    return paged_by(rows, asked, ("created_at", "uid"), lambda row: BackfillLine.of(row, plan=_counts(row)))


def one_backfill(session: Session, namespace: str, name: str, asked: PageQuery) -> BackfillDetail | None:
    """The backfill of this name, of several the youngest; None when there never was one."""
    query = select(*columns(BackfillRow, BackfillDetail, ("intervals",)), BackfillRow.handled_through).where(
        BackfillRow.namespace == namespace, BackfillRow.name == name
    )
    query = query.order_by(BackfillRow.created_at.desc(), BackfillRow.uid.desc()).limit(1)
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    return BackfillDetail.of(row, plan=_counts(row), intervals=_intervals(session, row, asked))


def backfill_state(session: Session, namespace: str, name: str) -> BackfillState | None:
    """Where the youngest backfill of this name stands; None when there is none, or its object is gone."""
    query = select(BackfillRow.state, BackfillRow.deleted_at).where(
        BackfillRow.namespace == namespace, BackfillRow.name == name
    )
    query = query.order_by(BackfillRow.created_at.desc(), BackfillRow.uid.desc()).limit(1)
    row = session.execute(query).one_or_none()
    return BackfillState(row.state) if row is not None and row.deleted_at is None else None


def _counts(row: AnyRow) -> PlanCounts:
    return PlanCounts.model_validate(row.plan)


def _intervals(session: Session, row: AnyRow, asked: PageQuery) -> Page[Interval] | None:
    """A page of the slots, worked out from the schedule, each beside its run if there is one."""
    limit, after = asked.checked_limit(), _cursor(asked)
    if row.revision is None or row.planned_at is None:
        return None
    spec = revision_spec(session, row.namespace, row.dag, row.revision)
    timetable = timetable_of(spec) if spec is not None else None
    if timetable is None:
        return None
    stretch = Stretch(row.from_at, row.to_at, row.planned_at, row.run_backwards)
    slots = list(islice(slots_between(timetable, stretch, after), limit + 1))
    shown = slots[:limit]
    runs = _runs(session, row, shown)
    items = [_interval(row, slot, runs.get(scheduled_run_name(row.dag, slot.logical_date))) for slot in shown]
    more = len(slots) > limit
    return Page[Interval](items=items, next=write_cursor([shown[-1].logical_date]) if more else None)


def _runs(session: Session, row: AnyRow, slots: Sequence[Slot]) -> dict[str, AnyRow]:
    """The runs by the names that the slots give them; of one name the youngest."""
    names = [scheduled_run_name(row.dag, slot.logical_date) for slot in slots]
    kept = (DagRunRow.name, DagRunRow.state, DagRunRow.run_type, DagRunRow.backfill, DagRunRow.created_at)
    query = select(*kept).where(DagRunRow.namespace == row.namespace, DagRunRow.name.in_(names))
    return {run.name: run for run in session.execute(query.order_by(DagRunRow.created_at, DagRunRow.uid))}


def _interval(row: AnyRow, slot: Slot, run: AnyRow | None) -> Interval:
    return Interval(
        logical_date=slot.logical_date,
        start=slot.start,
        end=slot.end,
        run=run.name if run is not None else None,
        run_state=run.state if run is not None else None,
        state=_state(row, slot.logical_date, run),
    )


def _state(row: AnyRow, at: datetime, run: Any) -> str:
    if run is not None:
        if run.backfill != row.name:
            return "existing"
        is_made = run.run_type == RunType.BACKFILL.value and run.created_at >= row.created_at
        return "created" if is_made else "reprocessed"
    done = row.handled_through
    is_behind = done is not None and (at >= done if row.run_backwards else at <= done)
    return "passed" if is_behind or BackfillState(row.state) in BACKFILL_FINAL else "waiting"


def _cursor(asked: PageQuery) -> datetime | None:
    if asked.cursor is None:
        return None
    match read_cursor(asked.cursor):
        case [str() as text]:
            try:
                return parse_time(text)
            except ValueError:
                raise Invalid(_NO_CURSOR, parameter="cursor") from None
        case _:
            raise Invalid(_NO_CURSOR, parameter="cursor")
