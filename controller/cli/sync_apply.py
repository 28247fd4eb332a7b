"""A valid manifest -> the object in the cluster, by server-side apply, and what that came to.

What kubectl has applied before is taken over first: else a task that is no more in the file would stay, as kubectl's.
Fields that no file names, such as a Dag's `paused` after `slipway pause`, are left as they are.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from controller.cli.synced_folder import Item
from controller.errors import Conflict, NotFound, SlipwayError
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import API_VERSION, GROUP
from controller.model.status_patch import MERGE_PATCH

MANAGER: Final = "slipway-sync"
"""The one field manager."""
LABEL_SYNCED_BY: Final = f"{GROUP}/synced-by"
"""Which folder an object comes from."""
_TRIES: Final = 5


class Cluster(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object."""

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, Any]]:
        """Every object of the kind."""

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = ...) -> dict[str, Any]:
        """The object after the patch."""

    async def apply(
        self, kind: Kind, key: Key, body: Mapping[str, Any], manager: str, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object after a server-side apply."""

    async def delete(self, kind: Kind, key: Key, uid: str) -> dict[str, Any]:
        """Ask for the deletion of just this object."""


async def apply_item(cluster: Cluster, namespace: str, item: Item, folder: str, *, dry_run: bool) -> str:
    """`created`, `configured` or `unchanged`; SlipwayError where the object is another folder's."""
    key = Key(namespace, item.name)
    before = await _found(cluster, item.kind, key)
    if before is not None:
        _refuse_of_another_folder(before, item, folder)
        if not dry_run and any(map(_is_kubectl, before["metadata"].get("managedFields") or ())):
            await _take_over(cluster, item.kind, key)
    after = await cluster.apply(item.kind, key, _body(item, namespace, folder), MANAGER, dry_run=dry_run)
    if before is None:
        return "created"
    return "unchanged" if _written(before) == _written(after) else "configured"


def _body(item: Item, namespace: str, folder: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": item.name,
        "namespace": namespace,
        "labels": {**item.labels, LABEL_SYNCED_BY: folder},
    }
    if item.annotations:
        metadata["annotations"] = dict(item.annotations)
    return {"apiVersion": API_VERSION, "kind": item.kind.value, "metadata": metadata, "spec": dict(item.spec)}


async def _found(cluster: Cluster, kind: Kind, key: Key) -> dict[str, Any] | None:
    try:
        return await cluster.get(kind, key)
    except NotFound:
        return None


def _refuse_of_another_folder(before: Mapping[str, Any], item: Item, folder: str) -> None:
    metadata = before["metadata"]
    owner = (metadata.get("labels") or {}).get(LABEL_SYNCED_BY)
    if metadata.get("deletionTimestamp"):
        raise SlipwayError(f"{item.kind.value} {item.name} is just being deleted: sync again")
    if owner not in (None, folder):
        way_on = f"take its label {LABEL_SYNCED_BY} off to let this folder have it"
        raise SlipwayError(f"{item.kind.value} {item.name} is synced from {owner} already; {way_on}")


def _written(raw: Mapping[str, Any]) -> tuple[Any, ...]:
    metadata = raw["metadata"]
    return raw.get("spec"), metadata.get("labels") or {}, metadata.get("annotations") or {}


# ---- what kubectl has applied ----------------------------------------------------------------------------------------


async def _take_over(cluster: Cluster, kind: Kind, key: Key) -> None:
    """Make our manager the one of all fields that kubectl's applies own; the object itself does not change."""
    for _ in range(_TRIES):
        raw = await cluster.get(kind, key)
        managers = raw["metadata"].get("managedFields") or []
        if not any(map(_is_kubectl, managers)):
            return
        version = raw["metadata"]["resourceVersion"]
        patch = {"metadata": {"resourceVersion": version, "managedFields": _merged(managers)}}
        try:
            await cluster.patch(kind, key, patch, MERGE_PATCH)
            return
        except Conflict:
            continue
    raise SlipwayError(f"{kind.value} {key.name} changes all the time: sync again")


def _merged(managers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ours = [each for each in managers if _is_kubectl(each) or _is_ours(each)]
    fields: dict[str, Any] = {}
    for each in ours:
        fields = _union(fields, each.get("fieldsV1") or {})
    entry = {"manager": MANAGER, "operation": "Apply", "apiVersion": API_VERSION}
    others = [each for each in managers if each not in ours]
    return [*others, {**entry, "time": ours[-1].get("time"), "fieldsType": "FieldsV1", "fieldsV1": fields}]


def _is_kubectl(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("manager", "")).startswith("kubectl") and not entry.get("subresource")


def _is_ours(entry: Mapping[str, Any]) -> bool:
    return entry.get("manager") == MANAGER and entry.get("operation") == "Apply"


def _union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of both, as trees of names."""
    both = dict(one)
    for name, below in other.items():
        both[name] = _union(both[name], below) if name in both else dict(below)
    return both
