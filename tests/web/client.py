"""An ASGI app -> what a browser or a program sees of it, without a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp, Message

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Response:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Stream:
    """An answer that comes in pieces."""

    def __init__(self, queue: "asyncio.Queue[Message]", start: Message) -> None:
        self._queue = queue
        self.status: int = start["status"]
        self.headers = _headers(start)
        self.raw = [(name, value) for name, value in start["headers"]]
        self._rest = b""

    async def piece(self, seconds: float = 10) -> bytes:
        """The next piece; empty at the end."""
        message = await asyncio.wait_for(self._queue.get(), seconds)
        return bytes(message.get("body", b""))

    async def event(self, seconds: float = 10) -> dict[str, Any]:
        """The next server-sent event that has a name, its data parsed; empty at the end."""
        while True:
            while b"\n\n" not in self._rest:
                piece = await self.piece(seconds)
                if not piece:
                    return {}
                self._rest += piece
            text, _, self._rest = self._rest.partition(b"\n\n")
            fields = dict(line.split(": ", 1) for line in text.decode().splitlines() if not line.startswith(":"))
            if "event" in fields:
                return {**fields, "data": json.loads(fields["data"])}


class Client:
    """Sends requests to an app, as one caller."""

    def __init__(self, app: ASGIApp, token: str | None = None, host: str = "slipway.test") -> None:
        self._app = app
        self._given = {"Host": host} | ({"Authorization": f"Bearer {token}"} if token else {})

    async def get(self, path: str, params: Params | None = None, **headers: str) -> Response:
        """The answer to GET; `If_None_Match="x"` is the header of that name."""
        return await self.send("GET", path, params=params, headers=_spelled(headers))

    async def post(self, path: str, body: Any, **headers: str) -> Response:
        """The answer to POST of a JSON body."""
        return await self.send("POST", path, body=json.dumps(body).encode(), headers=_spelled(headers))

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The whole answer."""
        async with self.stream(path, params=params, headers=headers, method=method, body=body) as answer:
            pieces = []
            while piece := await answer.piece():
                pieces.append(piece)
            return Response(answer.status, answer.headers, b"".join(pieces))

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: bytes = b"",
    ) -> AsyncIterator[Stream]:
        """The answer as it comes; the caller goes away at the end of the block."""
        sent: asyncio.Queue[Message] = asyncio.Queue()
        gone = asyncio.Event()
        asked = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if asked:
                return asked.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start" or message.get("body"):
                await sent.put(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                await sent.put({"type": "end"})

        wanted = {**self._given, **({"Content-Type": "application/json"} if body else {}), **(headers or {})}
        work = asyncio.create_task(self._run(_scope(method, path, params, wanted), receive, send, sent))
        try:
            yield Stream(sent, await asyncio.wait_for(sent.get(), 20))
        finally:
            gone.set()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _run(self, scope: Any, receive: Any, send: Any, sent: "asyncio.Queue[Message]") -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            await sent.put({"type": "end"})


def _scope(method: str, path: str, params: Params | None, headers: Mapping[str, str]) -> dict[str, Any]:
    asked, query = urlsplit(path).path, urlsplit(path).query or urlencode(params or {}, doseq=True)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": asked,
        "raw_path": asked.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("slipway.test", 443),
    }


def _headers(start: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in start["headers"]:
        found[name.decode().lower()] = value.decode("latin-1")
    return found


def _spelled(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
