"""A cluster in memory as `slipway backup` and `slipway restore` see it."""

from collections.abc import Mapping
from typing import Any

from controller.kube import collection_path
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import InMemoryCluster, Raw


class Session:
    """Lists page by page, and writes."""

    def __init__(self, cluster: InMemoryCluster, page: int = 2) -> None:
        self.cluster = cluster
        self.page = page
        self.fails_after: int | None = None
        """The connection breaks off after so many writes; None = never."""
        self.writes = 0

    async def list_page(self, path: str, params: Mapping[str, str]) -> Raw:
        """Some objects, and where the next ones begin."""
        parts = path.split("/")
        namespace = parts[parts.index("namespaces") + 1] if "namespaces" in parts else None
        kind = next(each for each in Kind if collection_path(each, namespace) == path)
        found = [raw for raw in self.cluster.all_of(kind) if namespace in (None, raw["metadata"]["namespace"])]
        start = int(params.get("continue", "0"))
        end = start + self.page
        return {
            "metadata": {"continue": str(end) if end < len(found) else ""},
            "items": list(found[start:end]),
        }

    async def get(self, kind: Kind, key: Key) -> Raw:
        """The object."""
        return self.cluster.get(kind, key)

    async def create(self, kind: Kind, namespace: str, body: Mapping[str, Any]) -> Raw:
        """The object as it was created."""
        self._count()
        return self.cluster.create(kind, body)

    async def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int) -> Raw:
        """The object after its status changed."""
        self._count()
        return self.cluster.patch_status(kind, key, patch, version)

    async def patch(self, kind: Kind, key: Key, patch: Any) -> Raw:
        """The object after a merge patch."""
        self._count()
        return self.cluster.merge(kind, key, patch)

    def _count(self) -> None:
        self.writes += 1
        if self.fails_after is not None and self.writes > self.fails_after:
            raise ConnectionError("the API server is gone")
