"""An object of a backup -> the manifest that makes it anew, and the status that it then gets. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from controller.model.action import Kind
from controller.model.authorship import STAMPS
from controller.model.names import ANNOTATION_CREATED_AT, ANNOTATION_RESTORED_FROM, API_VERSION
from controller.model.states import RUN_FINAL

_API_VERSIONS: Final = {Kind.REVISION: "apps/v1"}
HELD: Final = frozenset({Kind.DAG, Kind.DAG_RUN, Kind.BACKFILL})
"""Kinds that could begin something: they are made paused."""
_FINAL: Final = frozenset(state.value for state in RUN_FINAL)

Raw = dict[str, Any]


def manifest_of(kind: Kind, raw: Raw, uids: Mapping[str, str]) -> Raw:
    """What is created; `uids` are the new uids of its owners, by the old ones."""
    old = raw["metadata"]
    metadata: Raw = {
        "name": old["name"],
        "namespace": old["namespace"],
        "labels": old.get("labels") or {},
        "annotations": _annotations(old),
    }
    owners = [{**owner, "uid": uids[owner["uid"]]} for owner in old.get("ownerReferences") or ()]
    manifest: Raw = {
        "apiVersion": _API_VERSIONS.get(kind, API_VERSION),
        "kind": kind.value,
        "metadata": metadata | ({"ownerReferences": owners} if owners else {}),
        **{name: raw[name] for name in ("spec", "data", "revision") if name in raw},
    }
    if kind in HELD:
        manifest["spec"] = {**raw["spec"], "paused": True}
    return manifest


def _annotations(old: Raw) -> Raw:
    """Those it had, which it stands for, and since when; what was itself restored goes on from its first creation."""
    annotations = old.get("annotations") or {}
    created_at = annotations.get(ANNOTATION_CREATED_AT, old["creationTimestamp"])
    return {**annotations, ANNOTATION_RESTORED_FROM: old["uid"], ANNOTATION_CREATED_AT: created_at}


def without_authorship(manifest: Raw) -> Raw:
    """The same, but for who made it and wrote it."""
    metadata = manifest["metadata"]
    kept = {name: value for name, value in metadata["annotations"].items() if name not in STAMPS}
    return {**manifest, "metadata": {**metadata, "annotations": kept}}


def status_of(kind: Kind, raw: Raw) -> Raw:
    """The status, about the generation that the new object will have: spec.paused is changed once more, or not.

    Empty where there is none, as of every ControllerRevision.
    """
    status = dict(raw.get("status") or {})
    if not status:
        return {}
    before = raw["metadata"].get("generation")
    is_changed = kind in HELD and not is_unfinished(kind, raw) and raw["spec"].get("paused") is not True
    now = 2 if is_changed else 1
    if status.get("observedGeneration") == before:
        status["observedGeneration"] = now
    if "conditions" in status:
        status["conditions"] = [
            {**each, "observedGeneration": now} if each.get("observedGeneration") == before else each
            for each in status["conditions"]
        ]
    return status


def is_unfinished(kind: Kind, raw: Raw) -> bool:
    """Whether it is a run or backfill that had not ended."""
    return kind in (Kind.DAG_RUN, Kind.BACKFILL) and (raw.get("status") or {}).get("state") not in _FINAL
