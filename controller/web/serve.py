"""Settings -> the running web server: the app behind uvicorn, with probes on a port of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from controller.kube import Kube
from controller.log import Logger
from controller.metastore.log_store import store_of
from controller.probes import serve_probes
from controller.web.api_server import AGENT, KubeApiServer, bare_connection, own_connection
from controller.web.app import build_app
from controller.web.events import Hub
from controller.web.oidc.provider import Provider
from controller.web.parts import Parts
from controller.web.reading import Reader
from controller.web.reviews import Reviews
from controller.web.settings import WebSettings
from controller.web.streams import Streams

_log = Logger(__name__)

REQUESTS_AT_ONCE: Final = 500
_HEAD_SECONDS: Final = 15.0
"""How long a caller may take to send the head of the first request."""
_HEAD_BYTES: Final = 65_536


class HurriedProtocol(H11Protocol):
    """Ends a connection that says nothing, or says it too slowly."""

    def connection_made(self, transport: Any) -> None:
        """Begin to count the time."""
        super().connection_made(transport)
        self._hurry = self.loop.call_later(_HEAD_SECONDS, self._end_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting."""
        self._hurry.cancel()
        super().connection_lost(exc)

    def _end_if_idle(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


@asynccontextmanager
async def opened_parts(settings: WebSettings) -> AsyncIterator[Parts]:
    """The parts of a server with these settings, closed in the end."""
    async with AsyncExitStack() as stack:
        api_server = await _api_server(settings, stack)
        provider = await stack.enter_async_context(Provider(settings)) if settings.oidc_issuer else None
        reader = Reader(settings.database_url)
        stack.callback(reader.close)
        yield Parts(
            settings=settings,
            reader=reader,
            api_server=api_server,
            reviews=Reviews(api_server),
            hub=Hub(reader),
            streams=Streams(settings.streams_per_user),
            log_store=store_of(settings.log_store),
            provider=provider,
        )


async def _api_server(settings: WebSettings, stack: AsyncExitStack) -> KubeApiServer:
    kube = await stack.enter_async_context(Kube(bare_connection(settings), in_flight=100, agent=AGENT))
    if settings.insecure_anonymous:
        _log.warning(
            "ANONYMOUS CALLERS ARE LET IN: whoever reaches this port acts with this process's own credentials",
            host=settings.host,
            port=settings.port,
        )
        return KubeApiServer(kube, own=await stack.enter_async_context(Kube(own_connection(settings), agent=AGENT)))
    if settings.proxy_user_header:
        _log.info("a proxy that knows the secret says who asks", header=settings.proxy_user_header)
        own = Kube(own_connection(settings), in_flight=100, agent=AGENT)
        return KubeApiServer(kube, impersonator=await stack.enter_async_context(own))
    return KubeApiServer(kube)


async def run_web(settings: WebSettings) -> None:
    """Serve until a signal."""
    async with opened_parts(settings) as parts:
        server = uvicorn.Server(configured(build_app(parts), settings))
        runner = None
        if settings.probe_port:
            runner = await serve_probes(
                settings.probe_port,
                alive=lambda: None,
                ready=lambda: None if server.started else "the port is not open yet",
                counts=dict,
                metrics=lambda: parts.metrics.told(parts.reader, parts.streams),
            )
        try:
            _log.info("web server starts", host=settings.host, port=settings.port)
            await server.serve()
        finally:
            if runner is not None:
                await runner.cleanup()


def configured(app: Any, settings: WebSettings) -> uvicorn.Config:
    """How uvicorn serves the app: with limits, and silent about itself."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=HurriedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=REQUESTS_AT_ONCE,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=_HEAD_BYTES,
    )


def run(settings: WebSettings) -> None:
    """Serve until a signal, in a loop of its own."""
    asyncio.run(run_web(settings))
