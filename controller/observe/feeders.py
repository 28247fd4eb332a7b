"""kopf's raw events of the slow kinds (Dag, DagRun, Pool, Approval) -> the store.

kopf is the shell: it watches at human rate, in a thread and event loop of its own, and writes nothing to users' objects
(only `on.event` handlers, no finalizer, no annotation, no Events). It is crash-only: when it ends, the process ends.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import kopf
from kopf._core.engines.peering import Identity  # not exported, but a parameter of kopf.run

from controller.connection import Connection
from controller.model.action import Kind
from controller.model.names import GROUP, VERSION

FED_KINDS: Final = {
    Kind.DAG: "dags",
    Kind.DAG_RUN: "dagruns",
    Kind.POOL: "pools",
    Kind.BACKFILL: "backfills",
    Kind.APPROVAL: "approvals",
}
Receive = Callable[[Kind, str | None, dict[str, Any]], None]
"""Takes the kind, kopf's type of event (`DELETED`, or anything for a present object) and the raw object."""
Extend = Callable[[kopf.OperatorRegistry, kopf.OperatorSettings], None]
"""Adds handlers, and the settings that they need."""


def build_registry(connection: Connection, receive: Receive) -> kopf.OperatorRegistry:
    """The handlers: one login, and one function a kind that only hands the object on."""
    registry = kopf.OperatorRegistry()

    def login(**_: Any) -> kopf.ConnectionInfo:
        return connection_info(connection)

    kopf.on.login(registry=registry)(login)
    for kind, plural in FED_KINDS.items():

        async def feed(event: Any, _kind: Kind = kind, **_: Any) -> None:
            receive(_kind, event["type"], dict(event["object"]))

        kopf.on.event(GROUP, VERSION, plural, id=f"feed-{plural}", registry=registry)(feed)
    return registry


def connection_info(connection: Connection) -> kopf.ConnectionInfo:
    """Our connection in kopf's words; a token from a file is read anew at each login."""
    token = connection.token
    if connection.token_path is not None:
        with open(connection.token_path) as file:
            token = file.read().strip()
    return kopf.ConnectionInfo(
        server=connection.server,
        ca_path=connection.ca_path,
        insecure=connection.insecure or None,
        username=connection.username,
        password=connection.password,
        token=token,
        certificate_path=connection.certificate_path,
        private_key_path=connection.key_path,
    )


def operator_settings() -> kopf.OperatorSettings:
    """Short timeouts, no Events, no peering, and nothing of kopf's own in users' objects."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 310
    settings.watching.connect_timeout = 10
    settings.watching.inactivity_timeout = 70
    settings.networking.request_timeout = 15
    settings.networking.enforce_retry_after = True
    settings.execution.max_workers = 2
    return settings


class KopfThread:
    """kopf's operator in a thread of its own; `ended` is done when it stops, for whatever reason."""

    def __init__(
        self, connection: Connection, namespaces: Sequence[str], receive: Receive, extend: Extend | None = None
    ) -> None:
        self._main = asyncio.get_running_loop()
        self._registry = build_registry(connection, self._handing_over(receive))
        self._settings = operator_settings()
        if extend is not None:
            extend(self._registry, self._settings)
        self._namespaces = tuple(namespaces)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="kopf", daemon=True)
        self.ended: asyncio.Future[None] = self._main.create_future()

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end, and wait for a moment."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _handing_over(self, receive: Receive) -> Receive:
        def hand_over(kind: Kind, type_: str | None, raw: dict[str, Any]) -> None:
            self._main.call_soon_threadsafe(receive, kind, type_, raw)

        return hand_over

    def _work(self) -> None:
        failure: BaseException | None = None
        try:
            kopf.run(
                registry=self._registry,
                settings=self._settings,
                standalone=True,
                identity=Identity("slipway"),  # kopf would ask for the user's name, and a container's user has none
                clusterwide=not self._namespaces,
                namespaces=self._namespaces,
                stop_flag=self._stop,
            )
        except BaseException as error:
            failure = error
        self._main.call_soon_threadsafe(self._report, failure)

    def _report(self, failure: BaseException | None) -> None:
        if self.ended.done():
            return
        if failure is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(failure)
