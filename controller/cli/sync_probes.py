"""The rounds of `slipway sync --watch` -> /healthz and /readyz for the kubelet, /metrics for Prometheus, on one port.

/healthz   a round ended lately, well or not: else the program hangs
/readyz    the last round could read the source and reach the cluster
"""

import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

SLOWEST_ROUND_SECONDS: Final = 600
"""Git may take two minutes, and each object a request; who takes longer hangs."""
FRESH_SECONDS: Final = 1800
"""A success is never too old before this: a source that is away for some minutes is no news."""
_RESULTS: Final = {0: "success", 3: "success", 1: "invalid"}
"""The exit code of one round -> how it went; every other one is a source or a cluster that was not there."""


class Rounds:
    """What is known of the rounds so far."""

    def __init__(self, pause_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._patience_seconds = 3 * pause_seconds + SLOWEST_ROUND_SECONDS
        self._ended_at = now()
        self._result = ""
        self.registry = CollectorRegistry()
        self._rounds = Counter(
            "slipway_sync_rounds",
            "Rounds by how they went: success, invalid, failed.",
            ["result"],
            registry=self.registry,
        )
        self._objects = Gauge(
            "slipway_sync_objects", "Lines of the last round's report, by outcome.", ["outcome"], registry=self.registry
        )
        self._succeeded_at = Gauge(
            "slipway_sync_last_success_timestamp_seconds",
            "When a round last left the cluster as the source is; 0 = not yet.",
            registry=self.registry,
        )
        stale_after = Gauge(
            "slipway_sync_stale_after_seconds",
            "How old the last success may become while all is well.",
            registry=self.registry,
        )
        stale_after.set(max(FRESH_SECONDS, self._patience_seconds))
        for result in ("success", "invalid", "failed"):
            self._rounds.labels(result)

    def ended(self, code: int | None, counts: Mapping[str, int]) -> None:
        """A round has ended with this exit code, None = the source could not be read."""
        self._ended_at = self._now()
        self._result = _RESULTS.get(code, "failed") if code is not None else "failed"
        self._rounds.labels(self._result).inc()
        if self._result == "success":
            self._succeeded_at.set_to_current_time()
        self._objects.clear()
        for outcome, count in counts.items():
            self._objects.labels(outcome).set(count)

    def alive(self) -> str | None:
        """None when all is well, else one sentence."""
        silent = self._now() - self._ended_at
        return f"no round has ended for {silent:.0f} s" if silent > self._patience_seconds else None

    def ready(self) -> str | None:
        """None when all is well, else one sentence."""
        if not self._result:
            return "the first round has not ended"
        return "the last round could not read the source or reach the cluster" if self._result == "failed" else None


def serve_rounds(rounds: Rounds, port: int) -> ThreadingHTTPServer:
    """A server on all addresses, in a thread that ends with the program."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            checks = {"/healthz": rounds.alive, "/readyz": rounds.ready}
            if self.path == "/metrics":
                self._answer(200, generate_latest(rounds.registry), "text/plain; version=0.0.4; charset=utf-8")
            elif self.path in checks:
                fault = checks[self.path]()
                self._answer(503 if fault else 200, (fault or "ok").encode(), "text/plain; charset=utf-8")
            else:
                self._answer(404, b"not found", "text/plain; charset=utf-8")

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The kubelet's questions are no news."""

    server = ThreadingHTTPServer(("0.0.0.0", port), Handler)  # noqa: S104 the kubelet asks from outside of the Pod
    Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server
