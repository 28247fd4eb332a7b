"""What a cluster in memory tells -> for each of its runs, how it and its tasks stand, and every change of a state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from controller.model.action import Kind
from controller.model.alerts import Alerting, AlertRecord
from controller.model.dagrun import SETTLED_AS
from controller.model.instance import instance_id, task_and_index, unfolded
from controller.model.names import LABEL_RUN, LABEL_TRY
from controller.model.plan import Plan
from controller.model.states import RunState, TaskState
from controller.model.timestamps import parse_time
from controller.simulate.cluster import Raw
from controller.simulate.kubelet import instance_of
from controller.simulate.world import World

_SETTLED: Final = {
    "upstreamFailed" if field == "upstream_failed" else field: state for field, state in SETTLED_AS.items()
}
_WORST_FIRST: Final = (
    TaskState.FAILED,
    TaskState.UPSTREAM_FAILED,
    TaskState.RUNNING,
    TaskState.DEFERRED,
    TaskState.UP_FOR_RETRY,
    TaskState.QUEUED,
    TaskState.SCHEDULED,
    TaskState.SUCCESS,
    TaskState.SKIPPED,
    TaskState.REMOVED,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One change of one instance's state."""

    at: float
    """Seconds since the run was created."""
    instance: str
    """The task, or `task[3]` of a mapped one."""
    attempt: int
    """From 1; 0 for a task that ended without one."""
    state: TaskState


@dataclass(slots=True)
class Course:
    """How one run went."""

    name: str
    created_at: datetime
    logical_date: datetime | None
    state: RunState = RunState.QUEUED
    started_at: datetime | None = None
    finished_at: datetime | None = None
    states: dict[str, TaskState] = field(default_factory=dict)
    """By instance."""
    timeline: list[Moment] = field(default_factory=list)
    alerts: tuple[AlertRecord, ...] = ()
    """What is told of the run until its end, in order."""

    def of_tasks(self, plan: Plan) -> Mapping[str, TaskState | None]:
        """Each task's state, in the order of writing; of a mapped one the worst, None for one that never began."""
        by_task: dict[str, set[TaskState]] = {}
        for instance, state in self.states.items():
            by_task.setdefault(task_and_index(instance)[0], set()).add(state)
        return {task: _worst(by_task.get(task, ())) for task in plan.tasks}

    def of_instances(self) -> Mapping[str, TaskState]:
        """The states of the instances of mapped tasks, in the order of their elements."""
        mapped = [(task_and_index(each), state) for each, state in self.states.items() if each.endswith("]")]
        return {
            instance_id(*each): state for each, state in sorted(mapped, key=lambda pair: (pair[0][0], pair[0][1] or 0))
        }


class Recorder:
    """Reads what becomes of all runs of one Dag."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._rank = plan.graph.rank
        self._clock = world.clock
        self._started: set[str] = set()
        self.courses: dict[str, Course] = {}
        """By the run's name, in the order of creation."""
        world.cluster.watchers.append(self._see)

    def _see(self, kind: Kind, type_: str, raw: Raw) -> None:
        if kind is Kind.POD:
            self._see_pod(raw)
        elif kind is Kind.TASK_RUN:
            spec, status = raw["spec"], raw["status"]
            instance = instance_id(spec["task"], spec.get("index"))
            self._note(spec["dagRunRef"]["name"], instance, status.get("try", 0), TaskState(status["state"]))
        elif kind is Kind.DAG_RUN:
            self._see_run(raw)

    def _see_run(self, raw: Raw) -> None:
        name, status = raw["metadata"]["name"], raw["status"]
        course = self.courses.get(name)
        if course is None:
            course = self.courses[name] = Course(name, self._clock.now, _time(raw["spec"].get("logicalDate")))
        course.state = RunState(status["state"])
        course.started_at = _time(status.get("startedAt"))
        course.finished_at = _time(status.get("finishedAt"))
        course.alerts = Alerting.model_validate(status.get("alerting") or {}).records
        settled = status.get("settled") or {}
        states = {each: state for key, state in _SETTLED.items() for each in unfolded(settled.get(key, ()))}
        for instance in sorted(states.keys() - course.states.keys(), key=self._order):
            self._note(name, instance, 0, states[instance])

    def _see_pod(self, raw: Raw) -> None:
        """A running Pod is a running task, before any status says so."""
        metadata = raw["metadata"]
        if raw["status"].get("phase") == "Running" and metadata["uid"] not in self._started:
            self._started.add(metadata["uid"])
            labels = metadata["labels"]
            self._note(labels[LABEL_RUN], instance_of(raw), int(labels[LABEL_TRY]), TaskState.RUNNING)

    def _note(self, run: str, instance: str, attempt: int, state: TaskState) -> None:
        course = self.courses[run]
        if state is course.states.get(instance, TaskState.SCHEDULED):
            return
        course.states[instance] = state
        seconds = (self._clock.now - course.created_at).total_seconds()
        course.timeline.append(Moment(seconds, instance, attempt, state))

    def _order(self, instance: str) -> tuple[int, int]:
        """Topological order, then that of the elements."""
        task, index = task_and_index(instance)
        return self._rank[task], index or 0


def _worst(states: Iterable[TaskState]) -> TaskState | None:
    found = frozenset(states)
    return next((state for state in _WORST_FIRST if state in found), None)


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)
