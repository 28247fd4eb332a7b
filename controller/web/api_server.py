"""A caller -> the API server as that caller: the only way from the web server to the cluster.

The session for tokens is opened without credentials, and each request carries the caller's. There is a second one, with
this process's own, only where the operator lets a trusted proxy say who asks, or lets anonymous callers in.
"""

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from controller.connection import Connection, load_connection
from controller.errors import Unavailable
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web.settings import WebSettings

AGENT: Final = "slipway-web"
_POD_CA: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")


@dataclass(frozen=True, slots=True)
class Impersonated:
    """Who asks, by the word of a trusted proxy."""

    user: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: by the token that the API server knows them by, or by a trusted proxy's word."""

    token: str | None
    impersonated: Impersonated | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody says who asks, where such callers are let in."""
        return self.token is None and self.impersonated is None

    def __repr__(self) -> str:
        if self.impersonated is not None:
            return f"Caller({self.impersonated})"
        return "Caller(anonymous)" if self.token is None else "Caller(token)"


class Session(Protocol):
    """What is asked of the API server, always as one caller."""

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a review."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object as it is stored."""

    async def create(
        self, kind: Kind, namespace: str, body: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object as it was created."""

    async def patch(self, kind: Kind, key: Key, patch: Any) -> dict[str, Any]:
        """The object after a merge patch."""

    async def list_page(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """One page of a list."""

    async def delete(self, kind: Kind, key: Key, uid: str) -> dict[str, Any]:
        """Ask for the deletion of just this object."""

    def stream(self, path: str, params: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The bytes of an answer as they come."""


class ApiServer(Protocol):
    """Where sessions come from."""

    def acting_as(self, caller: Caller) -> Session:
        """A session with this caller's rights, and no others."""


@dataclass(frozen=True, slots=True)
class KubeApiServer:
    """The real API server."""

    kube: Kube
    """A session without credentials."""
    own: Kube | None = None
    """One with this process's own, for anonymous callers; None where there are none of those."""
    impersonator: Kube | None = None
    """One with this process's own, never used but to act as somebody else; None where no proxy is trusted."""

    def acting_as(self, caller: Caller) -> Session:
        """A session with this caller's rights, and no others."""
        if caller.impersonated is not None:
            if self.impersonator is None:
                raise AssertionError("a proxy's word came through, though no proxy is trusted")
            return self.impersonator.impersonating(caller.impersonated.user, caller.impersonated.groups)
        if caller.token is not None:
            return self.kube.acting_as(caller.token)
        if self.own is None:
            raise AssertionError("an anonymous caller came through, though none is let in")
        return self.own


def bare_connection(settings: WebSettings) -> Connection:
    """How to reach the API server, without any credentials."""
    if settings.api_server:
        return Connection(settings.api_server.rstrip("/"), ca_path=settings.api_server_ca or None)
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if host:
        ca_path = settings.api_server_ca or str(_POD_CA)
        if not Path(ca_path).is_file():
            raise Unavailable(f"{ca_path}, the file with the API server's certificates, is not there")
        return Connection(f"https://{f'[{host}]' if ':' in host else host}:{port}", ca_path=ca_path)
    blank: dict[str, Any] = dict.fromkeys(
        ("token", "token_path", "certificate_path", "key_path", "username", "password")
    )
    return replace(load_connection(), **blank)


def own_connection(settings: WebSettings) -> Connection:
    """How to reach the same API server with this process's own credentials."""
    own = load_connection()
    if not settings.api_server:
        return own
    return replace(own, server=settings.api_server.rstrip("/"), ca_path=settings.api_server_ca or own.ca_path)
