"""A trusted proxy says who asks: with its secret alone, never as somebody powerful, through the same gate as all."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from controller.web.authorise import InNamespace, Public, requirement_of
from controller.web.identity import OWN_HEADER
from controller.web.proxied import SECRET_HEADER
from controller.web.settings import WebSettings
from tests.metastore.recording import RecordingWriter
from tests.web.client import Response
from tests.web.conftest import Web, make_web
from tests.web.objects import A, B
from tests.web.test_authorisation import api_routes, call

SECRET = "a-secret-of-the-proxy-and-ours"  # noqa: S105 made up
OWN = "our-own"
USER, GROUPS = "X-Remote-User", "X-Remote-Groups"
SESSION = "/api/v1/session"
PAUSE = f"/api/v1/namespaces/{A}/dags/etl/pause"
ALICE = {SECRET_HEADER: SECRET, USER: "alice"}


@pytest.fixture
async def behind(filled: RecordingWriter, tmp_path: Path) -> AsyncIterator[Web]:
    """A server behind a proxy."""
    settings = WebSettings(
        database_url=filled.url, proxy_user_header=USER, proxy_groups_header=GROUPS, proxy_secret=SECRET
    )
    made = make_web(filled, tmp_path, settings)
    yield made
    made.parts.reader.close()


async def sent(web: Web, headers: Mapping[str, str], path: str = SESSION) -> Response:
    """The answer to GET with these headers, spelled as they are."""
    return await web.client().send("GET", path, headers=headers)


async def test_the_proxy_says_who_asks(behind: Web) -> None:
    """With its secret; and there is nothing to sign out of."""
    who = (await sent(behind, ALICE)).json()
    assert (who["user"], who["anonymous"], who["proxied"]) == ("alice", False, True)
    assert (await behind.client().get("/api/v1/session/options")).json()["proxy"] is True
    shown = (await sent(behind, ALICE, "/api/v1/dags")).json()["items"]
    assert {each["namespace"] for each in shown} == {A}


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper()])
@pytest.mark.parametrize("header", [USER, GROUPS])
async def test_spoofed_headers(behind: Web, secret: str | None, header: str) -> None:
    """Without the secret they are refused, also beside a token that is good: nobody gets used to sending them."""
    headers = {header: "admin"} | ({SECRET_HEADER: secret} if secret is not None else {})
    for more in ({}, {"Authorization": "Bearer token-of-alice"}, {"Cookie": "__Host-slipway=token-of-alice"}):
        answer = await sent(behind, headers | more)
        assert answer.status == 403
        assert SECRET not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Remote_User": "admin"},
        {"X-Remote_User": "admin"},
        {"X_Remote_User": "admin", **ALICE},
        {"x_remote_groups": "admins", **ALICE},
        {"X_Slipway_Proxy_Secret": SECRET, USER: "admin"},
        {SECRET_HEADER: SECRET, "X_Slipway_Proxy_Secret": SECRET, USER: "admin"},
    ],
    ids=str,
)
async def test_headers_with_underscores(behind: Web, headers: dict[str, str]) -> None:
    """What a proxy may have let through as another header is not taken for the same one."""
    assert (await sent(behind, headers)).status == 403


async def test_a_header_that_comes_twice(behind: Web) -> None:
    """One of them is the caller's own, and nobody can tell which."""
    for name in (USER, GROUPS, SECRET_HEADER):
        doubled = {**ALICE, GROUPS: "team", name.lower(): "admin", name.upper(): "alice"}
        assert (await sent(behind, doubled)).status == 403, name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (USER, "system:admin"),
        (USER, "system:serviceaccount:kube-system:clusterrole-aggregation-controller"),
        (USER, "System:Node:one"),
        (GROUPS, "system:masters"),
        (GROUPS, "team, system:nodes"),
        (GROUPS, "system:serviceaccounts"),
        (GROUPS, "kubeadm:cluster-admins"),
        (USER, "a\x01b"),
        (USER, "x" * 513),
        (USER, "\xff"),
        (GROUPS, ",".join(["g"] * 501)),
    ],
)
async def test_names_that_the_proxy_may_not_say(behind: Web, header: str, name: str) -> None:
    """Kubernetes' own names, and what is no name, are refused as a whole; the API server is not asked."""
    assert (await sent(behind, {**ALICE, header: name})).status == 403
    assert behind.server.asked == []


