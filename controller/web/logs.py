"""A Pod -> its log as the API server gives it to the caller, in pieces, never whole in memory.

container main writes or has ended   the log, live; with `follow` until its end
the Pod is gone, or its node's       Gone, and the archive is asked: archived_logs.py
  kubelet has thrown the log away
the container has not begun          Changed, with the API server's word
"""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from pydantic import Field

from controller.errors import NotFound, Refused
from controller.kube import object_path
from controller.model.action import Kind
from controller.model.archive import NO_LOG
from controller.model.metadata import Key
from controller.model.pod import MAIN
from controller.web.answer import Asked
from controller.web.api_server import Session
from controller.web.problems import Changed, Gone

_KEPT: Final = "Its attempts tell how it ended; the settings logStore and logArchiveDays say which logs are kept"


class LogQuery(Asked):
    """Which part of a log is wanted."""

    index: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """The place in a mapped task."""
    follow: bool = False
    """Whether to go on as the task writes, until it ends."""
    tail: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """Only the last lines. Default: from the beginning."""
    timestamps: bool = False
    """Whether each line begins with its time; an archived log has none."""


async def open_log(session: Session, pod: Key, asked: LogQuery, most_bytes: int) -> AsyncIterator[bytes]:
    """The log's pieces. What is wrong is told before the first one: Gone, Changed, or a refusal."""
    params = {"container": MAIN, "timestamps": str(asked.timestamps).lower()}
    if asked.follow:
        params["follow"] = "true"
    else:
        params["limitBytes"] = str(most_bytes + 1)
    if asked.tail is not None:
        params["tailLines"] = str(asked.tail)
    pieces = session.stream(object_path(Kind.POD, pod, "log"), params)
    try:
        first = await anext(pieces, b"")
    except NotFound as error:
        raise Gone(f"Pod {pod.name} is not there any more, and its log went with it", way_on=_KEPT) from error
    except Refused as error:
        if error.code == 400:  # the container has not started: the message says why
            raise Changed(str(error), way_on="Ask again once the task runs") from error
        raise
    if first.startswith(NO_LOG):
        raise Gone(f"The node of Pod {pod.name} has thrown its log away", way_on=_KEPT)
    return _all(first, pieces) if asked.follow else _limited(first, pieces, most_bytes)


async def _all(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


async def _limited(first: bytes, pieces: AsyncIterator[bytes], most_bytes: int) -> AsyncIterator[bytes]:
    left = most_bytes
    async for piece in _all(first, pieces):
        yield piece[:left]
        if len(piece) > left:
            yield f"\n[slipway: only {most_bytes} bytes are given at once; see `kubectl logs`]\n".encode()
            return
        left -= len(piece)
