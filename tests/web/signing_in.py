"""A web server with an OpenID Connect provider, and the way of a browser from one to the other and back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.web.client import Response
from tests.web.conftest import Web
from tests.web.oidc_provider import SmallProvider

START = "/api/v1/session/oidc"
ATTEMPT = "__Host-slipway-oidc"
HTML = {"Accept": "text/html,application/xhtml+xml"}


def attempt_cookie(answer: Response) -> str:
    """What the browser keeps of the sign-in that has begun."""
    return answer.headers["set-cookie"].split(";")[0]


async def begun(site: Web, next_page: str = "/") -> tuple[str, str]:
    """The provider's page, and the browser's cookie."""
    answer = await site.client().get(START, {"next": next_page})
    assert answer.status == 303, answer.text
    return answer.headers["location"], attempt_cookie(answer)


async def came_back(site: Web, url: str, cookie: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer when the browser comes back to this address."""
    parts = urlsplit(url)
    assert parts.netloc == "slipway.test"
    return await site.client().send("GET", f"{parts.path}?{parts.query}", headers={"Cookie": cookie, **(headers or {})})


async def signed_in(site: Web, provider: SmallProvider, headers: Mapping[str, str] | None = None) -> Response:
    """The answer at the end of the whole way."""
    page, cookie = await begun(site)
    return await came_back(site, knowing(site, provider, page), cookie, headers)


def knowing(site: Web, provider: SmallProvider, page: str) -> str:
    """The way back from the provider's page; the API server takes all tokens of it for ada's."""
    made = provider.sign or provider.signed

    def sign(claims: Mapping[str, Any]) -> str:
        token = made(claims)
        site.server.users[token] = "ada"
        return token

    provider.sign = sign
    return provider.authorise(page)
