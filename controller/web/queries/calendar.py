"""A Dag's runs by day, and the slots of its schedule in which it has none."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from controller.decide.backfill.slots import timetable_of
from controller.decide.calendar import Slot, Timetable
from controller.decide.calendar.ranges import Stretch, slots_between
from controller.metastore.tables import DagRunRow
from controller.web.answer import Answer, Time
from controller.web.queries.revisions import current_revision, revision_spec

MOST_RUNS: Final = 20_000
MOST_COMING: Final = 10
MOST_SLOTS: Final = 5_000
"""Slots that are looked at; a fifth of a second for each 2,000 of a cron."""
_TICK: Final = timedelta(microseconds=1)


class CalendarDay(Answer):
    """One day."""

    day: str
    """As `2026-11-23`, in the zone that was asked for."""
    counts: dict[str, int]
    """Its runs by state."""
    missing: int
    """Slots of the schedule, as it is now, that are due and have no run of any kind."""


class Calendar(Answer):
    """A Dag's days, those without anything left out."""

    after: Time
    """The beginning of the window."""
    before: Time
    """Its end."""
    days: list[CalendarDay]
    """The days in order."""
    runs_since: Time | None
    """Since when runs are counted, where there are more than 20,000 in the window; absent = all of them."""
    gaps_since: Time | None
    """Since when slots without a run are counted: at most 5,000 slots back, and not before the first run that is kept.
    Absent = there is no schedule by time, or no run."""
    coming: list[Time]
    """When the next runs of the schedule are due, from now on: ten at most."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the past is wanted."""

    after: datetime
    before: datetime
    zone: tzinfo
    now: datetime


def calendar_of(session: Session, namespace: str, dag: str, window: Window) -> Calendar:
    """The window's days."""
    of_dag = (DagRunRow.namespace == namespace, DagRunRow.dag == dag)
    query = select(DagRunRow.ordered_at, DagRunRow.state).where(
        *of_dag, DagRunRow.ordered_at >= window.after, DagRunRow.ordered_at < window.before
    )
    runs = session.execute(query.order_by(DagRunRow.ordered_at.desc()).limit(MOST_RUNS + 1)).all()
    is_whole = len(runs) <= MOST_RUNS
    runs = runs[:MOST_RUNS]
    first = session.execute(select(func.min(DagRunRow.ordered_at)).where(*of_dag)).scalar_one_or_none()
    since = max(first, window.after) if first is not None and is_whole else runs[-1][0] if runs else None
    spec = revision_spec(session, namespace, dag, current_revision(session, namespace, dag) or "")
    timetable = timetable_of(spec) if spec is not None else None
    slots, gaps_since = _slots(timetable, since, window)
    days: dict[str, CalendarDay] = {}
    for ordered_at, state in runs:
        counts = _day(days, ordered_at, window).counts
        counts[state] = counts.get(state, 0) + 1
    dates = sorted(ordered_at for ordered_at, _ in runs)
    for slot in slots:
        if not _has_run(dates, slot):
            day = _day(days, slot.logical_date, window)
            days[day.day] = day.model_copy(update={"missing": day.missing + 1})
    return Calendar(
        after=window.after,
        before=window.before,
        days=[days[day] for day in sorted(days)],
        runs_since=None if is_whole else since,
        gaps_since=gaps_since,
        coming=[slot.run_after for slot in islice(_coming(timetable, window.now), MOST_COMING)],
    )


def _coming(timetable: Timetable | None, now: datetime) -> Iterator[Slot]:
    slot = timetable.first_due_after(now) if timetable is not None else None
    while timetable is not None and slot is not None:
        yield slot
        slot = timetable.after(slot.logical_date)


def _slots(
    timetable: Timetable | None, since: datetime | None, window: Window
) -> tuple[Sequence[Slot], datetime | None]:
    if timetable is None or since is None:
        return [], None
    first = since if timetable.start is None else max(since, timetable.start)
    last = window.before - _TICK
    last = last if timetable.end is None else min(last, timetable.end)
    found: list[Slot] = []
    for slot in slots_between(timetable, Stretch(first, last, min(window.before, window.now), backwards=True), None):
        if len(found) == MOST_SLOTS:
            return found, found[-1].logical_date
        found.append(slot)
    return found, first


def _has_run(dates: Sequence[datetime], slot: Slot) -> bool:
    place = bisect_left(dates, slot.start)
    return place < len(dates) and (dates[place] == slot.logical_date or dates[place] < slot.end)


def _day(days: dict[str, CalendarDay], at: datetime, window: Window) -> CalendarDay:
    name = at.astimezone(window.zone).date().isoformat()
    return days.setdefault(name, CalendarDay(day=name, counts={}, missing=0))
