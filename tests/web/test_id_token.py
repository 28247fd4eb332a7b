"""The provider's token: whose, for whom, for which sign-in, until when, and signed with which key."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from controller.web.oidc.provider import KEPT_SECONDS
from tests.web.conftest import Web
from tests.web.oidc_provider import CLIENT, TIMES, SmallProvider
from tests.web.signing_in import signed_in

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def _none(claims: Mapping[str, Any]) -> str:
    return jwt.encode(dict(claims), "", "none")


def _foreign(claims: Mapping[str, Any]) -> str:
    return jwt.encode(dict(claims), generate_private_key(65537, 2048), "RS256", {"kid": "first"})


def _torn(claims: Mapping[str, Any]) -> str:
    return "three.small.words"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 7},
        {"aud": "another-client"},
        {"aud": ["another-client", CLIENT]},
        {"azp": "another-client"},
        {"iss": "https://another.test"},
        {"exp": int(time.time()) - 60},
        {"iat": int(time.time()) + 86_400},  # a day: the suite may take longer than minutes
        {"nbf": int(time.time()) + 86_400},  # a day: the suite may take longer than minutes
        {"exp": "never"},
        {"sub": None},
    ],
    ids=lambda claims: "-".join(claims),  # not the values: times differ between the processes that collect
)
async def test_a_token_for_something_else(site: Web, provider: SmallProvider, claims: dict[str, Any]) -> None:
    """Signed by the provider, and all the same refused, though the API server would take it."""
    provider.claims = claims
    await refused(site, provider)


@pytest.mark.parametrize("sign", [_none, _foreign, _torn])
async def test_a_token_that_is_not_the_providers(
    site: Web, provider: SmallProvider, sign: Callable[[Mapping[str, Any]], str]
) -> None:
    """Without a signature, with another key under the same name, or no token at all."""
    provider.sign = sign
    await refused(site, provider)


async def test_a_token_signed_with_the_public_key_as_a_secret(site: Web, provider: SmallProvider) -> None:
    """HS256 is not taken, whatever the key."""
    public = provider.keys["first"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(claims: Mapping[str, Any]) -> str:
        # By hand: the library refuses to make such a token.
        parts = ({"alg": "HS256", "kid": "first"}, dict(claims))
        text = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
        return b".".join((text, urlsafe_b64encode(hmac.digest(public, text, "sha256")).rstrip(b"="))).decode()

    provider.sign = sign
    await refused(site, provider)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_key_that_is_too_short(site: Web, provider: SmallProvider) -> None:
    """1024 bits are no signature that counts."""
    provider.keys = {"short": generate_private_key(65537, 1024)}  # noqa: S505 that is what is tested
    await refused(site, provider)


async def refused(site: Web, provider: SmallProvider) -> None:
    """The way ends without a session, in one sentence; the API server was not asked."""
    answer = await signed_in(site, provider)
    assert provider.issued
    assert answer.status == 401
    assert "no token that can be trusted" in answer.json()["detail"]
    assert "__Host-slipway=" not in answer.headers["set-cookie"]
    assert site.server.asked == []


async def test_keys_are_rotated(site: Web, provider: SmallProvider) -> None:
    """A new key is found at once, and the one that was withdrawn counts no more."""
    assert (await signed_in(site, provider)).status == 303
    old = provider.keys["first"]
    provider.rotate("second")
    assert (await signed_in(site, provider)).status == 303
    assert provider.asked.count("/keys") == 2
    provider.sign = lambda claims: jwt.encode(dict(claims), old, "RS256", {"kid": "first"})
    assert (await signed_in(site, provider)).status == 401


async def test_discovery_is_kept_for_an_hour(site: Web, provider: SmallProvider) -> None:
    """It is asked for once, and again when it is old."""
    discovery = "/.well-known/openid-configuration"
    assert provider.asked == []
    for _ in range(3):
        assert (await signed_in(site, provider)).status == 303
    assert (provider.asked.count(discovery), provider.asked.count("/keys")) == (1, 1)
    TIMES[0] = KEPT_SECONDS + 1
    assert (await signed_in(site, provider)).status == 303
    assert (provider.asked.count(discovery), provider.asked.count("/keys")) == (2, 2)
