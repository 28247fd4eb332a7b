"""An API object's metadata -> the few fields Slipway decides on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from controller.model.asked import asked_in
from controller.model.authorship import NOBODY, Authorship, authorship_in
from controller.model.names import ANNOTATION_CREATED_AT, ANNOTATION_RESTORED_FROM
from controller.model.timestamps import parse_time


class Key(NamedTuple):
    """Where an object lives: unique within its kind."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Meta:
    """Identity and life of one API object."""

    key: Key
    uid: str
    resource_version: int
    generation: int
    created_at: datetime
    deleting_since: datetime | None
    """When the deletion was asked for; None while it was not."""
    deletion_grace_seconds: int | None
    """The grace period of that deletion."""
    labels: Mapping[str, str]
    owner_uid: str | None
    """The uid of the controlling owner."""
    owners: int
    """How many owners there are."""
    finalizers: tuple[str, ...]
    asked: Mapping[str, str] = field(default_factory=dict)
    """What was asked of the object, by the words of `asked.py`, as its annotations tell."""
    authorship: Authorship = NOBODY
    """Who made the object and wrote its spec, as its annotations tell."""

    @property
    def name(self) -> str:
        """The object's name."""
        return self.key.name

    @property
    def namespace(self) -> str:
        """The object's namespace."""
        return self.key.namespace


def parse_meta(raw: Mapping[str, Any]) -> Meta:
    """The `metadata` of an object as the API server sends it."""
    owners = raw.get("ownerReferences") or ()
    return Meta(
        key=Key(raw["namespace"], raw["name"]),
        uid=raw["uid"],
        resource_version=int(raw["resourceVersion"]),
        generation=raw.get("generation", 0),
        created_at=_created_at(raw),
        deleting_since=_deletion_asked_at(raw),
        deletion_grace_seconds=raw.get("deletionGracePeriodSeconds"),
        labels=raw.get("labels") or {},
        owner_uid=next((owner["uid"] for owner in owners if owner.get("controller")), None),
        owners=len(owners),
        finalizers=tuple(raw.get("finalizers") or ()),
        asked=asked_in(raw.get("annotations")),
        authorship=authorship_in(raw.get("annotations")),
    )


def _created_at(raw: Mapping[str, Any]) -> datetime:
    """When it was created; of an object that was restored from a backup, the one that it stands for."""
    annotations = raw.get("annotations") or {}
    before = annotations.get(ANNOTATION_CREATED_AT) if ANNOTATION_RESTORED_FROM in annotations else None
    created_at = parse_time(raw["creationTimestamp"])
    try:
        return min(parse_time(before), created_at) if before else created_at
    except ValueError:  # a person wrote that
        return created_at


def _deletion_asked_at(raw: Mapping[str, Any]) -> datetime | None:
    """When the deletion was asked for: the API server's timestamp is the end of the grace period."""
    ends = raw.get("deletionTimestamp")
    return parse_time(ends) - timedelta(seconds=raw.get("deletionGracePeriodSeconds") or 0) if ends else None
