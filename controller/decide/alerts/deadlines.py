"""A run and its Dag's deadlines -> by when it should have succeeded, kept in its status, and what it has missed.

    when the run is adopted     all are worked out, but for those that count from its start
    when it starts              those are
    when it is cleared          those that count from its creation begin anew, as Airflow's do
    when it succeeds            what was not missed is taken off

A run that failed still misses its deadline, unless it is cleared and succeeds before. A deadline that had passed before
anybody could have met it is not set: before the run was made, or for a run of a schedule before that was switched on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.decide.calendar import next_at
from controller.model.alerts import AlertEvent, Deadline, DeadlineReference, DeadlineState, RunDeadline
from controller.model.dagrun import DagRunStatus, RunType
from controller.model.durations import parse_duration
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.states import RUN_FINAL, RunState

_ANEW = frozenset({DeadlineReference.QUEUED_AT, DeadlineReference.AVERAGE_RUNTIME, DeadlineReference.STARTED_AT})
"""What counts from a moment that a clear moves."""
_EVENTS = {
    DeadlineState.MISSED: AlertEvent.DEADLINE_MISSED,
    DeadlineState.AT_RISK: AlertEvent.DEADLINE_AT_RISK,
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A deadline whose state has changed."""

    name: str
    event: AlertEvent


@dataclass(frozen=True, slots=True)
class Judged:
    """The deadlines as they stand now."""

    deadlines: tuple[RunDeadline, ...]
    reached: tuple[Reached, ...] = ()
    wake_at: datetime | None = None


def judged(snapshot: RunSnapshot, plan: Plan, status: DagRunStatus, now: datetime) -> Judged:
    """The run's deadlines; `status` is as it is going to be, and the run's own as it was."""
    states = (_at(each, status, now) for each in _set(snapshot, plan, status, now))
    is_met = status.state is RunState.SUCCESS
    after = tuple(each for each in states if not is_met or each.state is DeadlineState.MISSED)
    before = {each.name: each.state for each in status.deadlines}
    reached = tuple(
        Reached(each.name, _EVENTS[each.state])
        for each in after
        if each.state in _EVENTS and before.get(each.name) is not each.state
    )
    times = [time for each in after for time in _times(each, status)]
    return Judged(after, reached, min(times, default=None))


def _at(deadline: RunDeadline, status: DagRunStatus, now: datetime) -> RunDeadline:
    """Where a deadline stands; a run that has ended is at no risk, it meets the deadline or has failed."""
    state = deadline.state
    if status.state is RunState.SUCCESS or state is DeadlineState.MISSED:
        return deadline
    if now >= deadline.at:
        state = DeadlineState.MISSED
    elif deadline.risk_at is not None and now >= deadline.risk_at and status.state not in RUN_FINAL:
        state = DeadlineState.AT_RISK
    return deadline.model_copy(update={"state": state}) if state is not deadline.state else deadline


def _times(deadline: RunDeadline, status: DagRunStatus) -> Iterator[datetime]:
    if deadline.state is not DeadlineState.MISSED:
        yield deadline.at
    if deadline.state is DeadlineState.SET and deadline.risk_at is not None and status.state not in RUN_FINAL:
        yield deadline.risk_at


def _set(snapshot: RunSnapshot, plan: Plan, status: DagRunStatus, now: datetime) -> Iterator[RunDeadline]:
    """The deadlines before they are judged: those known, and those that begin now, in the order of the Dag."""
    before = snapshot.run.status
    is_adopted = before.revision is None and status.revision is not None
    is_cleared = before.state in RUN_FINAL and status.state not in RUN_FINAL
    is_started = status.started_at is not None and before.started_at != status.started_at
    known = {each.name: each for each in status.deadlines}
    since = now if is_cleared else snapshot.run.meta.created_at
    for deadline in plan.spec.deadlines:
        is_of_start = deadline.reference is DeadlineReference.STARTED_AT
        begins = is_started if is_of_start else is_adopted or (is_cleared and deadline.reference in _ANEW)
        if begins:
            reference = now if is_of_start else since
            yield from _worked_out(snapshot, plan, deadline, reference)
        elif deadline.name in known and not (is_of_start and is_cleared):
            yield known[deadline.name]


def _worked_out(snapshot: RunSnapshot, plan: Plan, deadline: Deadline, since: datetime) -> Iterator[RunDeadline]:
    """The deadline of this run, if it has one; `since` is the moment that it is set at."""
    found = _span(snapshot, plan, deadline, since)
    if found is None:
        return
    start, end = found
    if end > _floor(snapshot, since):
        yield RunDeadline(name=deadline.name, at=end, risk_at=_risk_at(deadline, start, end))


def _span(snapshot: RunSnapshot, plan: Plan, deadline: Deadline, since: datetime) -> tuple[datetime, datetime] | None:
    """What it counts from, and when it is missed; None for a run that has no such time."""
    within, spec = deadline.within or timedelta(0), snapshot.run.spec
    match deadline.reference:
        case DeadlineReference.LOGICAL_DATE:
            return (spec.logical_date, spec.logical_date + within) if spec.logical_date is not None else None
        case DeadlineReference.QUEUED_AT | DeadlineReference.STARTED_AT:
            return since, since + within
        case DeadlineReference.AVERAGE_RUNTIME:
            last = snapshot.runtimes[: deadline.runs]
            average = sum(last, timedelta(0)) / len(last) if len(last) == deadline.runs else None
            return (since, since + average + within) if average is not None else None
        case _:
            about = spec.interval_end or spec.logical_date or since
            zone = plan.spec.schedule.timezone if plan.spec.schedule is not None else "UTC"
            return about, next_at(deadline.at or "", zone, about) + within


def _floor(snapshot: RunSnapshot, since: datetime) -> datetime:
    """The moment before which nobody could have met the deadline."""
    dag, run_type = snapshot.dag, snapshot.run.spec.run_type
    if dag is None or run_type not in (RunType.SCHEDULED, RunType.ASSET_TRIGGERED) or snapshot.backfill is not None:
        return since
    paused = (each.last_transition_time for each in dag.status.conditions if each.type == "Paused")
    return max((dag.status.enabled_at or dag.meta.created_at, *paused))


def _risk_at(deadline: Deadline, start: datetime, end: datetime) -> datetime | None:
    text = deadline.at_risk
    if text is None:
        return None
    if text.endswith("%"):
        return start + (end - start) * int(text[:-1]) / 100
    return end - parse_duration(text)
