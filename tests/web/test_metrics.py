"""Metrics: requests by route and code, streams, and how far the metastore is behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from controller.metastore.heartbeat import CONTROLLER, Beat, Heart
from controller.probes import serve_probes
from controller.web.reading import Reader
from tests.web.conftest import Web
from tests.web.objects import A, B


async def told(web: Web) -> dict[str, float]:
    """Each line of the metrics."""
    text = (await web.parts.metrics.told(web.parts.reader, web.parts.streams)).decode()
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


async def test_requests(web: Web) -> None:
    """By route, method and code, without a name of an object in them; what took how long."""
    alice = web.client("alice")
    await alice.get(f"/api/v1/namespaces/{A}/runs/etl-03")
    await alice.get(f"/api/v1/namespaces/{B}/runs/etl-03")
    await web.client().get(f"/api/v1/namespaces/{A}/runs/etl-04")
    await alice.get("/no/such/page")
    found = await told(web)
    route = 'route="/api/v1/namespaces/{namespace}/runs/{run}"'
    for code in (200, 401, 403):
        name = f'slipway_web_requests_total{{code="{code}",method="GET",{route}}}'
        assert found[name] == 1, name
    assert found[f"slipway_web_request_seconds_count{{{route}}}"] == 3
    assert not any("etl-0" in name or "no/such" in name for name in found)


async def test_a_method_of_the_callers_own(web: Web) -> None:
    """Whatever words a caller sends, they make one series and not one each."""
    for number in range(3):
        await web.client().send(f"WORD{number}", "/api/v1/dags")
    found = [name for name in await told(web) if name.startswith("slipway_web_requests_total")]
    assert len(found) == 1
    assert 'method="other"' in found[0]


async def test_streams(web: Web) -> None:
    """As long as they last; they have no time of their own."""
    async with web.admin.stream("/api/v1/events") as stream:
        await stream.event()
        assert (await told(web))["slipway_web_streams_open"] == 1
    found = await told(web)
    assert found["slipway_web_streams_open"] == 0
    assert not any("seconds_count" in name and "/events" in name for name in found)


async def test_the_metastore(web: Web, tmp_path: Path) -> None:
    """How far it is behind, as the controller says; and whether it answers at all."""
    at = datetime.now(UTC) - timedelta(seconds=20)
    heart = Heart(web.writer.url)
    heart.beat(Beat(CONTROLLER, "1", at, at, ready=True, pending=7, lag_seconds=1.5))
    heart.close()
    found = await told(web)
    assert (found["slipway_metastore_lag_seconds"], found["slipway_metastore_pending"]) == (1.5, 7)
    assert (found["slipway_metastore_answers"], found["slipway_controller_beat_age_seconds"] >= 20) == (1, True)
    reader = web.parts.reader
    web.parts = replace(web.parts, reader=Reader(f"sqlite:///{tmp_path}/not-migrated.db"))
    assert (await told(web))["slipway_metastore_answers"] == 0
    web.parts.reader.close()
    web.parts = replace(web.parts, reader=reader)


async def test_the_probe_port(web: Web) -> None:
    """There they are served, in the form that Prometheus reads."""
    runner = await serve_probes(
        0,
        alive=lambda: None,
        ready=lambda: None,
        counts=dict,
        metrics=lambda: web.parts.metrics.told(web.parts.reader, web.parts.streams),
    )
    try:
        async with aiohttp.ClientSession() as session:
            port = runner.addresses[0][1]
            answer = await session.get(f"http://127.0.0.1:{port}/metrics")
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert b"slipway_metastore_answers 1.0" in await answer.read()
    finally:
        await runner.cleanup()
