"""A raw request -> its answer within a time, with an id, with headers that browsers heed, and no error untold."""

import asyncio
import secrets
from collections.abc import Iterable
from typing import Final

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.web.problems import handle

API: Final = "/api/"
_EVENTS: Final = "/api/v1/events"

CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Limits:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, most_seconds: float) -> None:
        self._app = app
        self._most_seconds = most_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or tell what went wrong with it; after the first byte it can only break off."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        answer = _Answer(scope, send)
        seconds = None if is_stream(scope["path"]) else self._most_seconds
        try:
            async with asyncio.timeout(seconds):
                await self._app(scope, receive, answer)
        except TimeoutError:
            await self._tell(scope, receive, answer, HTTPException(504, "The request took too long"))
        except Exception as error:
            await self._tell(scope, receive, answer, error)
        return None

    async def _tell(self, scope: Scope, receive: Receive, answer: "_Answer", error: Exception) -> None:
        response = await handle(Request(scope), error)
        if answer.begun:
            raise error
        await response(scope, receive, answer)


def is_stream(path: str) -> bool:
    """Whether the answer at this path has no end of its own."""
    return path == _EVENTS or path.endswith("/log")


class _Answer:
    """Sends on, with our headers."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self._wanted():
                headers.setdefault(name, value)
        await self._send(message)

    def _wanted(self) -> Iterable[tuple[str, str]]:
        yield from _HEADERS.items()
        yield "X-Request-Id", self._scope["state"]["request_id"]
        if self._scope["path"].startswith(API):
            yield "Cache-Control", "no-store"
            yield "Vary", "Authorization, Cookie"
