"""HTTPS requests of the API server -> kopf's answers: the server that kopf's admission is given.

Kopf's own server makes certificates by a library meant for development, and stops listening to take up a new one. This
one changes the certificate under way, answers only who knows the path, and bounds size, time and number of requests: a
request that is too slow fails, and the API server goes on without an answer.
"""

import asyncio
import hmac
import json
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import web
from kopf._cogs.structs.reviews import WebhookClientConfig, WebhookFn
from kopf._core.engines.admission import WebhookError

from controller.admission.api import AdmissionApi
from controller.admission.certificate import Held
from controller.admission.depth import bounded
from controller.admission.keeper import Keeper
from controller.admission.place import Place
from controller.connection import Connection
from controller.errors import SlipwayError
from controller.log import Logger

MOST_BYTES: Final = 8 * 2**20
"""An AdmissionReview has an object and the one before, of 3 MiB at most."""
MOST_AT_ONCE: Final = 16
ANSWER_SECONDS: Final = 4.0
"""The configurations let the API server wait for 5."""

_log = Logger(__name__)


class AdmissionServer:
    """Listens as long as kopf iterates over it. Made once for a process."""

    def __init__(self, place: Place, connection: Connection) -> None:
        self._place = place
        self.api = AdmissionApi(connection)
        self.own_name = ""
        """Who this controller is to the API server; empty before the first round."""
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._keeper = Keeper(place, self.api, self._load, lambda: datetime.now(UTC))
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    @property
    def certificate_ends_at(self) -> datetime | None:
        """When the certificate that is served ends; None before there is one."""
        return self._keeper.served.ends_at if self._keeper.served is not None else None

    async def __call__(self, answer: WebhookFn) -> AsyncIterator[WebhookClientConfig]:
        """Serve; yields once, when it listens."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.api)
            while True:
                if await self._round():
                    break
                await asyncio.sleep(1)
            runner = web.AppRunner(self._app(answer), access_log=None, handle_signals=False)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, None, self._place.port, ssl_context=self._context).start()
            _log.info("webhook listens", port=self._place.port)
            yield WebhookClientConfig()
            while True:
                await asyncio.sleep(self._place.round_seconds)
                await self._round()

    async def _round(self) -> bool:
        """Look after the certificate; whether there is one to serve."""
        try:
            self.own_name = self.own_name or await self.api.own_name()
            await self._keeper.round()
        except SlipwayError as error:
            _log.warning("webhook certificate put off", error=str(error))
        return self._keeper.served is not None

    def _load(self, held: Held) -> None:
        """Serve this certificate from the next connection on; the library takes files alone."""
        with tempfile.TemporaryDirectory(prefix="slipway-webhook-") as folder:
            path = Path(folder, "pair.pem")
            path.touch(mode=0o600)
            path.write_bytes(held.certificate + held.key)
            self._context.load_cert_chain(path)

    def _app(self, answer: WebhookFn) -> web.Application:
        async def serve(request: web.Request) -> web.Response:
            return await self._serve(answer, request)

        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post("/{secret}/{webhook}", serve)
        return app

    async def _serve(self, answer: WebhookFn, request: web.Request) -> web.Response:
        held = self._keeper.served
        if held is None or not hmac.compare_digest(request.match_info["secret"].encode(), held.path.encode()):
            raise web.HTTPNotFound
        if self._turns.locked():
            raise web.HTTPServiceUnavailable(text="too many requests at once")
        async with self._turns:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    review = json.loads(await request.read())
                    too_deep = bounded(review["request"])
                    if too_deep is not None:
                        return web.json_response({**review, "request": None, "response": too_deep})
                    return web.json_response(await answer(review, webhook=request.match_info["webhook"]))
            except TimeoutError as error:
                raise web.HTTPGatewayTimeout(text=f"no answer after {ANSWER_SECONDS:g} s") from error
            except (WebhookError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise web.HTTPBadRequest(text=f"not an AdmissionReview that can be answered: {error}") from error
