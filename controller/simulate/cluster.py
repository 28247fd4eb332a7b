"""Writes -> objects and watch events, as the API server makes them: the rules that Slipway leans on, and no others.

Every write has a resourceVersion of its own; names are taken once; a status patch must name the version it judged; a
deletion waits for finalizers and, of a Pod that runs, for its kubelet; what lost all its owners is collected. Objects
are never changed in place, so that a watcher may keep what it was given.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from controller.errors import AlreadyExists, Conflict, NotFound, Refused
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.timestamps import format_time
from controller.simulate.patches import PatchFault, json_patch, merge_patch

Raw = dict[str, Any]
Watcher = Callable[[Kind, str, Raw], None]
"""Takes the kind, `ADDED`, `MODIFIED` or `DELETED`, and the object."""
Admission = Callable[[Kind, Raw], None]
"""Looks at an object that is to be created; raises to refuse it."""

_STATUS_DEFAULTS: Final[Mapping[Kind, Raw]] = {
    Kind.DAG_RUN: {"state": "Queued"},
    Kind.TASK_RUN: {"state": "Scheduled"},
    Kind.POD: {"phase": "Pending"},
    Kind.APPROVAL: {"state": "Open"},
    Kind.BACKFILL: {"state": "Planning"},
}
_ENDED_PHASES: Final = frozenset({"Succeeded", "Failed"})
_POD_GRACE_SECONDS: Final = 30


class InMemoryCluster:
    """The objects of one cluster. Writes return the object as it is then, or raise one of errors.py."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._objects: dict[Kind, dict[Key, Raw]] = {kind: {} for kind in Kind}
        self._owned: dict[str, dict[tuple[Kind, Key], None]] = {}
        self._uids: set[str] = set()
        self._numbers = itertools.count(1)
        self.version = 0
        """The resourceVersion of the newest write."""
        self.watchers: list[Watcher] = []
        self.admit: Admission = lambda kind, raw: None
        self.events: dict[str, Raw] = {}
        """Kubernetes Events by name."""

    # ---- reads ----------------------------------------------------------------------------------------------------

    def get(self, kind: Kind, key: Key) -> Raw:
        """The object; NotFound when there is none."""
        raw = self._objects[kind].get(key)
        if raw is None:
            raise NotFound(f"{kind.value} {key} does not exist")
        return raw

    def find(self, kind: Kind, key: Key) -> Raw | None:
        """The object; None when there is none."""
        return self._objects[kind].get(key)

    def all_of(self, kind: Kind) -> tuple[Raw, ...]:
        """All objects of the kind, by key."""
        objects = self._objects[kind]
        return tuple(objects[key] for key in sorted(objects))

    # ---- writes ---------------------------------------------------------------------------------------------------

    def create(self, kind: Kind, manifest: Mapping[str, Any]) -> Raw:
        """The object as it was created, its status as the CRD defaults it."""
        metadata = manifest["metadata"]
        key = Key(metadata["namespace"], metadata["name"])
        self.admit(kind, dict(manifest))
        if key in self._objects[kind]:
            raise AlreadyExists(f"{kind.value} {key.name} exists already")
        uid = f"uid-{next(self._numbers)}"
        raw = {
            **manifest,
            "metadata": {**metadata, "uid": uid, "generation": 1, "creationTimestamp": self._stamp()},
            "status": _STATUS_DEFAULTS.get(kind, {}),
        }
        self._uids.add(uid)
        created = self._store("ADDED", kind, key, raw)
        for owner in metadata.get("ownerReferences") or ():
            self._owned.setdefault(owner["uid"], {})[(kind, key)] = None
        self._collect(kind, key)
        return created

    def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int | None = None) -> Raw:
        """The object with this merged into its status; Conflict unless it is at the version, None = whichever."""
        if kind is Kind.REVISION:
            raise NotFound("the server could not find the requested resource")
        old = self.get(kind, key)
        if version is not None and old["metadata"]["resourceVersion"] != str(version):
            raise Conflict(f"{kind.value} {key.name} was changed meanwhile")
        return self._update(kind, key, {**old, "status": merge_patch(old["status"], patch)})

    def merge(self, kind: Kind, key: Key, patch: Mapping[str, Any]) -> Raw:
        """The object after a merge patch of anything but its status."""
        return self._update(kind, key, merge_patch(self.get(kind, key), patch))

    def patch_json(self, kind: Kind, key: Key, operations: Sequence[Mapping[str, Any]]) -> Raw:
        """The object after a JSON patch; Refused with 422 where a test in it fails."""
        try:
            return self._update(kind, key, json_patch(self.get(kind, key), operations))
        except PatchFault as fault:
            raise Refused(str(fault), "Invalid", 422) from fault

    def delete(self, kind: Kind, key: Key, uid: str | None = None, grace_seconds: int | None = None) -> Raw:
        """Ask for the deletion; the object as it is then, or was last."""
        raw = self.get(kind, key)
        metadata = raw["metadata"]
        if uid is not None and metadata["uid"] != uid:
            raise Conflict(f"{kind.value} {key.name} has another uid")
        grace = _pod_grace(raw, grace_seconds) if kind is Kind.POD else 0
        known = metadata.get("deletionGracePeriodSeconds")
        if "deletionTimestamp" not in metadata or (known is not None and grace < known):
            ends_at = self._clock() + timedelta(seconds=grace)
            deletion: Raw = {"deletionTimestamp": self._stamp(ends_at), "deletionGracePeriodSeconds": grace}
            if not grace and not metadata.get("finalizers"):
                return self._remove(kind, key, {**raw, "metadata": {**metadata, **deletion}})
            raw = self._store("MODIFIED", kind, key, {**raw, "metadata": {**metadata, **deletion}})
        return raw

    def collect(self, kind: Kind, key: Key, uid: str, version: int) -> Raw:
        """Ask for the deletion; Conflict unless it is this object at this version."""
        if self.get(kind, key)["metadata"]["resourceVersion"] != str(version):
            raise Conflict(f"{kind.value} {key.name} was changed meanwhile")
        return self.delete(kind, key, uid)

    def create_event(self, body: Mapping[str, Any]) -> None:
        """Publish an Event."""
        name = body["metadata"]["name"]
        if name in self.events:
            raise AlreadyExists(f"Event {name} exists already")
        self.events[name] = dict(body)

    # ---- within ---------------------------------------------------------------------------------------------------

    def _update(self, kind: Kind, key: Key, new: Raw) -> Raw:
        old = self._objects[kind][key]
        if new == old:
            return old
        metadata = dict(new["metadata"])
        if new.get("spec") != old.get("spec"):
            metadata["generation"] += 1
        if metadata.get("ownerReferences") != old["metadata"].get("ownerReferences"):
            self._index_owners(kind, key, old, new)
        new = {**new, "metadata": metadata}
        # A Pod that still has its grace stays: only its kubelet, with a deletion of no grace, ends that.
        grace = metadata.get("deletionGracePeriodSeconds", 0)
        if "deletionTimestamp" in metadata and not metadata.get("finalizers") and not grace:
            return self._remove(kind, key, new)
        return self._store("MODIFIED", kind, key, new)

    def _store(self, type_: str, kind: Kind, key: Key, raw: Raw) -> Raw:
        self.version += 1
        stored = {**raw, "metadata": {**raw["metadata"], "resourceVersion": str(self.version)}}
        self._objects[kind][key] = stored
        self._tell(kind, type_, stored)
        return stored

    def _remove(self, kind: Kind, key: Key, raw: Raw) -> Raw:
        last = self._store_last(kind, key, raw)
        uid = last["metadata"]["uid"]
        self._uids.discard(uid)
        for owner in last["metadata"].get("ownerReferences") or ():
            self._owned.get(owner["uid"], {}).pop((kind, key), None)
        self._tell(kind, "DELETED", last)
        for owned_kind, owned_key in list(self._owned.pop(uid, {})):
            self._collect(owned_kind, owned_key)
        return last

    def _store_last(self, kind: Kind, key: Key, raw: Raw) -> Raw:
        self.version += 1
        del self._objects[kind][key]
        return {**raw, "metadata": {**raw["metadata"], "resourceVersion": str(self.version)}}

    def _collect(self, kind: Kind, key: Key) -> None:
        """Delete an object that had owners and has none left."""
        owners = self._objects[kind][key]["metadata"].get("ownerReferences")
        if owners and not any(owner["uid"] in self._uids for owner in owners):
            self.delete(kind, key)

    def _index_owners(self, kind: Kind, key: Key, old: Raw, new: Raw) -> None:
        for owner in old["metadata"].get("ownerReferences") or ():
            self._owned.get(owner["uid"], {}).pop((kind, key), None)
        for owner in new["metadata"].get("ownerReferences") or ():
            self._owned.setdefault(owner["uid"], {})[(kind, key)] = None

    def _tell(self, kind: Kind, type_: str, raw: Raw) -> None:
        for watcher in self.watchers:
            watcher(kind, type_, raw)

    def _stamp(self, at: datetime | None = None) -> str:
        """The API server keeps whole seconds."""
        return format_time((at or self._clock()).replace(microsecond=0))


def _pod_grace(raw: Mapping[str, Any], asked: int | None) -> int:
    """The grace that a Pod is given: none where no kubelet has it, or where it has ended."""
    if not raw["spec"].get("nodeName") or raw["status"].get("phase") in _ENDED_PHASES:
        return 0
    given = raw["spec"].get("terminationGracePeriodSeconds", _POD_GRACE_SECONDS)
    return int(given if asked is None else asked)
