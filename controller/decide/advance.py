"""A running run's tasks -> which may start and which end without running, judged in topological order.

Only tasks downstream of a change are looked at; a task that settles here puts its own downstream in the queue, so that
all endings of an instant are judged together, each task seeing the states just given to the ones before it.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from controller.decide.trigger_rules import count_states, judge
from controller.model.dagrun import Settled
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.states import TASK_FINAL, TaskState

ACTIVE: Final = "Active"
"""The count of tasks that have a TaskRun and have not ended."""
_COUNTED_AS: Final = {state: state.value if state in TASK_FINAL else ACTIVE for state in TaskState}


@dataclass(frozen=True, slots=True)
class Advance:
    """How the run's tasks stand after this look."""

    states: Mapping[str, TaskState]
    """Every task that has a TaskRun or is settled."""
    starts: tuple[str, ...]
    """Tasks that get a TaskRun now, in topological order."""
    settled: Settled
    """Tasks that ended without a TaskRun, those of now included."""
    counts: Mapping[str, int]
    """Ended tasks by state, and those at work as `Active`."""

    @property
    def done(self) -> int:
        """How many tasks have ended."""
        return sum(number for state, number in self.counts.items() if state != ACTIVE)


def advance(snapshot: RunSnapshot, plan: Plan, *, stopping: bool) -> Advance:
    """One look at the run; while `stopping` nothing starts and what has no TaskRun ends as Skipped."""
    states: dict[str, TaskState] = {
        **snapshot.run.status.settled.by_task(),
        **{task: task_run.status.state for task, task_run in snapshot.task_runs.items() if task in plan.tasks},
    }
    starts = _stop(states, plan) if stopping else _judge_tasks(states, plan, snapshot.changed)
    settled = {task: states[task] for task in states.keys() - snapshot.task_runs.keys()}
    counts = Counter(map(_COUNTED_AS.__getitem__, states.values()))
    if starts:
        counts[ACTIVE] += len(starts)
    return Advance(states, starts, _settled(settled, plan), dict(sorted(counts.items())))


def _stop(states: dict[str, TaskState], plan: Plan) -> tuple[str, ...]:
    for task in plan.graph.order:
        states.setdefault(task, TaskState.SKIPPED)
    return ()


def _judge_tasks(states: dict[str, TaskState], plan: Plan, changed: frozenset[str] | None) -> tuple[str, ...]:
    """Judge what may have changed; `states` gains the tasks that settle."""
    graph = plan.graph
    queue = [graph.rank[task] for task in _candidates(plan, changed)]
    heapq.heapify(queue)
    queued = set(queue)
    starts: list[str] = []
    while queue:
        task = graph.order[heapq.heappop(queue)]
        if task in states:
            continue
        planned = plan.tasks[task]
        verdict = judge(planned.trigger_rule, count_states(states.get(before) for before in graph.upstream[task]))
        if verdict.runs and not planned.is_podless:
            starts.append(task)
            continue
        settles_as = TaskState.SUCCESS if verdict.runs else verdict.ends_as
        if settles_as is not None:
            states[task] = settles_as
            for later in graph.downstream[task]:
                if graph.rank[later] not in queued:
                    queued.add(graph.rank[later])
                    heapq.heappush(queue, graph.rank[later])
    return tuple(starts)


def _candidates(plan: Plan, changed: frozenset[str] | None) -> Iterable[str]:
    if changed is None:
        return plan.graph.order
    return {later for task in changed if task in plan.graph.rank for later in (task, *plan.graph.downstream[task])}


def _settled(states: Mapping[str, TaskState], plan: Plan) -> Settled:
    by_state: dict[TaskState, list[str]] = {}
    for task in sorted(states, key=lambda name: plan.graph.rank.get(name, 0)):
        by_state.setdefault(states[task], []).append(task)
    return Settled(
        success=tuple(by_state.get(TaskState.SUCCESS, ())),
        skipped=tuple(by_state.get(TaskState.SKIPPED, ())),
        upstream_failed=tuple(by_state.get(TaskState.UPSTREAM_FAILED, ())),
    )
