"""A run -> its end, awaited: `slipway wait` and `trigger --wait`, and the looks by which `watch` and `logs -f` go on.

    0    it succeeded                    5     the cluster does not answer (connect.py)
    1    it failed                       124   it has not ended in time
    4    it was cancelled or deleted     130   Ctrl-C

An API server that is away for a moment is asked again for half a minute, once it has answered.
"""

import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from controller.cli.connect import exit_code
from controller.cli.latest import NoRun, run_named
from controller.errors import NotFound, Unauthenticated, Unavailable
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import LABEL_RUN
from controller.model.states import RUN_FINAL, RunState

T = TypeVar("T")
Raw = dict[str, Any]
Tell = Callable[[Raw], Awaitable[None]]
"""Says what is new of a run at a look."""

SUCCESS: Final = 0
RUN_FAILED: Final = 1
RUN_GONE: Final = 4
TIMED_OUT: Final = 124
INTERRUPTED: Final = 130
LOOK_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 30.0
_TASKS_PER_SECOND: Final = 500


class Cluster(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> Raw:
        """The object."""

    async def list_all(self, kind: Kind, namespace: str | None = None, label_selector: str = "") -> list[Raw]:
        """Every object of the kind."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    run: str
    namespace: str | None
    context: str | None
    timeout_seconds: float | None


def wait(asked: Asked, teller: Callable[[Cluster, Key], Tell] | None = None) -> int:
    """Wait for the run's end, and say what the teller says on the way, None = how far it is; the exit code."""

    async def work(cluster: Cluster, namespace: str) -> int:
        try:
            key = Key(namespace, await run_named(cluster, namespace, asked.run))
        except NoRun as error:
            return told(str(error), RUN_GONE)
        tell = teller(cluster, key) if teller is not None else None
        return await await_end(cluster, key, asked.timeout_seconds, tell)

    return until_interrupted(lambda: exit_code((asked.namespace, asked.context), work))


async def await_end(cluster: Cluster, key: Key, timeout_seconds: float | None, tell: Tell | None = None) -> int:
    """Say how the run goes on until it ends; the exit code."""
    give_up_at = math.inf if timeout_seconds is None else time.monotonic() + timeout_seconds
    tell, was_there = tell or Progress().tell, False
    try:
        async for raw in looks(cluster, key, give_up_at):
            was_there = True
            await tell(raw)
            if state_of(raw) in RUN_FINAL:
                return _ended(key, raw)
            if time.monotonic() >= give_up_at:
                break
    except NotFound:
        gone = f"run {key.name} was deleted" if was_there else no_run(key)
        return told(gone, RUN_GONE)
    return told(f"run {key.name} has not ended in time, and goes on", TIMED_OUT)


async def looks(cluster: Cluster, key: Key, give_up_at: float = math.inf) -> AsyncIterator[Raw]:
    """The run as it is, again and again; NotFound once it is gone."""
    yield await cluster.get(Kind.DAG_RUN, key)
    while True:
        await asyncio.sleep(max(0.0, min(LOOK_SECONDS, give_up_at - time.monotonic())))
        yield await patiently(lambda: cluster.get(Kind.DAG_RUN, key), give_up_at)


async def patiently(ask: Callable[[], Awaitable[T]], give_up_at: float = math.inf) -> T:
    """What is asked for; Unavailable only once that has lasted."""
    until = min(give_up_at, time.monotonic() + PATIENCE_SECONDS)
    while True:
        try:
            return await ask()
        except Unavailable as error:
            if isinstance(error, Unauthenticated) or time.monotonic() >= until:
                raise
            await asyncio.sleep(error.retry_after_seconds or LOOK_SECONDS)


async def task_runs_of(cluster: Cluster, key: Key) -> list[Raw]:
    """The run's TaskRuns: those that have started in their order, then the others by name."""
    raws = await cluster.list_all(Kind.TASK_RUN, key.namespace, f"{LABEL_RUN}={key.name}")
    return sorted((raw for raw in raws if raw["spec"]["dagRunRef"]["name"] == key.name), key=_place)


async def pods_of(cluster: Cluster, key: Key) -> dict[str, list[Raw]]:
    """The run's Pods by TaskRun. A status tells of a Pod late, of one that is soon over only at its end."""
    pods: dict[str, list[Raw]] = {}
    for raw in await cluster.list_all(Kind.POD, key.namespace, f"{LABEL_RUN}={key.name}"):
        metadata = raw["metadata"]
        if (metadata.get("labels") or {}).get(LABEL_RUN) == key.name:
            for owner in metadata.get("ownerReferences") or ():
                pods.setdefault(owner["name"], []).append(raw)
    return pods


def pause_after(count: int) -> float:
    """How many seconds the API server is left alone after a list of so many tasks."""
    return max(LOOK_SECONDS, count / _TASKS_PER_SECOND)


def until_interrupted(work: Callable[[], int]) -> int:
    """What the work gives; 130 when the user ends it by Ctrl-C, which no run notices."""
    try:
        return work()
    except KeyboardInterrupt:
        return told("interrupted; what runs in the cluster goes on", INTERRUPTED)


def state_of(run: Raw) -> RunState:
    """Where the run stands."""
    return RunState((run.get("status") or {}).get("state") or "Queued")


def saying_of(run: Raw) -> str:
    """The same with how many tasks have ended, and what a queued run waits for."""
    status = run.get("status") or {}
    waits = "".join(f", {each['message']}" for each in status.get("waitingFor") or ())
    return f"{state_of(run).value} {status.get('tasks') or ''}{waits}".rstrip()


def no_run(key: Key) -> str:
    """The sentence on a run that is not there."""
    return f"there is no run {key.name} in namespace {key.namespace}"


def told(message: str, code: int) -> int:
    """The exit code, with a sentence on standard error."""
    print(f"slipway: {message}", file=sys.stderr, flush=True)
    return code


class Progress:
    """Prints how far a run is, where that has changed."""

    def __init__(self) -> None:
        self._said = ""

    async def tell(self, run: Raw) -> None:
        """Look at the run as it is now."""
        if (saying := saying_of(run)) != self._said:
            print(saying, flush=True)
            self._said = saying


def _ended(key: Key, run: Raw) -> int:
    status = run["status"]
    if state_of(run) is RunState.SUCCESS:
        return SUCCESS
    code = RUN_GONE if status.get("reason") == "Cancelled" else RUN_FAILED
    return told(f"run {key.name} failed: {status.get('message')}", code)


def _place(task_run: Raw) -> tuple[bool, str, str, int]:
    began = (task_run.get("status") or {}).get("startedAt") or ""
    spec = task_run["spec"]
    return not began, began, spec["task"], spec.get("index", -1)
