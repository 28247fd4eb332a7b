"""Requests -> the API server's answers over one HTTP session, or one of errors.py.

aiohttp costs 0.35 ms of CPU per write where the Kubernetes clients cost 0.8 to 3; `kubernetes` still loads the
configuration and credentials. At most `in_flight` requests run at once, fewer after a 429. Watches have a connection of
their own and are not counted.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, Final, Self

import aiohttp

from controller.connection import Connection, credentials, ssl_context
from controller.errors import Unavailable, error_in
from controller.leadership import Leadership

REQUEST_SECONDS: Final = 15
WATCH_SECONDS: Final = 300
SILENCE_SECONDS: Final = 70
"""A watch asks for bookmarks, which come every minute; longer silence means a dead connection."""


@dataclass
class Throttle:
    """How many requests may run at once: halved by a 429, then one more for each batch that went well."""

    most: int
    now: float = field(init=False)
    running: int = 0
    _turn: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.now = self.most

    async def __aenter__(self) -> None:
        async with self._turn:
            await self._turn.wait_for(lambda: self.running < int(self.now))
            self.running += 1

    async def __aexit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        slowed = isinstance(error, Unavailable) and error.retry_after_seconds is not None
        self.now = max(1.0, self.now / 2) if slowed else min(self.most, self.now + 1 / self.now)
        async with self._turn:
            self.running -= 1
            if self.running:
                self._turn.notify()
            else:
                self._turn.notify_all()

    async def is_idle(self, seconds: float) -> bool:
        """Whether nothing runs any more, waited for so long at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._turn:
                await self._turn.wait_for(lambda: self.running == 0)
        return self.running == 0


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    verb: str
    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"
    params: Mapping[str, str] | None = None
    seconds: float = REQUEST_SECONDS
    """How long it may take at most."""


Answered = Callable[[str, str, float], None]
"""Called with each answer: the verb, its HTTP code or `none` where there was none or it broke off, and the seconds that
it took; 0 for watches and streams, which last as long as they are read."""


class Transport:
    """One session with the API server. Use `async with`."""

    def __init__(self, connection: Connection, in_flight: int, agent: str) -> None:
        self._connection = connection
        self._agent = agent
        self._throttle = Throttle(in_flight)
        self._session: aiohttp.ClientSession | None = None
        self.requests: dict[str, int] = {}
        """Requests sent, by verb: get, list, watch, stream, create, patch, delete."""
        self.answered: Answered = lambda verb, code, seconds: None
        self.server_date = ""
        """What the last answer says of the time, in HTTP's form; empty before the first."""

    async def __aenter__(self) -> Self:
        auth = None
        if self._connection.username:
            auth = aiohttp.BasicAuth(self._connection.username, self._connection.password or "")
        self._session = aiohttp.ClientSession(
            auth=auth,
            connector=aiohttp.TCPConnector(limit=0, ssl=ssl_context(self._connection)),
            headers={"User-Agent": self._agent, "Accept": "application/json"},
            read_bufsize=2**20,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def acting_as(self, token: str) -> Self:
        """The same session, but every request is sent with this token and no other credentials."""
        other = copy(self)
        blank: dict[str, Any] = dict.fromkeys(("token_path", "username", "password", "impersonated_user"))
        other._connection = replace(self._connection, token=token, **blank)
        return other

    def impersonating(self, user: str, groups: tuple[str, ...]) -> Self:
        """The same session, but every request asks to be taken for one of this user, who then is all that counts."""
        other = copy(self)
        other._connection = replace(self._connection, impersonated_user=user, impersonated_groups=groups)
        return other

    async def is_idle(self, seconds: float) -> bool:
        """Whether every request has ended, waited for so long at most."""
        return await self._throttle.is_idle(seconds)

    async def _send(self, request: Request, leadership: Leadership | None = None) -> dict[str, Any]:
        """The answer; with a leadership only while that holds, asked when the request's turn has come."""
        async with self._throttle:
            seconds = request.seconds if leadership is None else min(request.seconds, leadership.seconds_left())
            self.requests[request.verb] = self.requests.get(request.verb, 0) + 1
            headers = credentials(self._connection)
            headers["Content-Type"] = request.content_type
            code, begun = "none", perf_counter()
            try:
                async with self._open.request(
                    request.method,
                    self._connection.server + request.path,
                    data=None if request.body is None else json.dumps(request.body, separators=(",", ":")),
                    params=request.params,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=seconds),
                ) as response:
                    text = await response.text()
                    code, self.server_date = str(response.status), response.headers.get("Date", "")
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise Unavailable(f"the API server does not answer: {type(error).__name__} {error}") from error
            finally:
                self.answered(request.verb, code, perf_counter() - begun)
            if response.status < 400:
                return _parsed(text)
            raise error_in(response.status, text, response.headers.get("Retry-After"))

    async def watch(self, path: str, params: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        """The events of a watch until it ends; Expired or Unavailable when it can't go on."""
        self.requests["watch"] = self.requests.get("watch", 0) + 1
        asked = {**params, "watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": str(WATCH_SECONDS)}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=SILENCE_SECONDS)
        url = self._connection.server + path
        try:
            async with self._open.get(
                url, params=asked, headers=credentials(self._connection), timeout=timeout
            ) as response:
                self.answered("watch", str(response.status), 0.0)
                if response.status >= 400:
                    raise error_in(response.status, await response.text(), response.headers.get("Retry-After"))
                async for event in _lines(response.content):
                    yield event
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.answered("watch", "none", 0.0)
            raise Unavailable(f"the watch broke off: {type(error).__name__} {error}") from error

    async def stream(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """The bytes of an answer as they come, such as a Pod's log; it may be silent for long."""
        self.requests["stream"] = self.requests.get("stream", 0) + 1
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        url = self._connection.server + path
        try:
            async with self._open.get(
                url, params=params, headers=credentials(self._connection), timeout=timeout
            ) as response:
                self.answered("stream", str(response.status), 0.0)
                if response.status >= 400:
                    raise error_in(response.status, await response.text(), response.headers.get("Retry-After"))
                async for chunk in response.content.iter_any():
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.answered("stream", "none", 0.0)
            raise Unavailable(f"the API server does not answer: {type(error).__name__} {error}") from error

    @property
    def in_flight(self) -> tuple[int, int, int]:
        """Requests that run, that may run at once at present, and that may when nothing is slowed down."""
        return self._throttle.running, int(self._throttle.now), self._throttle.most

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("a session is used outside of its `async with`")
        return self._session


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[dict[str, Any]]:
    """JSON lines of any length; aiohttp's own line iterator refuses long ones."""
    rest = b""
    async for chunk in content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield _parsed(line)


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unavailable(f"the API server's answer is not JSON: {error}") from error
    return value if isinstance(value, dict) else {}
