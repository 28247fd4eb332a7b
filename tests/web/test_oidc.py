"""Signing in by OpenID Connect, with a provider that is a real server: there and back, and what may be wrong."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from controller.web.oidc.provider import KEPT_SECONDS, Provider
from controller.web.settings import WebSettings
from tests.metastore.recording import RecordingWriter
from tests.web.conftest import Web, make_web
from tests.web.oidc_provider import CLIENT, SECRET, TIMES, SmallProvider
from tests.web.signing_in import ATTEMPT, HTML, START, attempt_cookie, begun, came_back, knowing, signed_in

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


async def test_the_whole_way(site: Web, provider: SmallProvider) -> None:
    """The provider's token becomes the session cookie, and the browser is where it wanted to go."""
    page, cookie = await begun(site, "/dags/team-a/etl/grid?run=etl-01#x")
    answer = await came_back(site, knowing(site, provider, page), cookie)
    assert (answer.status, answer.headers["location"]) == (303, "/dags/team-a/etl/grid?run=etl-01#x")
    seen = await site.client().get("/api/v1/session", Cookie=f"__Host-slipway={provider.issued[0]}")
    assert seen.json()["user"] == "ada"


async def test_cookies_on_the_way(site: Web, provider: SmallProvider) -> None:
    """The attempt's is short-lived, out of scripts' reach, and sent when the provider sends the browser back."""
    answer = await site.client().get(START)
    words = {word.strip().lower() for word in answer.headers["set-cookie"].split(";")[1:]}
    assert words == {"httponly", "max-age=600", "path=/", "samesite=lax", "secure"}
    page, cookie = answer.headers["location"], attempt_cookie(answer)
    asked = parse_qs(urlsplit(page).query)
    assert all(asked[name][0] not in cookie for name in ("state", "nonce", "code_challenge"))
    path = urlsplit(knowing(site, provider, page))
    async with site.client().stream(f"{path.path}?{path.query}", headers={"Cookie": cookie}) as end:
        assert end.status == 303
    kept = [value.decode() for name, value in end.raw if name == b"set-cookie"]
    session, dropped = kept
    assert session == f"__Host-slipway={provider.issued[0]}; HttpOnly; Path=/; SameSite=strict; Secure"
    assert dropped.startswith(f'{ATTEMPT}="";')
    assert "Max-Age=0" in dropped


@pytest.mark.parametrize(
    "next_page",
    ["https://evil.test", "//evil.test", "/.//evil.test", "/\\evil.test", "/a\\b", "dags", "", "/api/v1/session/oidc",
     "/signin?next=/", "/a\r\nSet-Cookie: x=y", "/é", "/" + "x" * 2000],
)  # fmt: skip
async def test_next_is_a_page_of_ours(site: Web, next_page: str) -> None:
    """A link to the sign-in can't lead anybody away."""
    answer = await site.client().get(START, {"next": next_page})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "next"


async def test_a_next_that_was_changed_in_the_cookie(site: Web, provider: SmallProvider) -> None:
    """It is looked at again on the way back."""
    page, cookie = await begun(site)
    seed = cookie.split("=")[1].split(".")[0]
    answer = await came_back(site, knowing(site, provider, page), f"{ATTEMPT}={seed}.Ly9ldmlsLnRlc3Q")
    assert answer.status == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("damage", ["state", "none", "other", "torn"])
async def test_a_sign_in_that_this_browser_has_not_begun(site: Web, provider: SmallProvider, damage: str) -> None:
    """Nobody can be signed in as somebody else by a link; the provider is not even asked for the token."""
    page, cookie = await begun(site)
    back = knowing(site, provider, page)
    if damage == "state":
        back = back.replace("state=", "state=x", 1)
    elif damage == "other":
        _, cookie = await begun(site)
    else:
        cookie = "" if damage == "none" else cookie[:30]
    answer = await came_back(site, back, cookie)
    assert answer.status == 401
    assert "not begun in this browser" in answer.json()["detail"]
    assert "/token" not in provider.asked
    assert "set-cookie" not in answer.headers


async def test_a_code_that_another_attempt_was_given(site: Web, provider: SmallProvider) -> None:
    """The provider compares the verifier: a code that was stolen is worth nothing in another browser."""
    stolen = parse_qs(urlsplit(knowing(site, provider, (await begun(site))[0])).query)["code"][0]
    page, cookie = await begun(site)
    own = parse_qs(urlsplit(provider.authorise(page)).query)
    back = f"https://slipway.test{START}/callback?code={stolen}&state={own['state'][0]}"
    answer = await came_back(site, back, cookie)
    assert answer.status == 401
    assert "did not sign you in" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
