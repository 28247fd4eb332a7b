"""Signing in and out, and what a browser could be made to send against its owner's will."""

from pathlib import Path

import pytest

from controller.web.identity import LARGEST_COOKIE_TOKEN, OWN_HEADER
from controller.web.settings import WebSettings
from tests.metastore.recording import RecordingWriter
from tests.web.client import Client
from tests.web.conftest import Web, make_web
from tests.web.objects import A

SESSION = "/api/v1/session"
OURS = {OWN_HEADER: "1", "Origin": "https://slipway.test"}
PAUSE = f"/api/v1/namespaces/{A}/dags/etl/pause"
COOKIE = "__Host-slipway=token-of-alice"


async def test_who_am_i(web: Web) -> None:
    """The API server says who, not the token's own text."""
    answer = await web.client("alice").get(SESSION)
    assert answer.json()["user"] == "alice"
    assert answer.json()["anonymous"] is False


async def test_signing_in_sets_a_cookie_that_scripts_cannot_read(web: Web) -> None:
    """HttpOnly, SameSite=Strict, Secure, for this host alone, and gone with the browser."""
    answer = await web.client().post(SESSION, {"token": "token-of-alice"})
    cookie = answer.headers["set-cookie"]
    assert answer.status == 200
    assert answer.json()["user"] == "alice"
    assert "token-of-alice" not in answer.text
    words = {word.strip().lower() for word in cookie.split(";")}
    assert {COOKIE.lower(), "httponly", "samesite=strict", "secure", "path=/"} == words
    seen = await web.client().get(SESSION, Cookie=COOKIE)
    assert seen.json()["user"] == "alice"


async def test_a_bad_token_signs_nobody_in(web: Web) -> None:
    """No cookie, a way on, and the token is not repeated."""
    for token in ("stolen-secret", "two words", ""):
        answer = await web.client().post(SESSION, {"token": token})
        assert answer.status == 401
        assert "set-cookie" not in answer.headers
        assert "stolen" not in answer.text
        assert answer.json()["wayOn"]


async def test_a_token_too_long_for_a_cookie_is_told(web: Web) -> None:
    """The caller learns of the header instead of being signed out by the browser."""
    token = "x" * (LARGEST_COOKIE_TOKEN + 1)
    web.server.users[token] = "carol"
    answer = await web.client().post(SESSION, {"token": token})
    assert answer.status == 422
    assert "Authorization header" in answer.json()["detail"]
    assert (await Client(web.app, token).get(SESSION)).json()["user"] == "carol"


async def test_signing_out_forgets_the_cookie(web: Web) -> None:
    """The browser is told to drop it."""
    answer = await web.client().send("DELETE", SESSION, headers={"Cookie": COOKIE, **OURS})
    assert answer.status == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 200),
        ({}, 403),
        ({"Origin": "https://slipway.test"}, 403),
        ({OWN_HEADER: "1"}, 403),
        ({OWN_HEADER: "1", "Origin": "null"}, 403),
        ({OWN_HEADER: "1", "Origin": "https://evil.test"}, 403),
        ({OWN_HEADER: "1", "Origin": "https://slipway.test.evil.test"}, 403),
        ({OWN_HEADER: "1", "Origin": "https://slipway.test:8443"}, 403),
        ({OWN_HEADER: "1", "Origin": "https://[slipway.test"}, 403),
    ],
)
async def test_a_change_by_cookie_comes_from_our_own_page(web: Web, headers: dict[str, str], status: int) -> None:
    """Another site's page can send the cookie along, but not what is needed beside it."""
    body = b'{"paused": true, "dryRun": true}'
    answer = await web.client().send("POST", PAUSE, body=body, headers={"Cookie": COOKIE, **headers})
    assert answer.status == status


async def test_a_change_by_header_needs_no_origin(web: Web) -> None:
    """Nobody can be made to send a header, so programs need not pretend to be browsers."""
    assert (await web.client("alice").post(PAUSE, {"paused": True, "dryRun": True})).status == 200


async def test_a_form_of_another_site_is_not_read(web: Web) -> None:
    """Only JSON is, which no form can send."""
    headers = {"Content-Type": "text/plain", "Cookie": COOKIE, **OURS}
    answer = await web.client().send("POST", PAUSE, body=b'{"paused": true}', headers=headers)
    assert answer.status == 422
    assert (await web.client().post(SESSION, {"token": "token-of-alice"}, Origin="https://evil.test")).status == 403
    assert (await web.client().post(SESSION, {"token": "x"}, Sec_Fetch_Site="cross-site")).status == 403


async def test_other_schemes_are_refused(web: Web) -> None:
    """A password is neither taken nor repeated."""
    answer = await web.client().get(SESSION, Authorization="Basic c2VjcmV0")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "c2VjcmV0" not in answer.text


@pytest.fixture
def open_door(filled: RecordingWriter, tmp_path: Path) -> Web:
    """A server that lets anonymous callers in."""
    web = make_web(filled, tmp_path, WebSettings(database_url=filled.url, insecure_anonymous=True))
    web.server.users[""] = "laptop"
    web.server.grant("laptop", ("*", "*", "*"))
    return web


async def test_anonymous_callers_where_they_are_let_in(open_door: Web) -> None:
    """They act as the process itself, say so, and still no other site's page can use them."""
    here = open_door.client(host="localhost:8000")
    who = (await here.get(SESSION)).json()
    assert (who["user"], who["anonymous"], who["proxied"]) == ("laptop", True, False)
    assert (await here.post(PAUSE, {"paused": True, "dryRun": True})).status == 403
    ours = {OWN_HEADER: "1", "Origin": "http://localhost:8000"}
    body = b'{"paused": true, "dryRun": true}'
    assert (await here.send("POST", PAUSE, body=body, headers=ours)).status == 200
    for host, status in {"evil.test": 403, "[::1": 403, "": 403, "127.0.0.1:8000": 200, "[::1]:8000": 200}.items():
        assert (await open_door.client(host=host).get("/api/v1/dags")).status == status, host
    open_door.parts.reader.close()
