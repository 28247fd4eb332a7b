"""The server as a process: its settings, its limits on connections, and whose credentials it sends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from aiohttp import web as fake

from controller.cli.web import run_web_server
from controller.connection import Connection
from controller.errors import NotFound, Unauthenticated, Unavailable, Usage
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web import serve
from controller.web.api_server import Caller, KubeApiServer, bare_connection
from controller.web.need import Need
from controller.web.reviews import Reviews
from controller.web.settings import WebSettings
from tests.metastore.recording import until
from tests.web.conftest import Web

Seen = list[tuple[str, str, str, Any]]


@pytest.fixture
async def seen() -> Seen:
    """Requests that the API server got: method, path with query, credentials, body."""
    return []


@pytest.fixture
async def api_server(seen: Seen) -> AsyncIterator[KubeApiServer]:
    """A way to an API server that answers a few things over HTTP."""

    async def answer(request: fake.Request) -> fake.StreamResponse:
        body = await request.json() if request.can_read_body else None
        seen.append((request.method, request.path_qs, request.headers.get("Authorization", ""), body))
        if request.headers.get("Authorization") != "Bearer good":
            return fake.json_response({"message": "Unauthorized"}, status=401)
        if request.path.endswith("/log"):
            return fake.Response(body=b"line\n" * 3)
        if request.path.endswith("/missing"):
            return fake.json_response({"message": "not found"}, status=404)
        return fake.json_response({"status": {"allowed": True, "userInfo": {"username": "alice"}}, "metadata": {}})

    app = fake.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = fake.AppRunner(app)
    await runner.setup()
    site = fake.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with Kube(Connection(f"http://127.0.0.1:{port}"), agent="test") as kube:
        yield KubeApiServer(kube)
    await runner.cleanup()


async def test_reviews_are_asked_with_the_callers_token(api_server: KubeApiServer, seen: Seen) -> None:
    """In the API server's own words, once for each question."""
    reviews, alice = Reviews(api_server), Caller("good")
    assert await reviews.who(alice) == "alice"
    assert await reviews.may(alice, Need("get", "pods", "log", group=""), "team-a")
    assert await reviews.may(alice, Need("get", "pods", "log", group=""), "team-a")
    assert [(method, path, token) for method, path, token, _ in seen] == [
        ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "Bearer good"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "Bearer good"),
    ]
    assert seen[1][3]["spec"]["resourceAttributes"] == {
        "verb": "get", "group": "", "resource": "pods", "subresource": "log", "namespace": "team-a"
    }  # fmt: skip
    with pytest.raises(Unauthenticated):
        await reviews.who(Caller("bad"))


async def test_changes_and_logs_go_with_the_callers_token(api_server: KubeApiServer, seen: Seen) -> None:
    """A dry run says so to the API server; a log comes in pieces."""
    session = api_server.acting_as(Caller("good"))
    await session.create(Kind.DAG_RUN, "team-a", {"kind": "DagRun"}, dry_run=True)
    assert b"".join([piece async for piece in session.stream("/api/v1/x/log", {"follow": "true"})]) == b"line\n" * 3
    with pytest.raises(NotFound):
        await session.get(Kind.DAG, Key("team-a", "missing"))
    assert seen[0][1] == "/apis/slipway.dev/v1alpha1/namespaces/team-a/dagruns?dryRun=All"
    assert {token for _, _, token, _ in seen} == {"Bearer good"}
    with pytest.raises(AssertionError):
        api_server.acting_as(Caller(None))


async def test_one_callers_session_is_not_anothers(api_server: KubeApiServer, seen: Seen) -> None:
    """The token stays with the session that it was given to."""
    good, bad = (api_server.acting_as(Caller(token)) for token in ("good", "bad"))
    await good.get(Kind.DAG, Key("a", "b"))
    with pytest.raises(Unauthenticated):
        await bad.get(Kind.DAG, Key("a", "b"))
    await good.get(Kind.DAG, Key("a", "b"))
    assert [token for _, _, token, _ in seen] == ["Bearer good", "Bearer bad", "Bearer good"]


def test_the_way_to_the_api_server_has_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From a setting, from the Pod's variables, or from a kubeconfig without what stands in it."""
    given = bare_connection(WebSettings(api_server="https://api.test/", api_server_ca="/ca"))
    assert (given.server, given.ca_path, given.token) == ("https://api.test", "/ca", None)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "6443")
    with pytest.raises(Unavailable, match="certificates"):
        bare_connection(WebSettings(api_server_ca=str(tmp_path / "none")))
    (tmp_path / "ca").write_text("")
    in_pod = bare_connection(WebSettings(api_server_ca=str(tmp_path / "ca")))
    assert (in_pod.server, in_pod.token_path) == ("https://[fd00::1]:6443", None)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    config = tmp_path / "kubeconfig"
    config.write_text(KUBECONFIG)
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(config))
    local = bare_connection(WebSettings())
    assert (local.server, local.token, local.password) == ("http://127.0.0.1:1", None, None)


KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {token: secret}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
"""


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SLIPWAY_WEB_PORT", "70000", "SLIPWAY_WEB_PORT: Input should be less than"),
        ("SLIPWAY_WEB_PROT", "8000", "SLIPWAY_WEB_PROT is not a setting"),
        ("SLIPWAY_LOG_LEVEL", "loud", "SLIPWAY_LOG_LEVEL: Input should be"),
    ],
)
def test_a_setting_that_cannot_be(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str) -> None:
    """One sentence names it before anything starts."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(Usage, match=words):
        run_web_server({"host": None})


@pytest.fixture
async def address(web: Web, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, int]]:
    """A real server on a free port."""
    monkeypatch.setattr(serve, "_HEAD_SECONDS", 0.3)
    config = serve.configured(web.app, web.parts.settings.model_copy(update={"port": 0}))
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    await asyncio.to_thread(until, lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[:2]
    server.should_exit = True
    await running


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_real_server(address: tuple[str, int]) -> None:
    """It answers over a socket, and does not say what it is made of."""
    headers = {"Authorization": "Bearer token-of-admin"}
    async with aiohttp.ClientSession(f"http://{address[0]}:{address[1]}", headers=headers) as session:
        async with session.get("/api/v1/dags") as answer:
            assert len((await answer.json())["items"]) == 4
            assert "Server" not in answer.headers
        async with session.get("/api/v1/events") as answer:
            first = await answer.content.readuntil(b"\n\n")
            assert first.startswith(b"retry:")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_connection_that_says_its_request_too_slowly(address: tuple[str, int], sent: bytes) -> None:
    """It is closed, so that a few thousand of them do not shut everybody out."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
