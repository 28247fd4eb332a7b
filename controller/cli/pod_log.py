"""A Pod -> the lines of its container main, as the API server gives them to the caller."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from controller.errors import NotFound, Refused, SlipwayError
from controller.kube import object_path
from controller.model.action import Kind
from controller.model.archive import NO_LOG
from controller.model.metadata import Key
from controller.model.pod import MAIN


class LogGone(SlipwayError):
    """The Pod is gone, or its node has thrown the log away."""


class NotBegun(SlipwayError):
    """The container has not started; the text is the API server's word on why."""


class Source(Protocol):
    """What is needed of a session with the API server."""

    def stream(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """The bytes of an answer as they come."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which part of a log is wanted."""

    follow: bool = False
    timestamps: bool = False
    tail: int | None = None
    since_seconds: int | None = None
    since_time: str | None = None
    """In place of seconds: the second from which on."""

    @property
    def params(self) -> dict[str, str]:
        """The same as the API server's parameters."""
        given = {"tailLines": self.tail, "sinceSeconds": self.since_seconds, "sinceTime": self.since_time}
        flags = {"follow": self.follow, "timestamps": self.timestamps}
        return {
            "container": MAIN,
            **{name: "true" for name, is_set in flags.items() if is_set},
            **{name: str(value) for name, value in given.items() if value is not None},
        }


async def log_lines(source: Source, pod: Key, query: Query) -> AsyncIterator[str]:
    """The lines without their ends; LogGone or NotBegun where there are none to be had."""
    parts: list[bytes] = []
    is_first = True
    try:
        async with aclosing(source.stream(object_path(Kind.POD, pod, "log"), query.params)) as pieces:
            async for piece in pieces:
                if is_first and piece.startswith(NO_LOG):
                    raise LogGone(f"the node of Pod {pod.name} has thrown its log away")
                is_first = False
                parts.append(piece)
                if b"\n" in piece:
                    *lines, rest = b"".join(parts).split(b"\n")
                    parts = [rest]
                    for line in lines:
                        yield line.decode(errors="replace")
    except NotFound as error:
        raise LogGone(f"Pod {pod.name} is gone") from error
    except Refused as error:
        if error.code == 400:
            raise NotBegun(" ".join(str(error).split())) from error
        raise
    if rest := b"".join(parts):
        yield rest.decode(errors="replace")
