"""Assets: what tasks update and Dags wait for, each a name or a URI that means something to its users alone.

A namespace is a world of its own: an update is seen by the Dags of its namespace.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from controller.model.schema import Anything, Int, Recorded, Text, Timestamp, Written

ASSET_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._~:/?#@!$&*+=%-]*$"
MOST_ASSETS: Final = 100
"""Different assets of one schedule, or of one task."""
UPDATES_KEPT: Final = 10
"""Updates of one asset that are listed while they wait for their run; the others are counted."""
NOTED_AT_ONCE: Final = 1000
"""Updates that one write of a Dag's status takes in."""

AssetName = Annotated[str, StringConstraints(pattern=ASSET_PATTERN, max_length=256)]


class AssetRule(Written):
    """Which assets must have been updated. Exactly one of all and any."""

    all: Annotated[tuple[Anything, ...], Field(min_length=1, max_length=MOST_ASSETS)] | None = None
    """Every one of these: names of assets, and objects with `all` or `any` of their own."""
    any: Annotated[tuple[Anything, ...], Field(min_length=1, max_length=MOST_ASSETS)] | None = None
    """One of these at least."""


class AssetUpdate(Recorded):
    """An asset that a task updated."""

    asset: Annotated[str, StringConstraints(max_length=256)]
    """The asset's name."""
    task_run: Text
    """The TaskRun whose success updated it."""
    attempt: Annotated[Int, Field(alias="try")]
    """The attempt that succeeded."""
    at: Timestamp
    """When that attempt ended."""


class AssetMarker(Recorded):
    """An asset that was updated and waits for its run."""

    count: Int
    """How many updates the next run is to answer for."""
    updates: Annotated[tuple[AssetUpdate, ...], Field(max_length=UPDATES_KEPT)] = ()
    """The last 10 of them, the oldest first."""


class AssetRun(Recorded):
    """A run that is about to be created, settled before it is, so that a crash makes neither two of it nor none."""

    name: Text
    """The run's name."""
    at: Timestamp
    """When it was due."""
    updates: Annotated[tuple[AssetUpdate, ...], Field(max_length=MOST_ASSETS)] = ()
    """What it answers for, the oldest first."""


class AssetQueue(Recorded):
    """What a Dag has seen of the assets that it waits for."""

    waits_for: Annotated[tuple[Text, ...], Field(max_length=MOST_ASSETS)] = ()
    """The assets of its schedule, sorted."""
    queued: Annotated[dict[str, AssetMarker], Field(max_length=MOST_ASSETS)] = {}
    """Assets that were updated since the last run that answered for them."""
    noted: Annotated[tuple[Text, ...], Field(max_length=2 * NOTED_AT_ONCE)] = ()
    """Updates that are counted here, while their TaskRuns do not say so yet: uid and attempt."""
    runs: Int = 0
    """How many runs updates have made."""
    making: AssetRun | None = None
    """The run that is about to be created."""


@dataclass(frozen=True, slots=True)
class Update:
    """A success that updated assets, and that some Dag has not noted as far as its TaskRun knows."""

    id: str
    """The TaskRun's uid and the attempt: no two successes share it, however close they are."""
    task_run: str
    attempt: int
    assets: tuple[str, ...]
    at: datetime
