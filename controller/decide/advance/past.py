"""The run before -> whether a task that depends on its past may run. Source: Airflow 3.3, `PrevDagrunDep`.

The same task there must have ended as Success or Skipped, each of its instances; of a mapped task the same element, or
all of them where it had not as many. With `waitForDownstream` so must the tasks directly after it, as far as that run
has them.
"""

from controller.decide.advance.scene import Scene
from controller.decide.trigger_rules import RUNS, Verdict
from controller.decide.validity import judge_spec
from controller.model.instance import instance_id
from controller.model.plan import Plan
from controller.model.snapshot import PreviousRun
from controller.model.states import TASK_SUCCEEDED


def past_verdict(scene: Scene, task: str, index: int | None) -> Verdict:
    """Runs where the task does not depend on its past, there is none, or it went well."""
    previous = scene.snapshot.previous
    planned = scene.plan.tasks[task]
    if not planned.depends_on_past or previous is None:
        return RUNS
    plan = judge_spec(previous.revision.spec_json).plan if previous.revision is not None else None
    if plan is not None and task not in plan.tasks:
        return RUNS if planned.settings.ignore_first_depends_on_past else _waits(task, "is not", previous)
    if not _went_well(previous, plan, task, index):
        return _waits(task, "has not succeeded", previous)
    if planned.wait_for_downstream:
        for later in scene.plan.graph.downstream[task]:
            is_there = plan is None or later in plan.tasks
            if is_there and not _went_well(previous, plan, later, None):
                return _waits(later, "has not succeeded", previous)
    return RUNS


def _went_well(previous: PreviousRun, plan: Plan | None, task: str, index: int | None) -> bool:
    source = plan.tasks[task].mapped_by if plan is not None else None
    count = previous.expansions.get(source, 0) if source is not None else 0
    if index is not None and index < count:
        return previous.standing.state(instance_id(task, index)) in TASK_SUCCEEDED
    counts = previous.standing.counts(task)
    return counts.keys() <= TASK_SUCCEEDED and sum(counts.values()) >= (count or 1)


def _waits(task: str, what: str, previous: PreviousRun) -> Verdict:
    return Verdict(reason=f"Task {task} {what} in the run before, {previous.name}", of_past=True)