async def test_a_name_beyond_ascii(behind: Web) -> None:
    """It is UTF-8, as everywhere in Kubernetes."""
    answer = await sent(behind, {**ALICE, USER: "zoë".encode().decode("latin-1")})
    assert answer.json()["user"] == "zoë"


async def test_the_proxy_names_nobody(behind: Web) -> None:
    """Then a token counts as ever, and nobody comes in without one."""
    known = {SECRET_HEADER: SECRET}
    assert (await sent(behind, known)).status == 401
    assert (await sent(behind, {**known, USER: " "})).status == 401
    bob = await sent(behind, {**known, "Authorization": "Bearer token-of-bob"})
    assert (bob.json()["user"], bob.json()["proxied"]) == ("bob", False)


async def test_the_proxys_word_goes_before_a_token(behind: Web) -> None:
    """A request has one identity; a browser's old cookie does not change it."""
    for more in ({"Authorization": "Bearer token-of-admin"}, {"Cookie": "__Host-slipway=token-of-admin"}):
        assert (await sent(behind, ALICE | more)).json()["user"] == "alice"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({OWN_HEADER: "1", "Origin": "https://slipway.test"}, 200),
        ({}, 403),
        ({OWN_HEADER: "1"}, 403),
        ({"Origin": "https://slipway.test"}, 403),
        ({OWN_HEADER: "1", "Origin": "https://evil.test"}, 403),
        ({"Authorization": "Bearer token-of-alice"}, 403),
    ],
)
async def test_a_change_comes_from_our_own_page(behind: Web, headers: dict[str, str], status: int) -> None:
    """The browser knows the proxy by a cookie, so another site's page could send a change along."""
    body = b'{"paused": true, "dryRun": true}'
    answer = await behind.client().send("POST", PAUSE, body=body, headers={**ALICE, **headers})
    assert answer.status == status


async def test_every_route_asks_for_the_same_rights(behind: Web) -> None:
    """The proxy's users pass the one gate: nothing in another tenant's namespace, and nothing without the secret."""
    ours = {OWN_HEADER: "1", "Origin": "https://slipway.test"}
    alice, spoofed = behind.client(), behind.client()
    alice._given |= {**ALICE, **ours}
    spoofed._given |= {USER: "admin", **ours}
    for route in api_routes(behind.app):
        requirement = requirement_of(route)
        if isinstance(requirement, InNamespace):
            assert await call(alice, route, B) == 403, route.path
        if not isinstance(requirement, Public):
            assert await call(spoofed, route, A) == 403, route.path


async def test_headers_mean_nothing_where_no_proxy_is_trusted(web: Web) -> None:
    """They are not read at all."""
    assert (await sent(web, ALICE)).status == 401
    alone = await sent(web, {**ALICE, USER: "admin", "Authorization": "Bearer token-of-bob"})
    assert alone.json()["user"] == "bob"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"proxy_user_header": USER}, "needs a SLIPWAY_WEB_PROXY_SECRET of 24 characters"),
        ({"proxy_user_header": USER, "proxy_secret": "short"}, "needs a SLIPWAY_WEB_PROXY_SECRET of 24 characters"),
        ({"proxy_secret": SECRET}, "need SLIPWAY_WEB_PROXY_USER_HEADER"),
        ({"proxy_groups_header": GROUPS}, "need SLIPWAY_WEB_PROXY_USER_HEADER"),
        ({"proxy_user_header": "X_Remote_User", "proxy_secret": SECRET}, "must be the name of a header"),
        ({"proxy_user_header": "Authorization", "proxy_secret": SECRET}, "must be the name of a header"),
        ({"proxy_user_header": USER, "proxy_groups_header": USER.lower(), "proxy_secret": SECRET}, "two headers"),
        ({"proxy_user_header": USER, "proxy_secret": SECRET, "insecure_anonymous": True}, "exclude one another"),
    ],
)
def test_settings_that_cannot_be(given: dict[str, Any], words: str) -> None:
    """Told before anything starts, and without the secret."""
    with pytest.raises(ValidationError, match=words) as told:
        WebSettings(**given)
    assert SECRET not in str(told.value)
