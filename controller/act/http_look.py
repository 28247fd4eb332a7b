"""A URL -> what is answered there: its status, the beginning of its body, and the body as JSON if it is that.

A look has 10 s in all, follows at most 5 redirects, and reads 64 KiB. Each address is judged (hosts.py) when it is
connected to, after the name was resolved and after every redirect, so that a name can't mean one host when it is judged
and another when it is asked. A host without a dot is a Service of the Dag's own namespace. Nothing is sent that the Dag
did not write: no cookies, no credentials of ours, and through no proxy.
"""

import asyncio
import ipaddress
import json
import socket
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from controller.act.hosts import Address, HostRules, parse_address
from controller.model.action import Url
from controller.model.kinds import OWN_HEADERS

LOOK_SECONDS: Final = 10.0
BODY_BYTES: Final = 65_536
MOST_REDIRECTS: Final = 5
MOST_NESTED: Final = 100
"""Deeper JSON counts as none."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class LookFault(Exception):
    """Nothing could be seen; the text says why."""


class _Refused(OSError):
    """An address that may not be talked to."""


@dataclass(frozen=True)
class Guard:
    """The rules, and the API server's host."""

    rules: HostRules
    server: str = ""

    async def ours(self) -> frozenset[Address]:
        """The API server's addresses."""
        host = urlsplit(self.server).hostname
        if not host:
            return frozenset()
        literal = parse_address(host)
        if literal is not None:
            return frozenset({literal})
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return frozenset(ipaddress.ip_address(each[4][0]) for each in found)


class HttpEyes:
    """Asks URLs. Use `async with`."""

    def __init__(self, guard: Guard, seconds: float = LOOK_SECONDS) -> None:
        self._guard = guard
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "HttpEyes":
        connector = aiohttp.TCPConnector(
            limit=0, resolver=_GuardedResolver(self._guard), use_dns_cache=False, force_close=True
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "slipway-sensor", "Accept-Encoding": "identity"},
            auto_decompress=False,  # what is packed would not be 64 KiB for long
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def look(self, at: Url, namespace: str) -> dict[str, Any]:
        """`status`, `body` and `json`; LookFault when there was no answer."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(at, namespace)
        except TimeoutError as error:
            raise LookFault(f"no answer within {self._seconds:g} s") from error
        except aiohttp.ClientConnectorError as error:
            raise LookFault(str(error.os_error.strerror or error.os_error)) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise LookFault(f"{type(error).__name__}: {error}"[:300]) from error

    async def _follow(self, at: Url, namespace: str) -> dict[str, Any]:
        url = _placed(URL(at.url), namespace)
        headers = {name: value for name, value in at.headers.items() if name.strip().lower() not in OWN_HEADERS}
        for _ in range(MOST_REDIRECTS + 1):
            await self._check(url)
            async with self._open.get(url, headers=headers, allow_redirects=False) as response:
                target = response.headers.get("Location")
                if response.status not in _REDIRECTS or target is None:
                    return await _seen(response)
                following = _placed(url.join(URL(target)), namespace)
                if (following.scheme, following.host, following.port) != (url.scheme, url.host, url.port):
                    headers = {}  # they were meant for the host that the Dag names
                url = following
        raise LookFault(f"more than {MOST_REDIRECTS} redirects")

    async def _check(self, url: URL) -> None:
        """Refuse what is no host at all, and an address that needs no resolving."""
        if url.scheme not in ("http", "https") or not url.host:
            raise LookFault("only http and https URLs are asked")
        address = parse_address(url.host)
        if address is not None:
            refusal = self._guard.rules.refusal(url.host, address, await self._guard.ours())
            if refusal is not None:
                raise LookFault(refusal)

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("HttpEyes is used outside of its `async with`")
        return self._session


class _GuardedResolver(AbstractResolver):
    """Resolves names, and leaves out addresses that may not be talked to."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses that may be talked to; OSError when none may."""
        found = await self._resolver.resolve(host, port, family)
        ours = await self._guard.ours()
        refusals = [self._guard.rules.refusal(host, ipaddress.ip_address(each["host"]), ours) for each in found]
        allowed = [each for each, refusal in zip(found, refusals, strict=True) if refusal is None]
        if not allowed:
            raise _Refused(None, next((each for each in refusals if each is not None), f"{host} has no address"))
        return allowed

    async def close(self) -> None:
        """Nothing is kept open."""
        await self._resolver.close()


def _placed(url: URL, namespace: str) -> URL:
    """The URL as it is meant where its Dag lives: a Pod's resolver would search the controller's own namespace."""
    host = url.host or ""
    if not host or "." in host or host == "localhost" or parse_address(host) is not None:
        return url
    return url.with_host(f"{host}.{namespace}.svc")


async def _seen(response: aiohttp.ClientResponse) -> dict[str, Any]:
    data = b""
    while len(data) <= BODY_BYTES and (chunk := await response.content.read(BODY_BYTES + 1 - len(data))):
        data += chunk
    is_whole = len(data) <= BODY_BYTES
    body = _text(data[:BODY_BYTES], response.charset)
    return {"status": response.status, "body": body, "json": _json(body) if is_whole else None}


def _text(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", errors="replace")
    except LookupError:
        return data.decode(errors="replace")


def _json(body: str) -> Any:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if is_shallow(value) else None


def is_shallow(value: Any) -> bool:
    """Whether the data is nested no more deeply than those who walk it by recursion can bear."""
    level = [value]
    for _ in range(MOST_NESTED):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        if not inner:
            return True
        level = [each for values in inner for each in values]
    return False
