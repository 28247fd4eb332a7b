"""The webhook within the controller's own kopf thread: wired by settings, answering while kopf watches."""

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from controller.connection import Connection
from controller.errors import Usage
from controller.installed import own_namespace, policy_of, with_webhook
from controller.model.metadata import Key
from controller.observe.feeders import FED_KINDS, KopfThread
from controller.settings import Settings
from tests.admission.asking import CONTROLLER, MadeUpCluster, dag, request
from tests.decide.drawing import drawn_spec

SECRET = Key("slipway", "slipway-webhook")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def resources() -> list[dict[str, Any]]:
    """What kopf asks the API server for first."""
    verbs = ["get", "list", "watch", "create", "patch", "delete"]
    about: dict[str, Any] = {"namespaced": True, "verbs": verbs}
    return [
        {"name": plural, "singularName": plural[:-1], "kind": kind.value, **about} for kind, plural in FED_KINDS.items()
    ]


class ApiServer:
    """As much of an API server as kopf and the webhook need."""

    def __init__(self, cluster: MadeUpCluster) -> None:
        self._cluster = cluster
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    async def _answer(self, asked: web.Request) -> web.StreamResponse:
        if asked.query.get("watch"):
            stream = web.StreamResponse()
            await stream.prepare(asked)
            await asyncio.sleep(30)
            return stream
        body = await asked.json() if asked.can_read_body else None
        return web.json_response(await self._told(asked.method, asked.path, body))

    async def _told(self, method: str, path: str, body: Any) -> Any:
        version = {"groupVersion": "slipway.dev/v1alpha1", "version": "v1alpha1"}
        discovered: dict[str, Any] = {
            "/version": {"major": "1", "minor": "34"},
            "/api": {"versions": ["v1"]},
            "/apis": {"groups": [{"name": "slipway.dev", "versions": [version], "preferredVersion": version}]},
            "/api/v1": {"resources": []},
            "/apis/slipway.dev/v1alpha1": {"resources": resources()},
        }
        if path in discovered:
            return discovered[path]
        if path.startswith("/apis/slipway.dev/v1alpha1/"):
            return {"kind": "List", "metadata": {"resourceVersion": "1"}, "items": []}
        return await (self._read(path) if method == "GET" else self._written(path, body))

    async def _read(self, path: str) -> Any:
        if path == "/api/v1/namespaces/slipway/secrets/slipway-webhook":
            return await self._cluster.secret(SECRET)
        plural = path.removeprefix("/apis/admissionregistration.k8s.io/v1/").removesuffix("/slipway-slipway")
        return await self._cluster.configuration(plural, "slipway-slipway")

    async def _written(self, path: str, body: Any) -> Any:
        match path.split("/"):
            case [*_, "secrets", "slipway-webhook"]:
                await self._cluster.fill_secret(SECRET, body["data"], body["metadata"]["resourceVersion"])
            case [*_, plural, "slipway-slipway"]:
                await self._cluster.patch_configuration(plural, "slipway-slipway", body)
            case [*_, "selfsubjectreviews"]:
                return {"status": {"userInfo": {"username": CONTROLLER}}}
            case [*_, "team", "localsubjectaccessreviews"]:
                return {"status": {"allowed": await self._cluster.is_allowed("team", body["spec"])}}
            case _:
                raise web.HTTPNotFound
        return {}


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[tuple[MadeUpCluster, Connection]]:
    """An API server on this machine, and the way to it."""
    made_up, port = MadeUpCluster(), free_port()
    runner = web.AppRunner(ApiServer(made_up).app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield made_up, Connection(f"http://127.0.0.1:{port}")
    await runner.cleanup()


def settings(port: int) -> Settings:
    """The settings of a controller with a webhook."""
    names = {"webhook_secret": "slipway-webhook", "webhook_service": "slipway-webhook"}
    return Settings.model_validate({"webhook_port": port, "webhook_configuration": "slipway-slipway", **names})


async def test_the_controllers_thread_answers(cluster: tuple[MadeUpCluster, Connection]) -> None:
    """Settings are all that is needed: it refuses a Dag, asks for its author's rights, and ends as it should."""
    made_up, connection = cluster
    chosen = settings(free_port())
    thread = KopfThread(connection, (), lambda *_: None, with_webhook(chosen, connection, "slipway"))
    thread.start()
    try:
        await _until_told(made_up)
        wrong = await _ask(made_up, chosen.webhook_port, "validate-dags", request(dag(drawn_spec("a >> a"))))
        assert wrong["status"]["message"].startswith("spec.tasks: the tasks form a cycle")
        loader = request(dag(drawn_spec("a", {"a": {"serviceAccountName": "loader"}})))
        assert not (await _ask(made_up, chosen.webhook_port, "validate-dags", loader))["allowed"]
        assert made_up.reviews[0]["user"] == "ada"
        assert made_up.reviews[0]["groups"] == ["system:authenticated"]
        assert made_up.reviews[0]["extra"] == {"k": ["v"]}
        assert not thread.ended.done()
    finally:
        await asyncio.to_thread(thread.stop)
    await asyncio.wait_for(thread.ended, 5)


async def _until_told(cluster: MadeUpCluster) -> None:
    """Wait until both configurations know the webhook."""
    async with asyncio.timeout(20):
        while len(cluster.writes) < 3:  # noqa: ASYNC110 another thread tells it
            await asyncio.sleep(0.05)


async def _ask(cluster: MadeUpCluster, port: int, webhook: str, asked: Any) -> Any:
    client = cluster.configurations["validatingwebhookconfigurations"]["webhooks"][0]["clientConfig"]
    trusted = ssl.create_default_context(cadata=base64.b64decode(client["caBundle"]).decode())
    address = f"https://127.0.0.1:{port}{client['service']['path']}"
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.post(
                    address, json={"request": asked}, ssl=trusted, server_hostname="slipway-webhook.slipway.svc"
                ) as answer:
                    assert answer.status == 200, await answer.text()
                    return (await answer.json())["response"]
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)  # it is told first, and listens a moment later


