"""An instance that has no TaskRun at work -> what the run's decider says of it: ended, waiting for what, or next."""

from collections.abc import Iterator

from controller.decide.advance.expand import work_out
from controller.decide.advance.judges import verdict_on
from controller.decide.advance.scene import Scene
from controller.decide.trigger_rules import Verdict
from controller.decide.why.reason import Reason
from controller.model.instance import instance_id
from controller.model.plan import Plan
from controller.model.snapshot import RunSnapshot
from controller.model.standing import Look
from controller.model.states import TASK_FINAL, airflow_name

_TOLD = 20


def scene_of(snapshot: RunSnapshot, plan: Plan) -> Scene:
    """The run as one look of its decider begins."""
    status = snapshot.run.status
    return Scene(
        snapshot, plan, Look(snapshot.standing), expansions=dict(status.expansions), followed=dict(status.followed)
    )


def unbegun_reasons(scene: Scene, task: str, index: int | None) -> Iterator[Reason]:
    """Why the instance has not begun."""
    me = f"task/{instance_id(task, index)}"
    verdict = verdict_on(scene, task, index)
    if verdict.ends_as is not None:
        ends_as = airflow_name(verdict.ends_as)
        yield Reason("Due", me, f"It ends as {ends_as} at the controller's next look: {verdict.reason}")
    elif verdict.of_past and scene.snapshot.previous is not None:
        yield Reason("PreviousRun", f"dagrun/{scene.snapshot.previous.name}", verdict.reason)
    elif not verdict.runs:
        yield from _by_rule(scene, task, index, verdict)
    else:
        yield _mapped(scene, task, index) or Reason("Due", me, "Nothing stands in its way: it begins at the next look")


def _by_rule(scene: Scene, task: str, index: int | None, verdict: Verdict) -> Iterator[Reason]:
    yield Reason("TriggerRule", f"task/{instance_id(task, index)}", verdict.reason)
    missing = [each for before in scene.plan.graph.upstream[task] for each in _missing(scene, task, index, before)]
    yield from missing[:_TOLD]
    if len(missing) > _TOLD:
        yield Reason("Upstream", f"task/{task}", f"{len(missing) - _TOLD} more are missing")


def _missing(scene: Scene, task: str, index: int | None, before: str) -> Iterator[Reason]:
    """Where the upstream task stands, as far as it has not ended."""
    instance = scene.counterpart(task, before, index)
    if instance is None:
        count, counts = scene.count(before) or 1, scene.look.counts(before)
        left = count - sum(number for state, number in counts.items() if state in TASK_FINAL)
        if left:
            yield Reason("Upstream", f"task/{before}", f"{left} of {count} instances of task {before} have not ended")
        return
    state = scene.look.state(instance)
    if state is None:
        yield Reason("Upstream", f"task/{instance}", f"Task {instance} has not begun")
    elif state not in TASK_FINAL:
        task_run = scene.snapshot.task_runs.get(instance)
        since = task_run.meta.created_at if task_run is not None else None
        yield Reason("Upstream", f"task/{instance}", f"Task {instance} is {airflow_name(state)}", since)


def _mapped(scene: Scene, task: str, index: int | None) -> Reason | None:
    """What a mapping itself holds back."""
    source = scene.plan.tasks[task].mapped_by
    if source is None:
        return None
    if scene.count(task) is None:
        found = work_out(scene, source)
        return Reason("Mapping", f"task/{source}", found.reason) if found.items is None else None
    window = scene.plan.maps[source].window
    unfinished = sum(number for state, number in scene.look.counts(task).items() if state not in TASK_FINAL)
    if unfinished < window:
        return None
    message = f"{unfinished} of {window} instances of task {task} are at work, as many as its window lets"
    return Reason("MappingWindow", f"task/{task}", message)
