"""Requests and what they took -> /metrics for Prometheus, on the probe port, where no caller of the API comes.

    slipway_web_requests_total{route, method, code}       slipway_web_streams_open
    slipway_web_request_seconds{route}                    slipway_metastore_answers
    slipway_metastore_lag_seconds                         slipway_metastore_pending
    slipway_controller_beat_age_seconds

Routes are told as the API describes them, without names of objects. Streams have no time: they last as long as
somebody listens.
"""

from datetime import UTC, datetime
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.errors import Unavailable
from controller.web.limits import is_stream
from controller.web.queries.health import last_beat
from controller.web.reading import Reader
from controller.web.streams import Streams

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Any other word is told as `other`: a caller may send what it likes, and each would be a series for ever."""


class Metrics:
    """What one web server counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "slipway_web_requests", "Requests answered.", ("route", "method", "code"), registry=self._registry
        )
        self.seconds = Histogram(
            "slipway_web_request_seconds",
            "How long requests took, streams left out.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._streams = self._gauge("slipway_web_streams_open", "Event streams and logs that are being sent.")
        self._answers = self._gauge("slipway_metastore_answers", "1 while the database answers.")
        self._lag = self._gauge("slipway_metastore_lag_seconds", "How long the oldest object waits for its row.")
        self._pending = self._gauge("slipway_metastore_pending", "Observed objects that have no row yet.")
        self._age = self._gauge("slipway_controller_beat_age_seconds", "How long ago the controller said it lives.")

    async def told(self, reader: Reader, streams: Streams) -> bytes:
        """Everything as Prometheus reads it; what only the database knows stays as it was while that is away."""
        self._streams.set(streams.count)
        try:
            _, beat = await reader.ask(last_beat)
        except Unavailable:
            self._answers.set(0)
        else:
            self._answers.set(1)
            if beat is not None:
                self._lag.set(beat.lag_seconds)
                self._pending.set(beat.pending)
                self._age.set((datetime.now(UTC) - beat.beat_at).total_seconds())
        return generate_latest(self._registry)

    def _gauge(self, name: str, sentence: str) -> Gauge:
        return Gauge(name, sentence, registry=self._registry)


class Measured:
    """The layer of the app that counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request and count it, also where it breaks off."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        code, begun = "500", perf_counter()

        async def note(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = getattr(scope.get("route"), "path", _NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(route, method, code).inc()
            if not is_stream(scope["path"]):
                self._metrics.seconds.labels(route).observe(perf_counter() - begun)
        return None
