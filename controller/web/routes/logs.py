"""The log of one attempt: live from the API server with the caller's own right to read it, else the archived one."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Query
from fastapi.responses import StreamingResponse

from controller.errors import Unauthenticated, Unavailable
from controller.model.metadata import Key
from controller.web.archived_logs import no_log, open_archived
from controller.web.authorise import LogsHere
from controller.web.logs import LogQuery, open_log
from controller.web.problems import Changed, Gone, Problem
from controller.web.routes import address
from controller.web.routes.attempts import InAddress, kept_of, pod_of
from controller.web.streams import Streams

router = address.router("logs")

_TEXT: Final = {"schema": {"type": "string"}}
_HEADERS: Final = {
    "X-Slipway-Log": {"description": "`live` or `archived`.", "schema": {"type": "string"}},
    "X-Slipway-Log-Truncated": {
        "description": "Of an archived log: how many bytes of its middle were not kept, at least.",
        "schema": {"type": "integer"},
    },
    "X-Slipway-Log-Timestamps": {
        "description": "`unavailable`: times were asked for, but an archived log has none.",
        "schema": {"type": "string"},
    },
}


@router.get(
    address.HERE + "/runs/{run}/tasks/{task}/attempts/{attempt}/log",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/plain": _TEXT},
            "description": "The log, as the task wrote it.",
            "headers": _HEADERS,
        },
        410: {"model": Problem, "description": "There is no log, and why."},
    },
)
async def log(
    namespace: str, access: LogsHere, which: InAddress, asked: Annotated[LogQuery, Query()]
) -> StreamingResponse:
    """What container main of the attempt's Pod has written, as plain text; `follow` goes on until the task ends.

    Where the Pod is gone, or the API server can't reach it, the archived log is given, if there is one.
    """
    found = await pod_of(access, which, asked.index)
    parts, user = access.parts, await access.user()
    parts.streams.check(user)
    try:
        pieces = await open_log(access.session, Key(namespace, found.pod), asked, parts.settings.log_bytes)
        headers = {"X-Slipway-Log": "live"}
    except (Gone, Changed, Unavailable) as error:
        kept = None if isinstance(error, Unauthenticated) else await kept_of(access, found)
        if kept is None:
            raise
        if kept.size is None:
            raise no_log(found.pod, kept) from error
        pieces = await open_archived(parts, kept, asked.tail)
        headers = {"X-Slipway-Log": "archived", "X-Slipway-Log-Truncated": str(kept.left_out)}
        if asked.timestamps:
            headers["X-Slipway-Log-Timestamps"] = "unavailable"
    counted = _counted(parts.streams, user, pieces)
    return StreamingResponse(counted, media_type="text/plain; charset=utf-8", headers=headers)


async def _counted(streams: Streams, user: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    with streams.opened(user):
        async for piece in pieces:
            yield piece
