"""A kind -> every change of it in the store: a paged LIST, then a WATCH, for as long as the process lives.

Written by hand because a missed deletion must not stay in the store: kopf relists without comparing, and the informer
of `kubernetes` 37 fails on custom resources. On 410 and any ERROR event it lists again, and `Store.replace_all` finds
what was deleted meanwhile; after a broken connection or silence it watches on from where it was.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import structlog

from controller.errors import Expired, SlipwayError, Unavailable, error_of
from controller.kube import Kube, collection_path
from controller.model.action import Kind
from controller.observe.parse import observed_type, parse
from controller.observe.store import Store
from controller.observe.tables import Observed

PAGE: Final = "500"
_FIRST_WAIT_SECONDS: Final = 0.2
_LONGEST_WAIT_SECONDS: Final = 10.0

_log = structlog.get_logger(__name__)


@dataclass
class Informer:
    """Keeps one kind, in one namespace or in all, up to date in the store."""

    kube: Kube
    store: Store
    kind: Kind
    namespace: str | None = None
    label_selector: str = ""
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after the first full list."""
    lists: int = 0
    """How many full lists were needed."""
    heard_at: float = 0.0
    """The monotonic time of the last list, event or bookmark; 0 before the first."""
    _version: str = ""

    async def run(self) -> None:
        """List and watch for ever."""
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                if not self._version:
                    await self.relist()
                    wait = _FIRST_WAIT_SECONDS
                await self._watch()
            except Unavailable as error:
                # The connection failed, not the position: the watch goes on from the last version it saw.
                _log.info("watch interrupted", kind=self.kind.value, error=str(error))
                await asyncio.sleep(wait)
                wait = min(_LONGEST_WAIT_SECONDS, wait * 2)
            except SlipwayError as error:
                if not isinstance(error, Expired):
                    _log.warning("watch ended", kind=self.kind.value, error=str(error))
                    await asyncio.sleep(wait)
                    wait = min(_LONGEST_WAIT_SECONDS, wait * 2)
                self._version = ""

    async def relist(self) -> None:
        """One full list, compared with the store."""
        objects: list[Observed] = []
        version = ""
        async for page in self._pages():
            version = page["metadata"]["resourceVersion"]
            objects.extend(parsed for raw in page["items"] if (parsed := parse(self.kind, raw)) is not None)
        scope = self.namespace
        self.store.replace_all(observed_type(self.kind), objects, int(version), namespace=scope)
        self._version = version
        self.heard_at = monotonic()
        self.lists += 1
        self.synced.set()

    async def _pages(self) -> AsyncIterator[dict[str, Any]]:
        params = {**self._selection(), "limit": PAGE}
        while True:
            page = await self.kube.list_page(collection_path(self.kind, self.namespace), params)
            yield page
            token = page["metadata"].get("continue")
            if not token:
                return
            params = {**self._selection(), "limit": PAGE, "continue": token}

    async def _watch(self) -> None:
        params = {**self._selection(), "resourceVersion": self._version}
        async for event in self.kube.watch(collection_path(self.kind, self.namespace), params):
            self._apply(event)

    def _apply(self, event: Mapping[str, Any]) -> None:
        raw, type_ = event["object"], event["type"]
        if type_ == "ERROR":
            code = int(raw.get("code") or 500)
            raise Expired(str(error_of(code, str(raw.get("message") or "unknown"), str(raw.get("reason") or ""))))
        self._version = raw["metadata"]["resourceVersion"]
        self.heard_at = monotonic()
        if type_ == "BOOKMARK":
            return
        parsed = parse(self.kind, raw)
        if parsed is None:
            return
        if type_ == "DELETED":
            self.store.remove(parsed)
        else:
            self.store.put(parsed)

    def _selection(self) -> dict[str, str]:
        return {"labelSelector": self.label_selector} if self.label_selector else {}
