"""What was asked of Kubernetes for a task: as much as its Pod shows, so it takes the right to see Pods."""

from functools import partial
from typing import Annotated

from fastapi import Depends

from controller.web.authorise import Access, InNamespace
from controller.web.names import RunName, TaskName
from controller.web.need import Need
from controller.web.queries.spec import TaskSpec, task_spec
from controller.web.routes import address
from controller.web.routes.tasks import Index

router = address.router("tasks")

PodsHere = Annotated[Access, Depends(InNamespace(Need("get", "pods", group="")))]


@router.get(address.HERE + "/runs/{run}/tasks/{task}/spec")
async def spec(namespace: str, run: RunName, task: TaskName, access: PodsHere, index: Index = None) -> TaskSpec:
    """The task's TaskRun and Pod as the controller renders them.

    Values of variables that are secrets by their names are hidden.
    """
    image = access.parts.settings.default_task_image
    ask = partial(task_spec, place=(namespace, run), task=task, index=index, image=image)
    found = await access.parts.reader.ask(ask)
    if found is None:
        raise address.no_run(namespace, run)
    return found
