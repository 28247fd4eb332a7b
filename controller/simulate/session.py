"""One controller's connection to the cluster in memory: what `act` writes through, counted, and cut off by a kill.

Its methods are those of `controller.kube.Kube`. A kill is as `kill -9` is: from then on no answer ever comes.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import InMemoryCluster, Raw

Hook = Callable[[str, Kind | None], None]
"""Called with `create`, `patch`, `delete` and so on, and the kind (None = an Event), before each write."""


class Session:
    """Writes to the cluster for one controller, for as long as that lives."""

    def __init__(self, cluster: InMemoryCluster) -> None:
        self._cluster = cluster
        self.is_killed = False
        self.kill_at: tuple[str, int] | None = None
        """`before` or `after`, and the number of a write from 1: the controller is killed there."""
        self.before_write: Hook = lambda verb, kind: None
        """Sees every write before it is done, and may raise what the API server would answer."""
        self.before_answer: Callable[[], None] = lambda: None
        """Called when a write is done and its answer still on the way."""
        self.writes: Counter[tuple[str, str]] = Counter()
        """Writes so far by verb (create, status, patch, delete, event) and kind."""

    async def get(self, kind: Kind, key: Key) -> Raw:
        """The object as it is stored."""
        return self._cluster.get(kind, key)

    async def create(self, kind: Kind, namespace: str, body: Mapping[str, Any]) -> Raw:
        """The object as it was created."""
        return await self._write("create", kind, lambda: self._cluster.create(kind, body))

    async def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int) -> Raw:
        """The object after its status changed."""
        return await self._write("status", kind, lambda: self._cluster.patch_status(kind, key, patch, version))

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = "") -> Raw:
        """The object after a JSON patch (a list of operations) or a merge patch."""
        if isinstance(patch, list):
            return await self._write("patch", kind, lambda: self._cluster.patch_json(kind, key, patch))
        return await self._write("patch", kind, lambda: self._cluster.merge(kind, key, patch))

    async def delete(self, kind: Kind, key: Key, uid: str, grace_seconds: int | None = None) -> Raw:
        """Ask for the deletion of just this object."""
        return await self._write("delete", kind, lambda: self._cluster.delete(kind, key, uid, grace_seconds))

    async def collect(self, kind: Kind, key: Key, uid: str, version: int) -> Raw:
        """Ask for the deletion of just this object at just this version."""
        return await self._write("delete", kind, lambda: self._cluster.collect(kind, key, uid, version))

    async def create_event(self, namespace: str, body: Mapping[str, Any]) -> None:
        """Publish a Kubernetes Event."""

        def publish() -> Raw:
            self._cluster.create_event(body)
            return {}

        await self._write("event", None, publish)

    def kill(self) -> None:
        """From now on nothing is written and nothing answered."""
        self.is_killed = True

    async def _write(self, verb: str, kind: Kind | None, write: Callable[[], Raw]) -> Raw:
        await self._live_on("before")
        self.writes[verb, kind.value if kind is not None else "Event"] += 1
        self.before_write(verb, kind)
        answer = write()
        await self._live_on("after")
        self.before_answer()
        return answer

    async def _live_on(self, when: str) -> None:
        number = self.writes.total() + (1 if when == "before" else 0)
        if self.kill_at == (when, number):
            self.kill()
        if self.is_killed:
            await asyncio.get_running_loop().create_future()  # for ever
