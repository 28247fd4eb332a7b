"""Whatever goes wrong is one problem document with a way on, and tells no secret."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from controller.errors import Unavailable
from controller.metastore.heartbeat import CONTROLLER, Beat, Heart
from controller.web.queries import dags as dags_module
from controller.web.settings import WebSettings
from tests.metastore.objects import START
from tests.metastore.postgres import PostgresServer
from tests.metastore.recording import RecordingWriter
from tests.web.conftest import Web, make_web
from tests.web.objects import A, run

LONG = "x" * 10_000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/api/v1/namespaces/{A}/dags/no-such", 404),
        (f"/api/v1/namespaces/{A}/runs/no-such", 404),
        (f"/api/v1/namespaces/{A}/runs/etl-03/tasks/no-such", 404),
        (f"/api/v1/namespaces/{A}/dags/etl/revisions/no-such", 404),
        (f"/api/v1/namespaces/{A}/pools/no-such", 404),
        (f"/api/v1/namespaces/{LONG}/dags/etl", 404),
        (f"/api/v1/namespaces/{A}/dags/{LONG}", 404),
        (f"/api/v1/namespaces/{A}/dags/..%2f..%2fetc", 404),
        (f"/api/v1/namespaces/{A}/dags/<script>", 404),
        ("/api/v1/nothing", 404),
        ("/api/v2/dags", 404),
        ("/api/v1/dags?nmae=etl", 422),
        (f"/api/v1/dags?{LONG}=1", 422),
        (f"/api/v1/dags?name={LONG}", 422),
        ("/api/v1/dags?paused=perhaps", 422),
        ("/api/v1/dags?runs=26", 422),
        ("/api/v1/runs?state=Lost", 422),
        ("/api/v1/runs?after=2026-01-01", 422),
        ("/api/v1/runs?after=0001-01-01T00:00:00%2B14:00", 422),
        ("/api/v1/runs?label=nothing", 422),
        ("/api/v1/runs?namespace=Not%20One", 404),
        ("/api/v1/events?since=-1", 422),
        ("/api/v1/session?debug=1", 422),
    ],
)
async def test_what_is_not_there_or_makes_no_sense(web: Web, path: str, status: int) -> None:
    """A problem that says what and how to go on, with the request's id, not longer than a page."""
    answer = await web.admin.get(path)
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    assert told["requestId"] == answer.headers["x-request-id"]
    assert told.get("wayOn") or told["errors"]
    assert len(answer.body) < 2000


async def test_a_method_that_the_address_does_not_take(web: Web) -> None:
    """Also a problem."""
    answer = await web.admin.send("PUT", f"/api/v1/namespaces/{A}/dags/etl", body=b"{}")
    assert (answer.status, answer.json()["type"]) == (405, "urn:slipway:problem:method")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b'{"paused": 1e999}', b"[" * 100_000])
async def test_bodies_that_cannot_be_read(web: Web, body: bytes) -> None:
    """Never an error of ours."""
    answer = await web.admin.send("POST", f"/api/v1/namespaces/{A}/dags/etl/pause", body=body)
    assert answer.status in (400, 422), answer.text


async def test_a_body_that_is_too_large(web: Web) -> None:
    """It is not read to its end."""
    body = json.dumps({"note": "x" * 2_000_000}).encode()
    answer = await web.admin.send("POST", f"/api/v1/namespaces/{A}/dags/etl/runs", body=body)
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_error_of_ours_tells_nothing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """But the id under which the log tells all; the headers are there all the same."""

    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(dags_module, "_recent", broken)
    answer = await web.admin.get("/api/v1/dags")
    assert answer.status == 500
    assert "hunter2" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_request_that_takes_too_long(filled: RecordingWriter, tmp_path: Path) -> None:
    """It is given up, and told."""
    web = make_web(filled, tmp_path, WebSettings(database_url=filled.url, request_seconds=0.000001))
    answer = await web.admin.get("/api/v1/dags")
    assert (answer.status, answer.json()["title"]) == (504, "It took too long")
    web.parts.reader.close()


async def test_an_expired_token(web: Web) -> None:
    """401 with a way on, as soon as the answers of before are forgotten."""
    assert (await web.client("alice").get("/api/v1/dags")).status == 200
    web.server.users.clear()
    web.parts.reviews.forget()
    answer = await web.client("alice").get("/api/v1/dags")
    assert answer.status == 401
    assert "kubectl create token" in answer.json()["wayOn"]


async def test_an_api_server_that_is_away(web: Web) -> None:
    """Nobody is let in while nobody can say who they are."""
    web.server.away = True
    assert (await web.admin.get("/api/v1/dags")).status == 503


async def test_a_database_that_is_away_and_comes_back(postgres: PostgresServer, tmp_path: Path) -> None:
    """503 with a sentence and without the URL; health says so with 200; then everything works again."""
    url = postgres.url("migrated")
    web = make_web(RecordingWriter(url), tmp_path, WebSettings(database_url=url))
    assert (await web.admin.get("/api/v1/dags")).status == 200
    postgres.stop()
    try:
        answer = await web.admin.get("/api/v1/dags")
        assert (answer.status, answer.json()["detail"]) == (503, "The database does not answer")
        health = (await web.admin.get("/api/v1/health")).json()
        assert (health["metastore"]["answers"], health["controller"]["alive"]) == (False, False)
    finally:
        postgres.start()
    assert (await web.admin.get("/api/v1/dags")).status == 200
    web.parts.reader.close()


async def test_health_follows_the_heartbeat(web: Web) -> None:
    """No beat, an old one, a fresh one."""
    heart = Heart(web.writer.url)
    assert (await web.admin.get("/api/v1/health")).json()["controller"]["alive"] is False
    beat = Beat(CONTROLLER, "0.1.0", START, START, ready=True, pending=3, lag_seconds=0.5)
    heart.beat(beat)
    old = (await web.admin.get("/api/v1/health")).json()["controller"]
    assert (old["alive"], old["ready"], old["pending"]) == (False, False, 3)
    heart.beat(replace(beat, beat_at=datetime.now(UTC)))
    fresh = (await web.admin.get("/api/v1/health")).json()
    assert (fresh["controller"]["alive"], fresh["controller"]["ready"]) == (True, True)
    assert fresh["metastore"]["answers"] is True
    heart.close()


async def test_the_web_server_cannot_write(web: Web) -> None:
    """Not even by a fault of ours: the connection refuses."""
    with pytest.raises(Unavailable):
        await web.parts.reader.ask(lambda session: session.execute(text("DELETE FROM dags")))


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "'; DROP TABLE dags; --",
]


async def test_what_users_wrote_is_data(web: Web) -> None:
    """Notes with markup come back as JSON that no browser reads as a page, under a policy without inline scripts."""
    for number, payload in enumerate(PAYLOADS):
        web.record(run(A, f"bad-{number}", 100 + number, {"message": payload}, spec={"note": payload}))
        answer = await web.admin.get(f"/api/v1/namespaces/{A}/runs/bad-{number}")
        assert answer.json()["note"] == payload
        assert answer.headers["content-type"] == "application/json"
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        found = await web.admin.get("/api/v1/dags", {"name": payload})
        assert (found.status, found.json()["items"]) == (200, [])
