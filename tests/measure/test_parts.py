"""The controller's parts: requests by what became of them, watches, decisions, the metastore, and what is sent."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest
from aiohttp import web

from controller.connection import Connection
from controller.errors import Conflict, Unavailable
from controller.kube import Kube
from controller.measure.gather import Sent
from controller.model.action import Kind
from controller.model.metadata import Key
from tests.measure.measured import Measured, of
from tests.scenarios.story import Story, succeeds


@asynccontextmanager
async def api_server(*codes: int) -> AsyncIterator[str]:
    """A server that answers each request with the next of these codes; its URL."""
    left = list(codes)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"message": "told so"}, status=left.pop(0))

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await web.SockSite(runner, listening).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        await runner.cleanup()


async def test_requests(tmp_path: Path) -> None:
    """By verb and code; one without an answer has none. How long they took, and how many may run at once."""
    async with api_server(200, 409, 429) as url, Kube(Connection(url), 20) as kube:
        measured = Measured(Story(), tmp_path, transport=kube)
        key = Key("team", "etl")
        await kube.get(Kind.DAG, key)
        with pytest.raises(Conflict):
            await kube.patch(Kind.DAG, key, {})
        with pytest.raises(Unavailable):
            await kube.get(Kind.DAG, key)
        told = await measured.told()
        assert kube.server_date.endswith("GMT")
    assert of(told, "slipway_api_requests_total") == {
        '{code="200",verb="get"}': 1,
        '{code="409",verb="patch"}': 1,
        '{code="429",verb="get"}': 1,
    }
    assert told['slipway_api_request_seconds_count{verb="get"}'] == 2
    assert of(told, "slipway_api_in_flight_limit") == {'{limit="most"}': 20, '{limit="present"}': 10}


async def test_an_api_server_that_is_away(tmp_path: Path) -> None:
    """Requests, watches and logs without an answer."""
    async with Kube(Connection("http://127.0.0.1:1"), 20) as kube:
        measured = Measured(Story(), tmp_path, transport=kube)
        with pytest.raises(Unavailable):
            await kube.get(Kind.DAG, Key("team", "etl"))
        with pytest.raises(Unavailable):
            await anext(kube.watch("/", {}))
        with pytest.raises(Unavailable):
            await anext(kube.stream("/", {}))
        told = await measured.told()
    assert of(told, "slipway_api_requests_total") == {
        f'{{code="none",verb="{verb}"}}': 1 for verb in ("get", "watch", "stream")
    }


async def test_decisions(tmp_path: Path) -> None:
    """By question; those that failed are told, and that the loop goes round."""
    story = Story({"a": succeeds()})
    measured = Measured(story, tmp_path)
    failures = [Unavailable("away")] * 3

    def fail(verb: str, kind: Kind | None) -> None:
        if failures and kind is Kind.POD:
            raise failures.pop()

    story.world.controller.session.before_write = fail
    story.dag("a")
    story.trigger()
    await story.run()
    told = await measured.told()
    assert of(told, "slipway_decision_failures_total") == {'{question="task"}': 3}
    assert told['slipway_decisions_total{question="run"}'] >= 3
    assert told["slipway_loop_turn_seconds_count"] > 5


async def test_watches(tmp_path: Path) -> None:
    """How old the news of each kind is, beside how old it may be; a kind that was never heard of has no age yet."""
    ages = {"Pod": (monotonic() - 500, 140.0), "Dag": (0.0, 660.0)}
    told = await Measured(Story(), tmp_path, ages=lambda: ages).told()
    assert 500 <= told['slipway_watch_age_seconds{kind="Pod"}'] < 510
    assert 'slipway_watch_age_seconds{kind="Dag"}' not in told
    assert of(told, "slipway_watch_age_limit_seconds") == {'{kind="Dag"}': 660, '{kind="Pod"}': 140}


async def test_the_metastore_and_what_is_sent(tmp_path: Path) -> None:
    """As the parts say of themselves at that moment."""
    alerts = Sent(sent=lambda: {"mail": 3}, failed=lambda: {"chat": 1}, waiting=lambda: 2)
    more = {"alerts": alerts, "logs": (lambda: 4, lambda: 5), "certificate_ends_at": lambda: 1.8e9}
    measured = Measured(Story(), tmp_path, **more)
    measured.leads = False
    told = await measured.told()
    assert (told["slipway_metastore_healthy"], told["slipway_metastore_pending"]) == (1, 0)
    assert of(told, "slipway_alerts_sent_total") == {'{target="mail"}': 3}
    assert of(told, "slipway_alerts_failed_total") == {'{target="chat"}': 1}
    assert (told["slipway_log_archive_waiting"], told["slipway_log_archive_lost_total"]) == (4, 5)
    assert told["slipway_webhook_certificate_expiry_timestamp_seconds"] == 1.8e9
    assert (told["slipway_leader"], told["slipway_alerts_waiting"]) == (0, 2)
    assert told["process_resident_memory_bytes"] > 0
