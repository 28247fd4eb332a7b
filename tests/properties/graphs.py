"""Random Dags and what their tasks do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from controller.decide.trigger_rules import RULES, count_states, judge
from controller.model.action import Kind
from controller.model.states import TaskState
from controller.model.task import TriggerRule
from controller.simulate.kubelet import Work
from tests.scenarios.story import Story, at

MAX_TASKS = 8
ENDS = ("success", "success", "success", "failed", "failed", "skipped", "evicted")
WORKS = {
    "success": Work(),
    "failed": Work(exit_code=1),
    "skipped": Work(exit_code=99),
    "evicted": Work(exit_code=137, pod_reason="Evicted"),
}


@dataclass(frozen=True)
class Case:
    """A Dag, the limits that it meets and how each attempt ends."""

    tasks: tuple[Mapping[str, Any], ...]
    ends: Mapping[str, tuple[str, ...]]
    """For each task that has a Pod, how its attempts end; the last holds for all that follow."""
    seconds: Mapping[str, int]
    parallelism: int = 32
    max_active_tasks: int = 16
    pool_slots: int = 2
    order: tuple[int, ...] = field(default=())
    """The places of the tasks in the manifest."""

    def story(self) -> Story:
        """The Dag and one run of it, before anything has happened."""
        works = {task: [_timed(WORKS[end], self.seconds[task]) for end in ends] for task, ends in self.ends.items()}
        story = Story(works, parallelism=self.parallelism)
        story.apply(Kind.POOL, "small", {"slots": self.pool_slots})
        tasks = [self.tasks[place] for place in self.order] if self.order else list(self.tasks)
        spec = {"concurrency": {"maxActiveTasks": self.max_active_tasks}, "tasks": tasks}
        story.apply(Kind.DAG, "d", spec)
        story.trigger()
        return story

    def allowed(self, states: Mapping[str, TaskState]) -> dict[str, set[TaskState]]:
        """The states that each task may end in, given how its upstream ended.

        More than one where two of a rule's endings hold, and the one that held first counted.
        """
        return {task["name"]: self._allowed(task, states) for task in self.tasks}

    def _allowed(self, task: Mapping[str, Any], states: Mapping[str, TaskState]) -> set[TaskState]:
        rule = TriggerRule(task["triggerRule"])
        counts = count_states(states[before] for before in task["dependsOn"])
        if judge(rule, counts).runs:
            return {TaskState.SUCCESS if "noop" in task else self._result(task)}
        return {state for holds, state in RULES[rule].endings if holds(counts)}

    def _result(self, task: Mapping[str, Any]) -> TaskState:
        """How a task that runs ends, its retries and the three of the infrastructure spent."""
        ends, spent, evictions = self.ends[task["name"]], 0, 0
        for number in range(100):
            match ends[min(number, len(ends) - 1)]:
                case "success":
                    return TaskState.SUCCESS
                case "skipped":
                    return TaskState.SKIPPED
                case "failed":
                    spent += 1
                case _:
                    evictions += 1
            if spent > task["retries"] or evictions > 3:
                return TaskState.FAILED
        raise AssertionError("the budgets never end")


def _timed(work: Work, seconds: int) -> Work:
    return Work(seconds, work.exit_code, pod_reason=work.pod_reason)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any small Dag with any limits."""
    names = [f"t{number}" for number in range(draw(st.integers(1, MAX_TASKS)))]
    tasks = []
    for place, name in enumerate(names):
        kind: dict[str, Any] = {"noop": {}} if draw(st.integers(0, 5)) == 0 else {"script": "true"}
        upstream = draw(st.lists(st.sampled_from(names[:place]), unique=True, max_size=3)) if place else []
        tasks.append(
            {
                "name": name,
                **kind,
                "dependsOn": sorted(upstream),
                "triggerRule": draw(st.sampled_from(list(TriggerRule))).value,
                "retries": draw(st.integers(0, 2)),
                "retryDelay": "3s",
                "pool": draw(st.sampled_from(["default", "default", "small"])),
            }
        )
    podful = [task["name"] for task in tasks if "noop" not in task]
    return Case(
        tasks=tuple(tasks),
        ends={name: tuple(draw(st.lists(st.sampled_from(ENDS), min_size=1, max_size=3))) for name in podful},
        seconds={name: draw(st.integers(1, 4)) for name in podful},
        parallelism=draw(st.integers(1, 5)),
        max_active_tasks=draw(st.integers(1, 4)),
        pool_slots=draw(st.integers(1, 2)),
    )


START = at("2026-01-01")
