"""A sign-in that has begun -> the provider's page, and later the code it gave -> a token that was checked.

What the provider says of itself, and its keys, are asked for when first needed and kept for an hour; the keys also anew
when a token is signed with one that is not known.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Self
from urllib.parse import quote_plus, urlencode

import aiohttp

from controller.web.oidc.attempt import Attempt
from controller.web.oidc.faults import SignInFault
from controller.web.oidc.id_token import Expected, UnknownKey, Untrusted, check_id_token
from controller.web.settings import WebSettings, is_safe_url

KEPT_SECONDS: Final = 3600.0
REQUEST_SECONDS: Final = 6
"""Discovery, token, keys, and keys anew together stay below the longest request."""
MOST_BYTES: Final = 262_144
_BASIC: Final = "client_secret_basic"


class Away(Exception):
    """The provider does not answer, or not as a provider does."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content: Mapping[str, Any]


class Provider:
    """The provider that the settings name. Use `async with`."""

    def __init__(self, settings: WebSettings, now: Callable[[], float] = monotonic) -> None:
        self._settings = settings
        self._now = now
        self._http: aiohttp.ClientSession | None = None
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    async def __aenter__(self) -> Self:
        context = ssl.create_default_context(cafile=self._settings.oidc_ca or None)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context),
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            headers={"Accept": "application/json"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.close()

    async def page(self, attempt: Attempt) -> str:
        """The address of the provider's own page where people sign in."""
        try:
            endpoint = _endpoint(await self._described(), "authorization_endpoint")
        except Away as error:
            raise SignInFault("away", self._settings, error) from error
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._settings.callback_url,
            "scope": self._settings.oidc_scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def token(self, code: str, attempt: Attempt) -> str:
        """The id_token that the provider gives for the code."""
        expected = Expected(self._settings.oidc_issuer, self._settings.oidc_client_id, attempt.nonce)
        try:
            token = await self._exchanged(code, attempt)
            try:
                check_id_token(token, await self._keys(), expected)
            except UnknownKey:
                check_id_token(token, await self._keys(fresh=True), expected)
        except Away as error:
            raise SignInFault("away", self._settings, error) from error
        except Untrusted as error:
            raise SignInFault("untrusted", self._settings, error) from error
        return token

    async def _exchanged(self, code: str, attempt: Attempt) -> str:
        described = await self._described()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.callback_url,
            "code_verifier": attempt.verifier,
            "client_id": self._settings.oidc_client_id,
        }
        headers, secret = {}, self._settings.oidc_client_secret.get_secret_value()
        if secret and _BASIC in (described.get("token_endpoint_auth_methods_supported") or [_BASIC]):
            # Both are form-encoded before they are joined (RFC 6749, 2.3.1).
            words = quote_plus(self._settings.oidc_client_id), quote_plus(secret)
            headers["Authorization"] = aiohttp.encode_basic_auth(*words)
        elif secret:
            form["client_secret"] = secret
        answer = await self._asked("POST", _endpoint(described, "token_endpoint"), data=form, headers=headers)
        if answer.status != 200:
            raise SignInFault("refused", self._settings, f"{answer.status} {answer.content.get('error')}")
        token = answer.content.get("id_token")
        if not isinstance(token, str):
            raise Untrusted("there is no id_token in the answer")
        return token

    async def _described(self) -> Mapping[str, Any]:
        url = self._settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
        described = await self._once_an_hour(url)
        if described.get("issuer") != self._settings.oidc_issuer:
            del self._kept[url]
            raise Away(f"it calls itself {described.get('issuer')!r}, which is not SLIPWAY_WEB_OIDC_ISSUER")
        return described

    async def _keys(self, *, fresh: bool = False) -> list[Mapping[str, Any]]:
        url = _endpoint(await self._described(), "jwks_uri")
        keys = (await self._once_an_hour(url, fresh=fresh)).get("keys")
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise Away("its keys are not a JWK set")
        return keys

    async def _once_an_hour(self, url: str, *, fresh: bool = False) -> Mapping[str, Any]:
        found = self._kept.get(url)
        if found is not None and not fresh and self._now() - found[0] < KEPT_SECONDS:
            return found[1]
        answer = await self._asked("GET", url)
        if answer.status != 200:
            raise Away(f"{url} answers {answer.status}")
        self._kept[url] = (self._now(), answer.content)
        return answer.content

    async def _asked(self, method: str, url: str, **more: Any) -> _Answer:
        if self._http is None:
            raise RuntimeError("Provider is used outside of its `async with`")
        try:
            async with self._http.request(method, url, allow_redirects=False, **more) as response:
                body = await _read(response.content)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Away(f"{url}: {type(error).__name__} {error}") from error
        if status >= 500 or status in (301, 302, 303, 307, 308, 429):
            raise Away(f"{url} answers {status}")
        try:
            content = json.loads(body)
        except ValueError as error:
            raise Away(f"{url} answers {status} with what is not JSON") from error
        if not isinstance(content, dict):
            raise Away(f"{url} answers {status} with what is not a JSON object")
        return _Answer(status, content)


async def _read(content: aiohttp.StreamReader) -> bytes:
    try:
        await content.readexactly(MOST_BYTES + 1)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
    raise Away(f"it answers with more than {MOST_BYTES} bytes")


def _endpoint(described: Mapping[str, Any], name: str) -> str:
    url = described.get(name)
    if not isinstance(url, str) or not is_safe_url(url):
        raise Away(f"its {name} is not an https:// URL")
    return url
