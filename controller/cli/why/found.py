"""The objects of a namespace -> a store, and the snapshots that the deciders would be asked with now.

Nothing is written anywhere. How much the whole installation may run at once is a setting of the controller that no
object tells, so it holds nothing back here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from controller.errors import NotFound
from controller.model.action import Decision, Kind, WriteStatus
from controller.model.metadata import Key
from controller.model.policy import Policy
from controller.model.schema import Waiting
from controller.observe.parse import parse
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store
from controller.observe.tables import Observed

_AT_ONCE: Final = timedelta()
_IMPATIENT: Final = Policy(
    "", parallelism=2**31, tell_after=_AT_ONCE, tell_again_after=_AT_ONCE, tell_running_after=_AT_ONCE
)
"""Every reason to wait is told at once."""


class Lister(Protocol):
    """What is needed of a session with the API server."""

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, object]]:
        """Every object of a kind."""


@dataclass(frozen=True, slots=True)
class Found:
    """One namespace, as it is now."""

    store: Store
    snapshots: Snapshots
    namespace: str
    now: datetime

    def key(self, name: str) -> Key:
        """An object of that name here."""
        return Key(self.namespace, name)


async def fetch(lister: Lister, namespace: str) -> list[Observed]:
    """All objects of the namespace that matter, owners first; a kind that the cluster does not know has none."""
    objects: list[Observed] = []
    for kind in (
        Kind.DAG,
        Kind.REVISION,
        Kind.DAG_RUN,
        Kind.TASK_RUN,
        Kind.POOL,
        Kind.BACKFILL,
        Kind.APPROVAL,
        Kind.POD,
    ):
        try:
            raws = await lister.list_all(kind, namespace)
        except NotFound:
            continue
        objects.extend(observed for raw in raws if (observed := parse(kind, raw)) is not None)
    return objects


def found_in(objects: Iterable[Observed], namespace: str, now: datetime) -> Found:
    """The objects, put where the deciders' snapshots come from."""
    store = Store()
    for each in objects:
        store.put(each)
    return Found(store, Snapshots(store, _IMPATIENT, now), namespace, now)


def waits_told(decision: Decision, before: Iterable[Waiting]) -> Iterator[Waiting]:
    """What the decider would write that the object waits for; where it would write nothing of it, as it stands."""
    for action in decision.actions:
        if isinstance(action, WriteStatus) and "waitingFor" in action.patch:
            for each in action.patch["waitingFor"] or ():
                yield Waiting.model_validate(each)
            return
    yield from before
