"""`slipway clear`, `mark`, `rerun`, `retry`: a wish about a run -> `spec.request`, and the controller's answer.

The controller works out what is touched, also for a dry run, so that the answer is what will be done. It stands in
`status.requests`, where everybody sees who asked for what.
"""

import asyncio
import secrets
import sys
from dataclasses import dataclass
from typing import Any, Final, Protocol

from controller.errors import NotFound, Refused, SlipwayError
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.status_patch import JSON_PATCH

SUCCESS: Final = 0
ERROR: Final = 1
UNCHANGED: Final = 3
PATIENCE_SECONDS: Final = 15.0
_LOOK_SECONDS: Final = 0.3
_TRIES: Final = 5


class Cluster(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object."""

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = ...) -> dict[str, Any]:
        """The object after the patch."""

    async def caller(self) -> str:
        """Who we are to the API server."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    key: Key
    verb: str
    """clear or mark."""
    fields: dict[str, Any]
    """Of `spec.request.clear` or `spec.request.mark`."""
    done: str
    """What to print once it is done, such as `cleared`."""
    dry_run: bool = False
    patience_seconds: float = PATIENCE_SECONDS


async def ask(cluster: Cluster, wish: Wish) -> int:
    """Ask, wait for the answer and print it; the exit code."""
    id_ = secrets.token_hex(6)
    request = {"id": id_, "dryRun": wish.dry_run, wish.verb: wish.fields}
    by = await cluster.caller()
    await _patched(cluster, wish, request | ({"by": by[:253]} if by else {}))
    answer = await _answer(cluster, wish.key, id_, wish.patience_seconds)
    if answer is None:
        _tell(
            f"the controller has not answered within {wish.patience_seconds:g} s; the request stands in spec.request "
            f"of run {wish.key.name} and is carried out when it does"
        )
        return ERROR
    if answer.get("refused"):
        _tell(answer.get("message", ""))
        return ERROR
    return _printed(wish, answer)


def _printed(wish: Wish, answer: dict[str, Any]) -> int:
    touched = answer.get("tasks", ())
    is_whole_mark = wish.verb == "mark" and not wish.fields.get("tasks")
    unchanged = not answer.get("count") and not is_whole_mark and "began" not in answer.get("message", "")
    done = "unchanged" if unchanged else wish.done + (" (dry run)" if wish.dry_run else "")
    print(f"dagrun.slipway.dev/{wish.key.name} {done}")
    print(f"  {answer.get('message', '')}")
    for task in touched:
        print(f"  {task}")
    if len(touched) == 100:
        print("  ... and more")
    return UNCHANGED if unchanged and not wish.dry_run else SUCCESS


async def _patched(cluster: Cluster, wish: Wish, request: dict[str, Any]) -> None:
    """Write the request, unless an earlier one is still to be answered; a clear also takes spec.cancel away."""
    for _ in range(_TRIES):
        raw = await _run(cluster, wish.key)
        _refuse_beside_another(raw)
        operations: list[dict[str, Any]] = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": raw["metadata"]["resourceVersion"]}
        ]
        if raw["spec"].get("cancel") and wish.verb == "clear" and not wish.dry_run:
            operations.append({"op": "remove", "path": "/spec/cancel"})
        # Not a merge: that would keep fields of the request before.
        operations.append({"op": "add", "path": "/spec/request", "value": request})
        try:
            await cluster.patch(Kind.DAG_RUN, wish.key, operations, JSON_PATCH)
            return
        except Refused as error:
            if error.code != 422 or "is invalid" in str(error):  # else the run has changed meanwhile
                raise
    raise SlipwayError(f"run {wish.key.name} changes all the time: try again")


def _refuse_beside_another(raw: dict[str, Any]) -> None:
    request = raw["spec"].get("request")
    handled = (each["id"] for each in (raw.get("status") or {}).get("requests", ()))
    if request is not None and request["id"] not in handled:
        name = raw["metadata"]["name"]
        raise SlipwayError(f"an earlier request to run {name} is not answered yet: see spec.request, and try again")


async def _run(cluster: Cluster, key: Key) -> dict[str, Any]:
    try:
        return await cluster.get(Kind.DAG_RUN, key)
    except NotFound as error:
        raise SlipwayError(f"there is no run {key.name} in namespace {key.namespace}") from error


async def _answer(cluster: Cluster, key: Key, id_: str, patience_seconds: float) -> dict[str, Any] | None:
    for _ in range(max(1, round(patience_seconds / _LOOK_SECONDS))):
        requests = ((await _run(cluster, key)).get("status") or {}).get("requests", ())
        found = next((dict(each) for each in requests if each["id"] == id_), None)
        if found is not None:
            return found
        await asyncio.sleep(_LOOK_SECONDS)
    return None


def _tell(message: str) -> None:
    print(f"slipway: {message}", file=sys.stderr)
