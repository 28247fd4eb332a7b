"""A provider's id_token -> an error unless it is this provider's, for us, for this sign-in, and not expired.

The API server judges the token as well; but it knows nothing of the sign-in, and a token that was made for another one
must not come in by ours.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt

ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures by a key pair alone: `none` is no signature, and HS256 would make the public key the secret."""
LEEWAY_SECONDS: Final = 30
"""How far our clock and the provider's may differ."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to say."""

    issuer: str
    client_id: str
    nonce: str


class Untrusted(Exception):
    """Why the token is not to be trusted."""


class UnknownKey(Untrusted):
    """It is signed with a key that is not among those we know; the provider may have new ones."""


def check_id_token(token: str, keys: Sequence[Mapping[str, Any]], expected: Expected) -> None:
    """Untrusted unless the token is as expected and signed with one of the keys."""
    try:
        claims = jwt.decode(
            token,
            _key(token, keys),
            algorithms=sorted(ALGORITHMS),
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:
        raise Untrusted(f"{type(error).__name__}: {error}") from error
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise Untrusted("the nonce is not that of this sign-in")
    authorised = claims.get("azp")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and authorised is None:
        raise Untrusted("it is for several audiences and does not say which of them asked for it")
    if authorised is not None and authorised != expected.client_id:
        raise Untrusted("another client asked for it")


def _key(token: str, keys: Sequence[Mapping[str, Any]]) -> jwt.PyJWK:
    header = jwt.get_unverified_header(token)
    algorithm, name = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise Untrusted(f"it is signed by {algorithm}, which is not allowed")
    signing = [key for key in keys if key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm]
    chosen = signing if name is None else [key for key in signing if key.get("kid") == name]
    if len(chosen) != 1:
        raise UnknownKey(f"{len(chosen)} keys of the provider have the token's kid {name}")
    try:
        return jwt.PyJWK(dict(chosen[0]), algorithm)
    except jwt.PyJWTError as error:
        raise Untrusted(f"the provider's key can't be used: {error}") from error
