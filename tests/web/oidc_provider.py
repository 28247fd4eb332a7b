"""A small OpenID Connect provider over HTTP: it signs whoever comes in as one user, and can be made to misbehave."""

import secrets
import ssl
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

CLIENT: Final = "slipway-ui"
SECRET: Final = "s3cret/with=signs"  # noqa: S105 made up
TIMES: Final = [0.0]
"""What the clock says by which discovery and keys are kept."""
CALLBACK: Final = "https://slipway.test/api/v1/session/oidc/callback"


@dataclass
class SmallProvider:
    """The whole provider. Whatever it says can be changed at any time."""

    issuer: str = ""
    callback: str = CALLBACK
    """The only address that browsers are sent back to."""
    keys: dict[str, RSAPrivateKey] = field(default_factory=dict)
    """By kid; the last one signs."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Put in place of the token's own."""
    sign: Callable[[Mapping[str, Any]], str] | None = None
    """How tokens are made, in place of the proper way."""
    described: dict[str, Any] = field(default_factory=dict)
    """Put in place of what the discovery says."""
    wants_secret: bool = False
    down: set[str] = field(default_factory=set)
    """Paths that are answered with 500."""
    asked: list[str] = field(default_factory=list)
    """Paths that were asked for."""
    issued: list[str] = field(default_factory=list)
    """Every id_token."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self, kid: str) -> None:
        """Sign with a new key from here on, and forget the others."""
        self.keys = {kid: generate_private_key(65537, 2048)}

    def authorise(self, url: str) -> str:
        """What a person does in the browser: the address that the provider sends them back to."""
        assert url.startswith(f"{self.issuer}/authorise?")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["client_id"], asked["redirect_uri"], asked["response_type"]) == (CLIENT, self.callback, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        told = {"code": code, "state": asked["state"], "session_state": "the provider's own business"}
        return f"{self.callback}?{urlencode(told)}"

    async def answer(self, request: web.Request) -> web.Response:
        """Discovery, the page where people sign in, keys, and tokens for codes."""
        self.asked.append(request.path)
        if request.path in self.down:
            return web.Response(status=500)
        match request.path:
            case "/.well-known/openid-configuration":
                return web.json_response(self._description())
            case "/authorise":
                back = escape(self.authorise(f"{self.issuer}{request.path_qs}"))
                page = f'<html lang="en"><title>Provider</title><a href="{back}">Go on as ada</a></html>'
                return web.Response(text=page, content_type="text/html")
            case "/keys":
                return web.json_response({"keys": [_public(kid, key) for kid, key in self.keys.items()]})
            case "/token":
                return self._token(await request.post(), request.headers.get("Authorization", ""))
        return web.Response(status=404)

    def _description(self) -> dict[str, Any]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorise",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return told | self.described

    def _token(self, form: Mapping[str, Any], credentials: str) -> web.Response:
        asked = self._codes.pop(str(form["code"]), None)
        challenge = urlsafe_b64encode(sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=").decode()
        if self.wants_secret and not _is_client(form, credentials):
            return web.json_response({"error": "invalid_client"}, status=401)
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "ada", "aud": CLIENT, "iat": now, "exp": now + 600}
        claims |= {"nonce": asked["nonce"], **self.claims}
        token = self.sign(claims) if self.sign else self.signed(claims)
        self.issued.append(token)
        return web.json_response({"id_token": token, "access_token": "unused", "token_type": "Bearer"})

    def signed(self, claims: Mapping[str, Any]) -> str:
        """The claims as a token."""
        kid = list(self.keys)[-1]
        return jwt.encode(dict(claims), self.keys[kid], "RS256", {"kid": kid})


def _is_client(form: Mapping[str, Any], credentials: str) -> bool:
    if "client_secret" in form:
        return (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
    words = b64decode(credentials.removeprefix("Basic ")).decode().split(":")
    return [unquote_plus(word) for word in words] == [CLIENT, SECRET]


def _public(kid: str, key: RSAPrivateKey) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


async def _closing(_: web.Request, answer: web.StreamResponse) -> None:
    """No connection stays open: the API server would keep one past the test's end."""
    answer.force_close()


@asynccontextmanager
async def running_provider(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[SmallProvider]:
    """A provider on a free port of this machine; with `tls` it is reached by HTTPS."""
    provider = SmallProvider()
    provider.rotate("first")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.answer)
    app.on_response_prepare.append(_closing)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, host, 0, ssl_context=tls).start()
    scheme = "https" if tls is not None else "http"
    provider.issuer = f"{scheme}://{host}:{runner.addresses[0][1]}"
    yield provider
    await runner.cleanup()