def test_settings_that_belong_together() -> None:
    """A webhook needs all of its names, and a namespace."""
    with pytest.raises(
        ValueError, match="webhook_port needs webhook_secret, webhook_service and webhook_configuration"
    ):
        Settings.model_validate({"webhook_port": 9443, "webhook_secret": "x"})
    assert with_webhook(Settings(), Connection("http://x"), "") is None
    with pytest.raises(Usage, match="outside of a Pod"):
        with_webhook(settings(9443), Connection("http://x"), "")


def test_the_policy_of_the_settings(tmp_path: Any) -> None:
    """Own namespace, trust in stamps and the Pod policy follow from settings and place."""
    assert own_namespace(tmp_path / "namespace") == ""
    (tmp_path / "namespace").write_text("slipway\n")
    assert own_namespace(tmp_path / "namespace") == "slipway"
    given = {"pod_policy": {"level": "restricted", "serviceAccounts": ["loader"], "priorityClasses": None}}
    policy = policy_of(Settings.model_validate(given), "slipway")
    assert policy.closed_namespace == "slipway"
    assert policy.pods is not None
    assert (policy.pods.level.value, policy.pods.service_accounts) == ("restricted", ("loader",))
    assert not policy.trusts_authorship
    opened = policy_of(settings(9443).model_copy(update={"allow_own_namespace": True}), "slipway")
    assert (opened.closed_namespace, opened.trusts_authorship) == ("", True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"level":"lax"}', "level"),
        ('{"allow":["everything"]}', "allow"),
        ('{"hostNetwork":true}', "hostNetwork"),
        ("baseline", "pod_policy"),
    ],
)
def test_a_pod_policy_that_can_not_be(monkeypatch: pytest.MonkeyPatch, text: str, told: str) -> None:
    """The controller does not start with a policy that it can't read, rather than without one."""
    monkeypatch.setenv("SLIPWAY_POD_POLICY", text)
    with pytest.raises(ValueError, match=told):
        Settings()
