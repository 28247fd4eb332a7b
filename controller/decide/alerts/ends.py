"""A run's TaskRuns and what was told of them -> the ends of attempts that are news, and the memory of them.

An attempt that failed is `taskFailed` where the task has failed for good, else `taskRetried`. One that was ended with
its run, or for another task's failure, is neither: that has a cause which is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from controller.model.alerts import TASK_EVENTS, Alert, AlertEvent
from controller.model.dagrun import DagRunStatus
from controller.model.instance import folded, task_and_index, unfolded
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.states import TASK_FINAL, TaskState
from controller.model.taskrun import Attempt, Fault, TaskRun

WITHOUT_TASK_RUN = 0
"""The number of the end of a task that failed before it could have a TaskRun."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of an attempt."""

    instance: str
    number: int
    event: AlertEvent

    @property
    def place(self) -> tuple[str, int, int]:
        """By which ends are ordered: the third instance comes before the tenth."""
        task, index = task_and_index(self.instance)
        return task, -1 if index is None else index, self.number

    def __str__(self) -> str:
        return f"{self.instance}/{self.number}"


def new_ends(snapshot: RunSnapshot, status: DagRunStatus, alerts: Iterable[Alert]) -> tuple[End, ...]:
    """The ends that no alert was noted for, sorted; `status` is the run's as it is going to be."""
    events = frozenset(event for alert in alerts for event in alert.events if event in TASK_EVENTS)
    if not events:
        return ()
    ended = [task_run for task_run in _looked_at(snapshot) if any(_events(task_run, events))]
    if not ended and not status.settled.failed:
        return ()
    known = told_by_instance(status)
    news = (end for task_run in ended for end in _events(task_run, events) if end.number > known.get(end.instance, -1))
    return tuple(sorted((*news, *_settled(status, known)), key=lambda end: end.place))


def told_by_instance(status: DagRunStatus) -> dict[str, int]:
    """The last attempt of each instance whose end was noted."""
    told = status.alerting.told if status.alerting is not None else {}
    found = {each: int(number) for number, names in told.items() for each in unfolded(names)}
    failed = frozenset(unfolded(status.settled.failed)) if str(WITHOUT_TASK_RUN) in told else frozenset()
    return {each: number for each, number in found.items() if number or each in failed}


def told_after(status: DagRunStatus, ends: Iterable[End]) -> dict[str, tuple[str, ...]]:
    """The memory once these were noted, too."""
    by_number: dict[int, list[str]] = {}
    for instance, number in (told_by_instance(status) | {end.instance: end.number for end in ends}).items():
        by_number.setdefault(number, []).append(instance)
    return {str(number): folded(names) for number, names in sorted(by_number.items())}


def concerning(alert: Alert, event: AlertEvent, ends: Iterable[End], plan: Plan) -> tuple[End, ...]:
    """The ends that an alert tells of as this event."""
    tasks = frozenset(plan.named(alert.tasks)) if alert.tasks else None
    found = (end for end in ends if end.event is event)
    return tuple(end for end in found if tasks is None or task_and_index(end.instance)[0] in tasks)


def _looked_at(snapshot: RunSnapshot) -> Iterator[TaskRun]:
    """The TaskRuns that may have news."""
    if snapshot.changed is None:
        return iter(snapshot.task_runs.values())
    return (snapshot.task_runs[instance] for instance in snapshot.changed if instance in snapshot.task_runs)


def _events(task_run: TaskRun, events: frozenset[AlertEvent]) -> Iterator[End]:
    """The ends of its attempts, as far as they are listed; of successes only where somebody asks for them."""
    for attempt in task_run.status.attempts:
        event = _event(task_run, attempt)
        if event is not None and (event is not AlertEvent.TASK_SUCCEEDED or event in events):
            yield End(task_run.instance, attempt.number, event)


def _event(task_run: TaskRun, attempt: Attempt) -> AlertEvent | None:
    if attempt.state is TaskState.SUCCESS:
        return AlertEvent.TASK_SUCCEEDED
    if attempt.state is not TaskState.FAILED or attempt.fault is Fault.CANCELLED:
        return None
    is_last, state = attempt.number == task_run.ended_attempts, task_run.status.state
    if is_last and state in TASK_FINAL:
        return AlertEvent.TASK_FAILED if state is TaskState.FAILED else None
    return AlertEvent.TASK_RETRIED


def _settled(status: DagRunStatus, known: Mapping[str, int]) -> Iterator[End]:
    for instance in unfolded(status.settled.failed):
        if instance not in known and instance in status.notes:
            yield End(instance, WITHOUT_TASK_RUN, AlertEvent.TASK_FAILED)
