"""One sign-in that has begun in a browser <-> the cookie that binds it to that browser.

The cookie holds one random seed and where to go afterwards. State, nonce and PKCE verifier are made of the seed, each
by a hash of its own: the provider sees state and nonce, and neither tells of the verifier. The server keeps nothing, so
the browser may come back to any of its replicas.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

ATTEMPT_SECONDS: Final = 600
LONGEST_NEXT: Final = 2000

_COOKIE: Final = re.compile(r"([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{0,3000})")
_OURS: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path of this site in printable ASCII, without backslashes, which browsers take for slashes."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in between its beginning and its end."""

    seed: str
    next_page: str
    """Where the browser goes afterwards: always an address of this site."""

    @property
    def state(self) -> str:
        """What the provider gives back, to show that the answer belongs to this attempt."""
        return self._made_for("state")

    @property
    def nonce(self) -> str:
        """What the token has to hold, to show that it was made for this attempt."""
        return self._made_for("nonce")

    @property
    def verifier(self) -> str:
        """What the provider is told when the code is exchanged; nobody who saw the first request can know it."""
        return self._made_for("verifier")

    @property
    def challenge(self) -> str:
        """The hash of the verifier, for the first request (RFC 7636, S256)."""
        return _b64(sha256(self.verifier.encode()).digest())

    @property
    def cookie(self) -> str:
        """The cookie's value."""
        return f"{self.seed}.{_b64(self.next_page.encode())}"

    def _made_for(self, purpose: str) -> str:
        return _b64(hmac.digest(self.seed.encode(), purpose.encode(), "sha256"))


def begun(next_page: str) -> Attempt:
    """A new attempt."""
    return Attempt(secrets.token_urlsafe(32), next_page)


def attempt_of(cookie: str, state: str) -> Attempt | None:
    """The attempt that the cookie tells of; None if it is none, or not the one of this state."""
    match = _COOKIE.fullmatch(cookie)
    if match is None:
        return None
    try:
        next_page = urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4)).decode("ascii")
    except ValueError:
        return None
    attempt = Attempt(match[1], next_page)
    is_whole = is_own_page(next_page) and hmac.compare_digest(attempt.state.encode(), state.encode())
    return attempt if is_whole else None


def is_own_page(address: str) -> bool:
    """Whether a browser that is sent there stays on this site, and sees a page."""
    path = address.partition("?")[0].partition("#")[0]
    # What follows two slashes may be taken for a host, here or by the page's own scripts.
    return bool(_OURS.fullmatch(address)) and "//" not in path and not path.startswith("/api/") and path != "/signin"


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
