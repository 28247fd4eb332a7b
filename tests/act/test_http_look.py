"""Looks at URLs, against a real server on this machine."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.test_utils import TestServer

from controller.act.hosts import HostRules
from controller.act.http_look import BODY_BYTES, Guard, HttpEyes, LookFault
from controller.model.action import Url

ANYWHERE = HostRules(never=())
"""The server of these tests is on the loopback, which the rules of an installation never let through."""


async def _echo(request: web.Request) -> web.Response:
    return web.json_response({name: value for name, value in request.headers.items() if name.startswith("X-")})


async def _packed(request: web.Request) -> web.Response:
    return web.Response(text="plain" if request.headers["Accept-Encoding"] == "identity" else "packed")


async def _huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(10_000):
            await response.write(b'"' + b"x" * 65_535)
    return response


async def _slow(request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def _deep(request: web.Request) -> web.Response:
    depth = int(request.query["depth"])
    return web.Response(text="[" * depth + "]" * depth)


async def _error(request: web.Request) -> web.Response:
    return web.Response(status=500, text="no")


async def _bad(request: web.Request) -> web.Response:
    return web.Response(body=b"\xff{", headers={"Content-Type": "x/y; charset=z"})


async def _unchanged(request: web.Request) -> web.Response:
    return web.Response(status=304)


async def _host(request: web.Request) -> web.Response:
    return web.Response(text=request.headers["Host"])


async def _circle(request: web.Request) -> web.Response:
    raise web.HTTPFound("/circle")


async def _redirect(request: web.Request) -> web.Response:
    raise web.HTTPFound(request.query["to"])


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    """A server that answers in many ways."""
    app = web.Application()
    app.router.add_get("/echo", _echo)
    app.router.add_get("/host", _host)
    app.router.add_get("/packed", _packed)
    app.router.add_get("/huge", _huge)
    app.router.add_get("/slow", _slow)
    app.router.add_get("/to", _redirect)
    app.router.add_get("/deep", _deep)
    app.router.add_get("/500", _error)
    app.router.add_get("/bad", _bad)
    app.router.add_get("/304", _unchanged)
    app.router.add_get("/circle", _circle)
    running = TestServer(app, host="127.0.0.1")
    await running.start_server()
    yield running
    await running.close()


async def look(
    url: str,
    rules: HostRules = ANYWHERE,
    *,
    seconds: float = 5,
    api_server: str = "",
    headers: dict[str, str] | None = None,
) -> dict[str, object]:
    """What is seen there."""
    async with HttpEyes(Guard(rules, api_server), seconds) as eyes:
        return await eyes.look(Url(url, headers or {"X-Mine": "1"}), "team")


async def fault(url: str, rules: HostRules = ANYWHERE, *, seconds: float = 5, api_server: str = "") -> str:
    """Why nothing is seen there."""
    with pytest.raises(LookFault) as error:
        await look(url, rules, seconds=seconds, api_server=api_server)
    return str(error.value)


async def test_an_answer(server: TestServer) -> None:
    """Its status, its text and its data; the headers of the Dag were sent."""
    seen = await look(str(server.make_url("/echo")))
    assert seen == {"status": 200, "body": '{"X-Mine": "1"}', "json": {"X-Mine": "1"}}


@pytest.mark.parametrize("name", ["Host", "hOST", " host"])
async def test_the_host_is_that_of_the_url(server: TestServer, name: str) -> None:
    """A Dag that was stored with another one does not reach other servers behind the same address."""
    url = server.make_url("/host")
    seen = await look(str(url), headers={name: "internal.example.org", "Content-Length": "5", "X-Mine": "1"})
    assert seen["body"] == url.authority


async def test_answers_that_are_no_data(server: TestServer) -> None:
    """They are answers all the same: the body as text, and no JSON."""
    assert await look(str(server.make_url("/500"))) == {"status": 500, "body": "no", "json": None}
    assert await look(str(server.make_url("/bad"))) == {"status": 200, "body": "\ufffd{", "json": None}
    assert (await look(str(server.make_url("/304"))))["status"] == 304
    assert (await look(str(server.make_url("/packed"))))["body"] == "plain"


@pytest.mark.parametrize(("depth", "is_data"), [(99, True), (101, False), (900, False), (30_000, False)])
async def test_data_that_is_nested_deeply(server: TestServer, depth: int, is_data: bool) -> None:
    """It counts as text alone, since what walks it later could not bear it."""
    seen = await look(str(server.make_url("/deep").with_query(depth=depth)))
    assert (seen["json"] is not None) is is_data


async def test_a_huge_body(server: TestServer) -> None:
    """Its first 64 KiB are read, and the rest is left where it is."""
    seen = await look(str(server.make_url("/huge")))
    assert (len(str(seen["body"])), seen["json"]) == (BODY_BYTES, None)


async def test_a_slow_answer(server: TestServer) -> None:
    """It is given up in time."""
    assert await fault(str(server.make_url("/slow")), seconds=0.2) == "no answer within 0.2 s"


async def test_nobody_answers(server: TestServer) -> None:
    """The reason is told."""
    port = server.port
    await server.close()
    assert "Connect call failed" in await fault(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "url", ["ftp://h/", "file:///etc/passwd", "h", "http://", "http://h:port/", "gopher://127.0.0.1/", ""]
)
async def test_what_is_no_url(url: str) -> None:
    """Nothing but http and https is asked."""
    assert await fault(url)


async def test_a_header_that_can_not_be_sent(server: TestServer) -> None:
    """No second header can be smuggled in."""
    async with HttpEyes(Guard(ANYWHERE)) as eyes:
        with pytest.raises(LookFault):
            await eyes.look(Url(str(server.make_url("/echo")), {"X-Mine": "1\r\nX-Other: 2"}), "team")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_the_loopback(server: TestServer, host: str) -> None:
    """It is refused however it is written, and before anything is sent."""
    assert "which sensors may not reach" in await fault(f"http://{host}:{server.port}/echo", HostRules())


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0", "0x7f.1"])
async def test_the_loopback_in_old_spellings(server: TestServer, host: str) -> None:
    """They are refused as well, by whoever meets them first."""
    assert await fault(f"http://{host}:{server.port}/echo", HostRules())


async def test_a_redirect_to_the_loopback(server: TestServer) -> None:
    """A host that is allowed may not lead to one that is not."""
    rules = HostRules(never=(), forbidden=("127.0.0.1",))
    started = server.make_url("/to").with_query(to=str(server.make_url("/echo")))
    assert "is forbidden to sensors" in await fault(str(started.with_host("localhost")), rules)
    by_name = server.make_url("/to").with_query(to=str(server.make_url("/echo").with_host("localhost")))
    assert "is forbidden to sensors" in await fault(str(by_name), HostRules(never=(), forbidden=("localhost",)))


async def test_redirects(server: TestServer) -> None:
    """A few are followed, with the headers while the host stays the same."""
    once = server.make_url("/to").with_query(to="/echo")
    assert (await look(str(once)))["json"] == {"X-Mine": "1"}
    elsewhere = server.make_url("/to").with_query(to=str(server.make_url("/echo").with_host("localhost")))
    assert (await look(str(elsewhere)))["json"] == {}
    assert await fault(str(server.make_url("/to").with_query(to="file:///etc/passwd"))) == (
        "only http and https URLs are asked"
    )


async def test_redirects_without_end(server: TestServer) -> None:
    """They are followed five times."""
    assert await fault(str(server.make_url("/circle"))) == "more than 5 redirects"


async def test_the_api_server(server: TestServer) -> None:
    """It is refused, whether it is known by an address or by a name."""
    url = str(server.make_url("/echo"))
    for api_server in (f"https://127.0.0.1:{server.port}", "https://localhost:6443"):
        assert "which sensors may not reach" in await fault(url, api_server=api_server)


async def test_a_name_that_means_nothing() -> None:
    """The resolver's own words are told."""
    assert await fault("http://no-such-host.invalid/")


async def test_a_service_of_the_namespace(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host without a dot is one where the Dag lives, not where the controller does; so after a redirect."""
    asked: list[str] = []

    async def resolve(self: object, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        asked.append(host)
        found = {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [ResolveResult(**found)]  # type: ignore[typeddict-item]

    monkeypatch.setattr("aiohttp.ThreadedResolver.resolve", resolve)
    started = server.make_url("/to").with_query(to=str(server.make_url("/echo").with_host("other")))
    assert (await look(str(started.with_host("files"))))["status"] == 200
    await look(str(server.make_url("/echo").with_host("files.far.svc")))
    assert asked == ["files.team.svc", "other.team.svc", "files.far.svc"]


async def test_eyes_that_are_not_open() -> None:
    """That is a mistake of ours."""
    with pytest.raises(RuntimeError):
        await HttpEyes(Guard(ANYWHERE)).look(Url("http://192.0.2.1/", {}), "team")
