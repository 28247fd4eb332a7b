"""The Secret and the webhook configurations -> all replicas serve one certificate, and the API server trusts it.

A round reads the Secret, renews what is due, and tells the configurations whom to trust and where to call; a helm
upgrade that blanks them is mended by the next. Of several replicas that renew at once one wins by the resourceVersion.
A new certificate is served only in the round after its authority was told, so that no call meets one not yet trusted.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from controller.admission.certificate import Held, data_of, held_in, is_due, renewed
from controller.admission.place import Place
from controller.errors import Conflict, NotFound
from controller.log import Logger
from controller.model.metadata import Key

CONFIGURATIONS: Final = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")

_log = Logger(__name__)


class Cluster(Protocol):
    """What the keeper needs of the API server."""

    async def secret(self, key: Key) -> dict[str, Any]:
        """The Secret."""

    async def fill_secret(self, key: Key, data: Mapping[str, str], version: str) -> None:
        """Write its data."""

    async def configuration(self, plural: str, name: str) -> dict[str, Any]:
        """A webhook configuration."""

    async def patch_configuration(self, plural: str, name: str, operations: list[Mapping[str, Any]]) -> None:
        """Patch it."""


class Keeper:
    """The rounds of one replica."""

    def __init__(self, place: Place, api: Cluster, serve: Callable[[Held], None], now: Callable[[], datetime]) -> None:
        self._place = place
        self._api = api
        self._serve = serve
        self._now = now
        self._told = b""
        self.served: Held | None = None
        """What is served now; None before the first round."""

    async def round(self) -> None:
        """One round; the errors of the API server are the caller's."""
        held = await self._current()
        was_told = self._told == held.authorities
        for plural in CONFIGURATIONS:
            await self._tell(plural, held)
        self._told = held.authorities
        if held != self.served and (was_told or self.served is None):
            self._serve(held)
            self.served = held
            _log.info("webhook certificate served", ends_at=held.ends_at.isoformat())

    async def _current(self) -> Held:
        """What the Secret holds, renewed if that is due."""
        place, key = self._place, Key(self._place.namespace, self._place.secret)
        while True:
            raw = await self._api.secret(key)
            held, now = held_in(raw.get("data")), self._now()
            if held is not None and not is_due(held, place.hosts, now):
                return held
            new = renewed(held, place.hosts, now, place.certificate_seconds)
            try:
                await self._api.fill_secret(key, data_of(new), raw["metadata"]["resourceVersion"])
            except Conflict:
                continue  # another replica was quicker: take what it made
            return new

    async def _tell(self, plural: str, held: Held) -> None:
        name = self._place.configuration
        try:
            raw = await self._api.configuration(plural, name)
        except NotFound:
            _log.warning("webhook configuration is not there", configuration=f"{plural}/{name}")
            return
        operations = list(_operations(raw, held))
        if operations:
            await self._api.patch_configuration(plural, name, operations)


def _operations(raw: Mapping[str, Any], held: Held) -> Iterator[Mapping[str, Any]]:
    """The JSON patch that puts authorities and path where they are not; it fails if the webhooks moved meanwhile."""
    bundle = base64.b64encode(held.authorities).decode()
    for place, webhook in enumerate(raw.get("webhooks") or ()):
        client = webhook.get("clientConfig") or {}
        path = f"/{held.path}/{webhook['name'].partition('.')[0]}"
        if client.get("caBundle") == bundle and (client.get("service") or {}).get("path") == path:
            continue
        at = f"/webhooks/{place}"
        yield {"op": "test", "path": f"{at}/name", "value": webhook["name"]}
        yield {"op": "add", "path": f"{at}/clientConfig/caBundle", "value": bundle}
        yield {"op": "add", "path": f"{at}/clientConfig/service/path", "value": path}
