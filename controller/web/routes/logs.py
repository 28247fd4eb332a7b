"""The log of one attempt, live from the API server with the caller's own right to read it."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.responses import StreamingResponse

from controller.model.metadata import Key
from controller.web.authorise import LogsHere
from controller.web.logs import LogQuery, open_log
from controller.web.names import AttemptNumber, RunName, TaskName
from controller.web.problems import Missing, Problem
from controller.web.queries.tasks import one_task
from controller.web.routes import address
from controller.web.streams import Streams

router = address.router("logs")


class Attempt:
    """Which attempt the address names."""

    def __init__(self, run: RunName, task: TaskName, attempt: AttemptNumber) -> None:
        self.run, self.task, self.number = run, task, attempt


@router.get(
    address.HERE + "/runs/{run}/tasks/{task}/attempts/{attempt}/log",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/plain": {}}, "description": "The log, as the task wrote it."},
        410: {"model": Problem, "description": "The Pod is gone, and its log with it."},
    },
)
async def log(
    namespace: Annotated[str, Path()],
    access: LogsHere,
    which: Annotated[Attempt, Depends()],
    asked: Annotated[LogQuery, Query()],
) -> StreamingResponse:
    """What container main of the attempt's Pod has written, as plain text; `follow` goes on as it writes."""
    of_run = await address.run_of(access, namespace, which.run)
    found = await access.parts.reader.ask(lambda session: one_task(session, of_run.uid, which.task, asked.index))
    if found is None:
        raise address.no_task(which.run, which.task)
    pod = next((each.pod for each in found.attempts if each.number == which.number), None)
    if pod is None:
        raise Missing(f"Task {which.task} has no attempt {which.number}", way_on=f"It has {found.attempt} so far")
    user = await access.user()
    access.parts.streams.check(user)
    pieces = await open_log(access.session, Key(namespace, pod), asked, access.parts.settings.log_bytes)
    return StreamingResponse(_counted(access.parts.streams, user, pieces), media_type="text/plain; charset=utf-8")


async def _counted(streams: Streams, user: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    with streams.opened(user):
        async for piece in pieces:
            yield piece
