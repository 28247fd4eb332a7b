"""The run before -> whether a task that depends on its past may run. Source: Airflow 3.3, `PrevDagrunDep`."""

from controller.decide.advance.scene import Scene
from controller.decide.trigger_rules import RUNS, Verdict
from controller.model.instance import instance_id
from controller.model.snapshot import PreviousRun
from controller.model.states import TASK_SUCCEEDED, TaskState


def past_verdict(scene: Scene, task: str, index: int | None) -> Verdict:
    """Runs where the task does not depend on its past, there is none, or it went well."""
    previous = scene.snapshot.previous
    planned = scene.plan.tasks[task]
    if not planned.depends_on_past or previous is None:
        return RUNS
    states = _states(previous, task, index)
    if not states:
        return RUNS if planned.settings.ignore_first_depends_on_past else _waits(task, "never began", previous)
    if not _went_well(states):
        return _waits(task, "has not succeeded", previous)
    if planned.wait_for_downstream:
        for later in scene.plan.graph.downstream[task]:
            states = _states(previous, later, None)
            if not states or not _went_well(states):
                return _waits(later, "has not succeeded", previous)
    return RUNS


def _states(previous: PreviousRun, task: str, index: int | None) -> set[TaskState]:
    """The states of the task's instances there; of the same element, where it had as many."""
    same = previous.standing.state(instance_id(task, index)) if index is not None else None
    return {same} if same is not None else set(previous.standing.counts(task))


def _went_well(states: set[TaskState]) -> bool:
    return states <= TASK_SUCCEEDED


def _waits(task: str, what: str, previous: PreviousRun) -> Verdict:
    return Verdict(reason=f"Task {task} {what} in the run before, {previous.name}", of_past=True)
