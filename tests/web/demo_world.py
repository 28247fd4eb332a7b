"""A cluster and a clock that can be set -> a world in which things have happened at their times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import InMemoryCluster

Json = Mapping[str, Any]


class Clock:
    """The time of the story, which the history sets as it goes."""

    def __init__(self) -> None:
        self.told: datetime | None = None
        """None = the real time."""

    def __call__(self) -> datetime:
        """The time now."""
        return self.told or datetime.now(UTC)


@dataclass
class World:
    """Writes objects into a cluster at the times at which they came to be."""

    cluster: InMemoryCluster
    clock: Clock
    random: Random
    now: datetime

    def put(self, kind: Kind, key: Key, body: Json, status: Json, at: datetime, **metadata: Any) -> dict[str, Any]:
        """Create an object, and let the controller have written its status."""
        self.clock.told = at
        about = {"namespace": key.namespace, "name": key.name, **metadata}
        raw = self.cluster.create(kind, {**body, "metadata": about})
        return self.cluster.patch_status(kind, key, status) if status else raw


def owned_by(kind: str, raw: Json) -> dict[str, Any]:
    """Metadata of what belongs to an object."""
    about = raw["metadata"]
    return {"ownerReferences": [{"kind": kind, "name": about["name"], "uid": about["uid"], "controller": True}]}
