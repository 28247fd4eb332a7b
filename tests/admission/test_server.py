"""Who asks the webhook other things than an API server does gets a short no, and disturbs nobody."""

import asyncio
import io
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from controller.admission import server
from controller.admission.certificate import data_of, renewed
from tests.admission.asking import MadeUpCluster, Webhook, dag, dag_run, listening, request
from tests.decide.drawing import drawn_spec

SPEC = drawn_spec("a")


@pytest_asyncio.fixture
async def webhook() -> AsyncIterator[Webhook]:
    """A webhook that listens."""
    async with listening(MadeUpCluster()) as webhook:
        yield webhook


def nested(depth: int) -> str:
    """JSON of many levels."""
    return '{"a":' * depth + "1" + "}" * depth


HOSTILE = {
    "empty": b"",
    "no JSON": b"\x00\xff\xfe",
    "a list": b"[]",
    "a number": b"1e999",
    "no request": b"{}",
    "request is a list": b'{"request": []}',
    "request is empty": b'{"request": {}}',
    "another kind": json.dumps(
        {"request": {**request(dag(SPEC)), "resource": {"group": "", "version": "v1", "resource": "pods"}}}
    ),
    "no user": json.dumps({"request": {**request(dag(SPEC)), "userInfo": None}}),
    "no objects": json.dumps({"request": {**request(dag(SPEC)), "object": None}}),
    "very deep": nested(100_000),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_bodies(webhook: Webhook, body: bytes | str) -> None:
    """They are answered with an error of theirs, never of ours; the next request is answered as always."""
    code, _ = await webhook.post(webhook.address("validate-dags"), body)
    assert 400 <= code < 500
    assert await webhook.warned(request(dag(SPEC))) == []


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        "tasks",
        3,
        {},
        {"tasks": None},
        {"tasks": [None, 3, {"name": {}}]},
        {"tasks": [{"pod": json.loads(nested(190))}]},
    ],
)
async def test_hostile_specs(webhook: Webhook, spec: Any) -> None:
    """Objects of any shape are judged or let through; the schema comes after us, as mutation comes first."""
    for plural, asked in (("dags", request(dag(spec))), ("dags", request(dag(spec), dag(SPEC)))):
        for word in ("stamp", "validate"):
            said = await webhook.ask(f"{word}-{plural}", asked)
            assert isinstance(said["allowed"], bool)


async def test_an_object_that_is_too_deep(webhook: Webhook) -> None:
    """It is refused: it must not pass by because it exhausts the judge. One that is stored can still be made flat."""
    deep = dag({"tasks": [{"pod": json.loads(nested(300))}]})
    for word in ("stamp", "validate"):
        said = await webhook.ask(f"{word}-dags", request(deep))
        assert (said["allowed"], said["status"]["message"]) == (False, "the object is nested deeper than 200 levels")
    assert (await webhook.applied(request(dag(SPEC), deep)))["spec"] == SPEC


async def test_a_body_that_is_too_large(webhook: Webhook) -> None:
    """It is not read to its end."""
    code, _ = await webhook.post(webhook.address("validate-dags"), io.BytesIO(b"{" + b" " * (server.MOST_BYTES + 1)))
    assert code == 413


@pytest.mark.parametrize(
    "path", ["/validate-dags", "/wrong/validate-dags", "/", "/%00/validate-dags", "/ä/validate-dags"]
)
async def test_callers_who_do_not_know_the_path(webhook: Webhook, path: str) -> None:
    """They learn nothing: neither params of others' Dags nor who may use what."""
    code, text = await webhook.post(
        f"https://127.0.0.1:{webhook.port}{path}", json.dumps({"request": request(dag(SPEC))})
    )
    assert code == 404
    assert "dag" not in text.lower()


async def test_webhooks_that_do_not_exist(webhook: Webhook) -> None:
    """A name that kopf has no handler for lets everything pass, as no judgement is made."""
    address = webhook.address("validate-dags").replace("validate-dags", "validate-pods")
    code, text = await webhook.post(address, json.dumps({"request": request(dag(SPEC))}))
    assert (code, json.loads(text)["response"]["allowed"]) == (200, True)


async def test_plain_http(webhook: Webhook) -> None:
    """There is none."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(f"http://127.0.0.1:{webhook.port}/", data=b"{}")


async def test_another_name(webhook: Webhook) -> None:
    """The certificate is for the Service's names alone."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.post(
                webhook.address("validate-dags"),
                data=b"{}",
                ssl=webhook.trusted(),
                server_hostname="slipway.example.org",
            )
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection(
            "127.0.0.1", webhook.port, ssl=ssl.create_default_context(), server_hostname="slipway-webhook.slipway.svc"
        )


async def test_a_new_certificate_under_way(webhook: Webhook) -> None:
    """It is served from the next connection on; the server listens all the while, on the same port."""
    before, keeper = await _serial(webhook), webhook.server._keeper
    hosts, now = ("slipway-webhook.slipway.svc", "slipway-webhook.slipway.svc.cluster.local"), datetime.now(UTC)
    webhook.cluster.data = data_of(renewed(keeper.served, hosts, now, 3600))  # by another replica
    await keeper.round()
    assert await _serial(webhook) == before
    await keeper.round()
    assert await _serial(webhook) != before
    assert webhook.server.certificate_ends_at is not None
    assert webhook.server.certificate_ends_at <= now + timedelta(seconds=3600)
    assert await webhook.warned(request(dag(SPEC))) == []


async def _serial(webhook: Webhook) -> str:
    """The number of the certificate that a new connection is shown."""
    _, writer = await asyncio.open_connection(
        "127.0.0.1", webhook.port, ssl=webhook.trusted(), server_hostname="slipway-webhook.slipway.svc"
    )
    number: str = writer.get_extra_info("peercert")["serialNumber"]
    writer.close()
    await writer.wait_closed()
    return number


async def test_a_slow_judge(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API server is told before its own patience ends, and goes on without an answer."""
    monkeypatch.setattr(server, "ANSWER_SECONDS", 0.05)
    forever = asyncio.Event()

    async def slow(*_: Any) -> dict[str, Any]:
        await forever.wait()
        return {}

    webhook.server.api.dag = slow  # type: ignore[method-assign,assignment]
    code, text = await webhook.post(webhook.address("validate-dagruns"), json.dumps({"request": request(dag_run())}))
    assert (code, text) == (504, "no answer after 0.05 s")


async def test_a_crowd(webhook: Webhook) -> None:
    """More than sixteen at once are sent away; when those are done the next is answered."""
    forever, full, asked = asyncio.Event(), asyncio.Event(), [0]

    async def slow(*_: Any) -> dict[str, Any]:
        asked[0] += 1
        if asked[0] == server.MOST_AT_ONCE:
            full.set()
        await forever.wait()
        return dag(SPEC, uid="u", resourceVersion="1", creationTimestamp="2026-01-01T00:00:00Z")

    webhook.server.api.dag = slow  # type: ignore[method-assign,assignment]
    body, address = json.dumps({"request": request(dag_run())}), webhook.address("validate-dagruns")
    crowd = [asyncio.ensure_future(webhook.post(address, body)) for _ in range(server.MOST_AT_ONCE)]
    await full.wait()
    assert (await webhook.post(address, body))[0] == 503
    forever.set()
    assert {code for code, _ in await asyncio.gather(*crowd)} == {200}
    assert (await webhook.post(address, body))[0] == 200
