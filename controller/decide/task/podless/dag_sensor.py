"""This run's data interval, another Dag's schedule and its runs -> done once that Dag's work about the same time is.

Let [s, e] be this run's data interval, both ends earlier by `offset`. A run without an interval is about the instant
of its logical date; one without a logical date has nothing to wait for, and the sensor succeeds at once.

A slot or run of the other Dag with the interval [a, b] is *about the same time* when

    a = b           s <= a < e; where s = e: a = s              an instant within
    s < e, a < b    s <= a and b <= e                           a part of it
    s = e, a < b    a <= s < b                                  the one around that instant

and if none is, when [a, b] contains [s, e]: the other Dag's slots are longer.

    this run             the other Dag              it waits for
    daily, interval      hourly, either mode        the 24 runs of that day
    hourly, interval     daily, interval            the run about the day that it is a part of
    daily trigger 06:00  daily trigger 06:00        the run of that instant; of 05:00 with offset: 1h

It waits for all *slots* of the other Dag's schedule, as it is now, that are about the same time, whether their
runs exist already or not, and whatever its `catchup` says: for a slot that never gets a run it waits until `timeout`.
Where that Dag has no schedule, or no slot then, it waits for the runs that exist, and for one at least.

A slot has arrived when one of its runs has: the run, or with `task` all instances of that task, ended in one of
`states`; UpstreamFailed counts as Failed. As soon as a slot has no run that arrived, and one that ended in one of
`failOn`, the sensor fails for good. Runs are found by their logical dates, whatever made them.

No look goes out of memory: observe asks again when one of these runs changes, and `interval` is only for safety.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from controller.decide.calendar import Slot, Timetable
from controller.decide.task.case import Case
from controller.decide.task.podless.answer import Answer, failed, succeeded
from controller.decide.task.podless.poll import INTERVAL, TIMEOUT, time_is_up
from controller.decide.validity import judge_spec
from controller.model.dagrun import DagRun
from controller.model.kinds import DagSensor
from controller.model.outside import OtherRun
from controller.model.states import TASK_FINAL, RunState, TaskState
from controller.model.timestamps import format_time

MOST_SLOTS: Final = 2000
"""More is a mistake: a day has 1,440 minutes."""
_AS_FAILED: Final = {TaskState.UPSTREAM_FAILED: TaskState.FAILED.value}


@dataclass(frozen=True, slots=True)
class Span:
    """A data interval; an instant where both ends are the same."""

    start: datetime
    end: datetime

    def has(self, other: "Span") -> bool:
        """Whether the other one is about the same time, and not longer."""
        if other.start == other.end:
            return self.start <= other.start < self.end or self.start == self.end == other.start
        if self.start == self.end:
            return other.start <= self.start < other.end
        return self.start <= other.start and other.end <= self.end

    def is_in(self, other: "Span") -> bool:
        """Whether the other one contains this one."""
        return other.start <= self.start and self.end <= other.end


def judge_dag_sensor(case: Case, begun_at: datetime) -> Answer:
    """Where the sensor stands."""
    sensor = case.task.written.dag_sensor
    assert sensor is not None  # noqa: S101 the kind says so
    span = _span(case.run, sensor.offset)
    if span is None:
        return succeeded("NoInterval", "The run has no logical date, so there is nothing to wait for", {"runs": 0})
    runs = _about(span, case.snapshot.outside.runs)
    slots = _slots(case, sensor, span)
    if len(slots) > MOST_SLOTS:
        return failed(
            "TooManySlots", f"Dag {sensor.dag} has more than {MOST_SLOTS:,} slots in this run's data interval"
        )
    groups = _by_date(runs, slots)
    missing = [
        date for date, found in groups.items() if not any(_has_ended_as(each, sensor, sensor.states) for each in found)
    ]
    for date in missing:
        if any(_has_ended_as(each, sensor, sensor.fail_on) for each in groups[date]):
            return failed("RunFailed", f"{_capital(_named(sensor))} about {format_time(date)} ended as failOn says")
    if groups and not missing:
        return succeeded("Arrived", f"All {len(groups)} of {_named(sensor)} have arrived", {"runs": len(groups)})
    trouble = _trouble(case, sensor, missing, len(groups))
    deadline = begun_at + (sensor.timeout or TIMEOUT)
    if case.now >= deadline:
        return time_is_up(sensor, f"{_capital(_named(sensor))} did not arrive", trouble)
    again_at = min(deadline, case.now + (sensor.interval or INTERVAL))
    return Answer(reason="Dag", message=f"Waiting for {_named(sensor)}: {trouble}", wake_at=again_at)


def _span(run: DagRun, offset: timedelta | None) -> Span | None:
    spec = run.spec
    start = spec.interval_start or spec.logical_date
    end = spec.interval_end or spec.logical_date
    if start is None or end is None or spec.logical_date is None:
        return None
    earlier = offset or timedelta(0)
    return Span(start - earlier, end - earlier)


def _about(span: Span, runs: Iterable[OtherRun]) -> list[OtherRun]:
    """The runs about the same time."""
    spans = [(each, found) for each in runs if (found := _span(each.run, None)) is not None]
    within = [each for each, found in spans if span.has(found)]
    return within or [each for each, found in spans if span.is_in(found)]


def _slots(case: Case, sensor: DagSensor, span: Span) -> tuple[datetime, ...]:
    """The logical dates of the other Dag's slots about the same time."""
    dag = case.snapshot.outside.dag
    return _slots_about(dag.spec_json, span) if dag is not None else ()


