"""Why a run, or a task of it, does not run: what the deciders say of the rows as they stand."""

from datetime import UTC, datetime
from functools import partial

from controller.web.authorise import RunsHere, TasksHere
from controller.web.names import RunName, TaskName
from controller.web.queries.reasons import Why
from controller.web.queries.why import why_run, why_task
from controller.web.routes import address
from controller.web.routes.tasks import Index

router = address.router("why")


@router.get(address.HERE + "/runs/{run}/why")
async def run_why(namespace: str, run: RunName, access: RunsHere) -> Why:
    """Why the run has not begun or goes on no more, and the first reason of each task that has not ended."""
    found = await access.parts.reader.ask(partial(why_run, namespace=namespace, name=run, now=datetime.now(UTC)))
    if found is None:
        raise address.no_run(namespace, run)
    return found


@router.get(address.HERE + "/runs/{run}/tasks/{task}/why")
async def task_why(namespace: str, run: RunName, task: TaskName, access: TasksHere, index: Index = None) -> Why:
    """Why the task does not run; of a mapped task without an `index`, each instance that has not ended."""
    now = datetime.now(UTC)
    ask = partial(why_task, namespace=namespace, name=run, task=task, index=index, now=now)
    found = await access.parts.reader.ask(ask)
    if found is None:
        raise address.no_run(namespace, run)
    return found
