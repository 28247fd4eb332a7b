"""A session with the API server -> the resources of a backup, owners before what they own, page by page.

Pods are left out: nobody can start one again where it was. What is being deleted is left out too.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Protocol

from controller.backup.file import BackupWriter, Section
from controller.backup.rows import Told
from controller.kube import collection_path
from controller.model.action import Kind
from controller.model.names import LABEL_DAG

ORDER: Final[Mapping[Kind, str]] = {
    Kind.POOL: "",
    Kind.DAG: "",
    Kind.REVISION: LABEL_DAG,
    Kind.BACKFILL: "",
    Kind.DAG_RUN: "",
    Kind.TASK_RUN: "",
    Kind.APPROVAL: "",
}
"""The kinds, owners first, and the label that makes an object ours."""

_METADATA: Final = (
    *("name", "namespace", "uid", "generation", "creationTimestamp"),
    *("labels", "annotations", "ownerReferences"),
)
_CONTENT: Final = ("spec", "status", "data", "revision")


class Pages(Protocol):
    """What is needed of a session with the API server."""

    async def list_page(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """One page of a list."""


async def dump_resources(kube: Pages, writer: BackupWriter, told: Told, namespaces: Sequence[str] = ()) -> None:
    """Write all resources of these namespaces as they are now; of all namespaces where none is named."""
    for kind in ORDER:
        writer.begin(Section("resources", kind.value))
        async for raw in _in_all(kube, kind, namespaces or (None,)):
            metadata = raw["metadata"]
            if "deletionTimestamp" in metadata:
                continue
            kept = {name: metadata[name] for name in _METADATA if name in metadata}
            writer.put({"metadata": kept, **{name: raw[name] for name in _CONTENT if name in raw}})
            told(kind.value, writer.counts[kind.value])


async def _in_all(kube: Pages, kind: Kind, namespaces: Sequence[str | None]) -> AsyncIterator[dict[str, Any]]:
    for namespace in namespaces:
        async for raw in _all_of(kube, kind, namespace):
            yield raw


async def _all_of(kube: Pages, kind: Kind, namespace: str | None) -> AsyncIterator[dict[str, Any]]:
    selector, token = ORDER[kind], ""
    while True:
        params = {"limit": "500"} | ({"labelSelector": selector} if selector else {})
        page = await kube.list_page(collection_path(kind, namespace), params | ({"continue": token} if token else {}))
        for raw in page["items"]:
            yield raw
        token = page["metadata"].get("continue") or ""
        if not token:
            return