@functools.lru_cache(maxsize=1024)
def _slots_about(spec_json: str, span: Span) -> tuple[datetime, ...]:
    plan = judge_spec(spec_json).plan
    if plan is None or plan.spec.schedule is None or not plan.spec.schedule.has_times:
        return ()
    timetable = Timetable.of(plan.spec.schedule)
    around = timetable.latest(span.start)
    first = [] if around is None else [around]
    slots = [*first, *_from(timetable, span)]
    within = dict.fromkeys(slot.logical_date for slot in slots if span.has(Span(slot.start, slot.end)))
    containing = dict.fromkeys(slot.logical_date for slot in slots if span.is_in(Span(slot.start, slot.end)))
    return tuple(within or containing)


def _from(timetable: Timetable, span: Span) -> Iterator[Slot]:
    for count, slot in enumerate(timetable.slots_from(span.start)):
        if slot.start > span.end or count > MOST_SLOTS:
            return
        yield slot


def _by_date(runs: Iterable[OtherRun], slots: Sequence[datetime]) -> dict[datetime, list[OtherRun]]:
    """What is waited for, by logical date, the oldest first: the slots, else what runs there are."""
    groups: dict[datetime, list[OtherRun]] = {date: [] for date in slots}
    for each in runs:
        date = each.run.spec.logical_date
        if date is not None and (date in groups or not slots):
            groups.setdefault(date, []).append(each)
    return dict(sorted(groups.items()))


def _has_ended_as(other: OtherRun, sensor: DagSensor, states: Sequence[str]) -> bool:
    """Whether the run, or the task in it, has ended in one of these states."""
    run = other.run
    if sensor.task is None:
        return run.status.state.value in states and run.status.state is not RunState.RUNNING
    counts = other.counts
    ended = {state: count for state, count in counts.items() if state in TASK_FINAL}
    if sum(ended.values()) < max(1, _instances(other, sensor.task)) or len(ended) < len(counts):
        return False
    return all(_AS_FAILED.get(state, state.value) in states for state in ended)


def _instances(other: OtherRun, task: str) -> int:
    """How many instances the task has in that run."""
    plan = judge_spec(other.revision.spec_json).plan if other.revision is not None else None
    planned = plan.tasks.get(task) if plan is not None else None
    source = planned.mapped_by if planned is not None else None
    return 1 if source is None else other.run.status.expansions.get(source, 1)


def _trouble(case: Case, sensor: DagSensor, missing: Sequence[datetime], count: int) -> str:
    dag = case.snapshot.outside.dag
    if dag is None:
        return f"Dag {sensor.dag} does not exist"
    plan = judge_spec(dag.spec_json).plan
    if plan is None:
        return f"Dag {sensor.dag} is not valid"
    if sensor.task is not None and sensor.task not in plan.tasks:
        return f"Dag {sensor.dag} has no task {sensor.task}"
    if not count:
        return "there is no run, and no slot of its schedule, about the same time"
    return f"{len(missing)} of {count} have not arrived, the first is about {format_time(missing[0])}"


def _named(sensor: DagSensor) -> str:
    return f"runs of Dag {sensor.dag}" if sensor.task is None else f"task {sensor.task} of Dag {sensor.dag}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
