"""`slipway pause`, `resume` and `cancel`: an object -> one field of its spec changed, and what kubectl would print."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from controller.cli.signing import signed
from controller.errors import NotFound, SlipwayError
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.status_patch import MERGE_PATCH

SUCCESS: Final = 0
UNCHANGED: Final = 3
_PLURALS: Final = {Kind.DAG: "dag", Kind.DAG_RUN: "dagrun", Kind.BACKFILL: "backfill"}
_WORDS: Final = {Kind.DAG: "Dag", Kind.DAG_RUN: "run", Kind.BACKFILL: "backfill"}


class Cluster(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object."""

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = ...) -> dict[str, Any]:
        """The object after the patch."""

    async def caller(self) -> str:
        """Who we are to the API server."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a spec that is to have a value."""

    kind: Kind
    key: Key
    field: str
    value: Any
    done: str
    """What to print once it has, such as `paused`."""


async def steer(cluster: Cluster, change: Change) -> int:
    """Change it, unless it is so already; the exit code."""
    name = f"{_PLURALS[change.kind]}.slipway.dev/{change.key.name}"
    try:
        raw = await cluster.get(change.kind, change.key)
    except NotFound as error:
        what = f"there is no {_WORDS[change.kind]} {change.key.name}"
        raise SlipwayError(f"{what} in namespace {change.key.namespace}") from error
    if raw["spec"].get(change.field, _DEFAULTS.get(change.field)) == change.value or _is_over(change, raw):
        print(f"{name} unchanged")
        return UNCHANGED
    patch = {"metadata": {"annotations": await signed(cluster, _action(change))}, "spec": {change.field: change.value}}
    await cluster.patch(change.kind, change.key, patch, MERGE_PATCH)
    print(f"{name} {change.done}")
    return SUCCESS


_DEFAULTS: Final = {"paused": False, "approved": True}
_ACTIONS: Final = {"cancel": "cancel", "approved": "approve"}


def _action(change: Change) -> str:
    """What the change is called in the audit."""
    return _ACTIONS.get(change.field) or ("pause" if change.value else "resume")


def _is_over(change: Change, raw: dict[str, Any]) -> bool:
    """Whether a run or backfill has ended already; a Dag never does."""
    return change.kind is not Kind.DAG and (raw.get("status") or {}).get("state") in ("Success", "Failed")
