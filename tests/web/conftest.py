"""One web server for each test, on each database, with a history in two namespaces."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from controller.web.app import build_app
from controller.web.events import Hub
from controller.web.oidc.provider import Provider
from controller.web.parts import Parts
from controller.web.reading import Reader
from controller.web.reviews import Reviews
from controller.web.settings import WebSettings
from controller.web.streams import Streams
from tests.metastore.conftest import (  # noqa: F401 pytest finds fixtures by their names
    migrated_file,
    postgres,
    postgres_url,
    sqlite_url,
    url,
)
from tests.metastore.recording import RecordingWriter
from tests.web.client import Client
from tests.web.objects import A, B, history
from tests.web.oidc_provider import CLIENT, TIMES, SmallProvider, running_provider
from tests.web.standin import StandIn


@dataclass
class Web:
    """A web server and what is around it."""

    app: ASGIApp
    parts: Parts
    server: StandIn
    writer: RecordingWriter

    def client(self, user: str | None = None, **more: Any) -> Client:
        """A caller; None = without a token."""
        return Client(self.app, f"token-of-{user}" if user else None, **more)

    @property
    def admin(self) -> Client:
        """Somebody who may do everything."""
        return self.client("admin")

    def use(self, parts: Parts) -> None:
        """Let the server be made of these from here on."""
        self.app.state.parts = parts  # type: ignore[attr-defined]  # a FastAPI

    def record(self, *observed: Any) -> None:
        """Let the controller have observed this."""
        for each in observed:
            self.writer.observed(each)
        self.writer.flushed()


@pytest.fixture
def filled(url: str) -> Iterator[RecordingWriter]:  # noqa: F811 the fixture of that name
    """A writer on a database with the history."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for namespace in (A, B):
            for observed in history(namespace):
                writer.observed(observed)
        writer.flushed()
        yield writer


@pytest.fixture
def blank(url: str) -> Iterator[RecordingWriter]:  # noqa: F811 the fixture of that name
    """A writer on an empty database."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        yield writer


@pytest.fixture
async def web(filled: RecordingWriter, tmp_path: Path) -> AsyncIterator[Web]:
    """The server, and users: admin may everything, alice everything in team-a, bob nothing."""
    made = make_web(filled, tmp_path, WebSettings(database_url=filled.url))
    yield made
    made.parts.reader.close()


def make_web(writer: RecordingWriter, static: Path, settings: WebSettings, provider: Provider | None = None) -> Web:
    """A server with these settings."""
    server = StandIn()
    server.grant("admin", ("*", "*", "*"))
    server.grant("alice", ("*", "*", A))
    server.grant("bob")
    reader = Reader(settings.database_url)
    parts = Parts(
        settings=settings,
        reader=reader,
        api_server=server,
        reviews=Reviews(server),
        hub=Hub(reader, look_seconds=0.02),
        streams=Streams(settings.streams_per_user),
        provider=provider,
    )
    return Web(build_app(parts, static), parts, server, writer)


@pytest.fixture
async def provider() -> AsyncIterator[SmallProvider]:
    """An OpenID Connect provider."""
    async with running_provider() as running:
        yield running


@pytest.fixture
async def site(filled: RecordingWriter, tmp_path: Path, provider: SmallProvider) -> AsyncIterator[Web]:
    """A web server whose people sign in with it, by the clock TIMES."""
    TIMES[0] = 0.0
    settings = WebSettings(
        database_url=filled.url, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, origins=("https://slipway.test",)
    )
    async with Provider(settings, now=lambda: TIMES[0]) as ours:
        made = make_web(filled, tmp_path, settings, ours)
        yield made
        made.parts.reader.close()
