"""A task of a run -> its TaskRun's spec and its Pod's shape, rendered anew by the controller's own rules.

Values of variables that by their names are secrets are not told; what comes from Secrets is only named anyway. A secret
that stands in plain words elsewhere, as in an argument, is told: it stands in the Dag and in the Pod just so.
"""

import re
from typing import Any, Final

from sqlalchemy.orm import Session

from controller.decide.advance.expand import item, values
from controller.decide.advance.scene import Scene
from controller.decide.pod import PodOrder, build_pod
from controller.decide.render import references
from controller.decide.render_faults import RenderFault
from controller.model.dag import canonical_json
from controller.model.instance import instance_id
from controller.model.policy import Policy
from controller.model.taskrun import TaskRun
from controller.web.answer import Answer
from controller.web.problems import Missing
from controller.web.queries.scene import run_object, run_row, scene_of_rows

HIDDEN: Final = "***"
_SECRET: Final = re.compile(r"passw|secret|token|credential|private|api_?key|access_?key|auth(?!or)", re.IGNORECASE)


class TaskSpec(Answer):
    """What was asked of Kubernetes for a task."""

    attempt: int
    """The attempt that the Pod is of: the newest, or the first to come."""
    task_run: dict[str, Any]
    """The TaskRun's spec; its `verdict` and `round` left out."""
    task: dict[str, Any]
    """The task as the Dag's revision has it, without what it takes from defaults."""
    pod: dict[str, Any] | None
    """The Pod's manifest with its templates filled in; absent for a task without a Pod. Memory that was raised after
    an attempt ran out of it, and the volume or bucket of artifacts, are the controller's to add."""
    fault: str | None
    """Why the Pod's templates can't be filled in, where they can't."""


def task_spec(session: Session, place: tuple[str, str], task: str, index: int | None, image: str) -> TaskSpec | None:
    """The spec of a task of the run at this namespace and name; None when there never was such a run.

    Missing where the run has no such task, or is not pinned to a revision yet. `image` is that of tasks without one.
    """
    row = run_row(session, *place)
    if row is None:
        return None
    scene = scene_of_rows(session, run_object(row))
    if scene is None:
        raise Missing(f"Run {row.name} has no revision of its Dag yet, or one that can't be read")
    task_run = scene.snapshot.task_runs.get(instance_id(task, index))
    if task not in scene.plan.tasks or task_run is None:
        raise Missing(f"Run {row.name} has no TaskRun of task {instance_id(task, index)}")
    if index is not None:
        spec = task_run.spec.model_copy(update={"item": canonical_json(item(scene, task, index))})
        task_run = TaskRun(task_run.meta, spec, task_run.status)
    pod, fault = _pod(scene, task_run, image)
    written = scene.plan.tasks[task].written
    return TaskSpec(
        attempt=max(1, task_run.status.attempt),
        task_run=task_run.spec.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude={"verdict", "round", "backfill"}
        ),
        task=_masked(written.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)),
        pod=_masked(pod) if pod is not None else None,
        fault=fault,
    )


def _pod(scene: Scene, task_run: TaskRun, image: str) -> tuple[dict[str, Any] | None, str | None]:
    planned = scene.plan.tasks[task_run.spec.task]
    if not planned.has_pod:
        return None, None
    texts = [*(planned.written.args or ()), *(each.value or "" for each in planned.settings.env or ())]
    read = frozenset(name for text in texts for root, name in references(text) if root == "tasks")
    readable = values(scene, task_run.spec.task, task_run.spec.index, read)
    attempt, policy = max(1, task_run.status.attempt), Policy(default_task_image=image)
    try:
        return build_pod(PodOrder(task_run, scene.snapshot.run, planned, attempt, readable, policy)), None
    except RenderFault as fault:
        return None, str(fault)


def _masked(value: Any) -> Any:
    """The value with secrets among lists of variables hidden."""
    match value:
        case {"name": str(name), "value": str(_)} if _SECRET.search(name):
            return {**value, "value": HIDDEN}
        case dict():
            return {name: _masked(inner) for name, inner in value.items()}
        case list():
            return [_masked(inner) for inner in value]
        case _:
            return value
