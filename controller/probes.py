"""A process's health -> /healthz and /readyz for the kubelet, /counts for tests and benchmarks, /metrics."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

Check = Callable[[], str | None]
"""None when all is well, else one sentence."""


async def serve_probes(
    port: int,
    *,
    alive: Check,
    ready: Check,
    counts: Callable[[], Mapping[str, Any]],
    metrics: Callable[[], Awaitable[bytes]] | None = None,
) -> web.AppRunner:
    """A small HTTP server on all addresses; `cleanup()` of the answer ends it. Without `metrics` there are none."""

    async def count(_: web.Request) -> web.Response:
        return web.json_response(counts())

    async def measure(_: web.Request) -> web.Response:
        body = await metrics() if metrics is not None else b""
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application()
    if metrics is not None:
        app.router.add_get("/metrics", measure)
    app.router.add_get("/healthz", _answering(alive))
    app.router.add_get("/readyz", _answering(ready))
    app.router.add_get("/counts", count)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", port).start()  # noqa: S104 the kubelet asks from outside of the Pod
    return runner


def _answering(check: Check) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        fault = check()
        return web.Response(text=fault or "ok", status=503 if fault else 200)

    return answer
