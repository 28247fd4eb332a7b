"""The tasks of a run, and one task with its attempts and its output."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.web.answer import Page
from controller.web.authorise import TasksHere
from controller.web.names import RunName, TaskName
from controller.web.paging import PageQuery
from controller.web.queries.tasks import Span, TaskDetail, TaskLine, TaskQuery, list_spans, list_tasks, one_task
from controller.web.routes import address

router = address.router("tasks")

Index = Annotated[int | None, Query(ge=0, le=1_000_000, description="The place in a mapped task.")]


@router.get(address.HERE + "/runs/{run}/tasks")
async def tasks(
    request: Request, response: Response, access: TasksHere, run: RunName, asked: Annotated[TaskQuery, Query()]
) -> Page[TaskLine]:
    """The run's tasks that have begun to exist, by name and index."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    found = await address.run_of(access, access.namespace, run)
    return await access.parts.reader.ask(lambda session: list_tasks(session, found.uid, asked))


@router.get(address.HERE + "/runs/{run}/attempts")
async def attempts(
    request: Request, response: Response, access: TasksHere, run: RunName, asked: Annotated[PageQuery, Query()]
) -> Page[Span]:
    """Every attempt of the run's tasks as a span of time, by task, index and number."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    found = await address.run_of(access, access.namespace, run)
    return await access.parts.reader.ask(lambda session: list_spans(session, found.uid, asked))


@router.get(address.HERE + "/runs/{run}/tasks/{task}")
async def task(namespace: str, run: RunName, task: TaskName, access: TasksHere, index: Index = None) -> TaskDetail:
    """One task of the run, with every attempt and its output."""
    of_run = await address.run_of(access, namespace, run)
    found = await access.parts.reader.ask(lambda session: one_task(session, of_run.uid, task, index))
    if found is None:
        raise address.no_task(run, task)
    return found