async def test_a_provider_that_is_down(site: Web, provider: SmallProvider, path: str) -> None:
    """503 in one sentence; a sign-in with a token works all the same, and the provider's return is noticed."""
    provider.down = {path}
    answer = await site.client().get(START)
    if answer.status == 303:
        back = knowing(site, provider, answer.headers["location"])
        answer = await came_back(site, back, attempt_cookie(answer))
    assert answer.status == 503
    assert "does not answer as it should" in answer.json()["detail"]
    assert (await site.client().post("/api/v1/session", {"token": "token-of-alice"})).status == 200
    provider.down = set()
    assert (await signed_in(site, provider)).status == 303


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://another.test"},
        {"authorization_endpoint": "http://plain.test/authorise"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"padding": "x" * 300_000},
    ],
    ids=lambda described: next(iter(described)),
)
async def test_a_provider_that_says_what_cannot_be(site: Web, provider: SmallProvider, described: Any) -> None:
    """Another issuer, addresses in clear text, or more than anybody would read."""
    provider.described = described
    assert (await site.client().get(START)).status == 503
    provider.described = {}
    TIMES[0] = KEPT_SECONDS + 1
    assert (await site.client().get(START)).status == 303


async def test_the_api_server_has_the_last_word(site: Web, provider: SmallProvider) -> None:
    """A good token that the cluster does not know signs nobody in, and the sentence says whose fault it is."""
    page, cookie = await begun(site)
    answer = await came_back(site, provider.authorise(page), cookie)
    assert answer.status == 401
    assert answer.json()["detail"] == f"The cluster's API server does not accept tokens of {provider.issuer}"
    assert "__Host-slipway=" not in answer.headers["set-cookie"]
    site.server.away = True
    assert (await signed_in(site, provider)).status == 503


async def test_a_token_too_long_for_a_cookie(site: Web, provider: SmallProvider) -> None:
    """Told, instead of a session that the browser throws away."""
    provider.claims = {"groups": ["x" * 20] * 200}
    answer = await signed_in(site, provider)
    assert answer.status == 401
    assert "too long for a cookie" in answer.json()["detail"]


async def test_a_browser_gets_a_page(site: Web, provider: SmallProvider) -> None:
    """The sign-in page, with a word for which the options have the sentence; no text of a link is ever shown."""
    page, cookie = await begun(site, "/pools")
    state = parse_qs(urlsplit(page).query)["state"][0]
    denied = f"https://slipway.test{START}/callback?error=access_denied&error_description=EVIL&state={state}"
    answer = await came_back(site, denied, cookie, HTML)
    assert (answer.status, answer.headers["location"]) == (303, "/signin?fault=refused&next=%2Fpools")
    options = (await site.client().get("/api/v1/session/options")).json()
    assert options["oidc"]["faults"]["refused"] == f"{provider.issuer} did not sign you in"
    provider.down = {"/token"}
    assert "fault=away" in (await signed_in(site, provider, HTML)).headers["location"]


async def test_an_answer_of_another_issuer(site: Web, provider: SmallProvider) -> None:
    """RFC 9207: the browser comes from a provider that was not asked."""
    page, cookie = await begun(site)
    answer = await came_back(site, knowing(site, provider, page) + "&iss=https://another.test", cookie)
    assert answer.status == 401
    assert "/token" not in provider.asked


@pytest.mark.parametrize("methods", [None, ["client_secret_post"]])
async def test_a_confidential_client(
    filled: RecordingWriter, tmp_path: Path, provider: SmallProvider, methods: list[str] | None
) -> None:
    """The secret goes to the provider in the way that it takes, and nowhere else."""
    provider.wants_secret = True
    provider.described = {"token_endpoint_auth_methods_supported": methods} if methods else {}
    settings = WebSettings(
        database_url=filled.url, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, origins=("https://slipway.test",)
    )
    for secret, status in ((SECRET, 303), ("wrong", 401)):
        given = WebSettings(**settings.model_dump() | {"oidc_client_secret": f"{secret}\n"})
        assert secret not in repr(given)
        async with Provider(given) as ours:
            site = make_web(filled, tmp_path, given, ours)
            page, cookie = await begun(site)
            assert secret not in page + cookie
            assert (await came_back(site, knowing(site, provider, page), cookie)).status == status
            site.parts.reader.close()


async def test_which_ways_there_are(site: Web, web: Web, provider: SmallProvider) -> None:
    """With a provider its name and where to begin; without one nothing of it, and no such address."""
    told = (await site.client().get("/api/v1/session/options")).json()
    assert (told["oidc"]["name"], told["oidc"]["start"], told["proxy"]) == ("127.0.0.1", START, False)
    bare = (await web.client().get("/api/v1/session/options")).json()
    assert bare == {"oidc": None, "proxy": False, "anonymous": False}
    for path in (START, f"{START}/callback"):
        assert (await web.client().get(path)).status == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"oidc_issuer": "http://idp.test"}, "must be an https:// URL"),
        ({"oidc_issuer": "https://idp.test"}, "needs SLIPWAY_WEB_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "https://idp.test", "oidc_client_id": "x"}, "needs SLIPWAY_WEB_OIDC_REDIRECT_URL"),
        ({"oidc_client_id": "x"}, "needs SLIPWAY_WEB_OIDC_ISSUER"),
        ({"oidc_scopes": "email"}, "must have openid"),
    ],
)
def test_settings_that_cannot_be(url: str, given: dict[str, str], words: str) -> None:
    """Told before anything starts."""
    with pytest.raises(ValidationError, match=words):
        WebSettings(**given)  # type: ignore[arg-type]  # none of these is anything but a text
