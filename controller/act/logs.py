"""A Pod that is about to be released -> its log, cut to a size, and put away. Never an error, and never for long.

    container main has begun    its log: the first bytes and the last ones, and how many are left out between
    it never has                the logs of the init containers that failed, and the Pod's last Events

What can't be read in time is told in the log's place. What can't be put away in time waits: log_shelf.py.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from controller.act.log_pieces import Pieces
from controller.act.log_shelf import PatientShelf, Shelf
from controller.errors import NotFound, SlipwayError, Unavailable
from controller.kube import object_path
from controller.log import Logger
from controller.log_fields import fields_of_meta
from controller.model.action import Kind
from controller.model.archive import NO_LOG, PodLog, told_event
from controller.model.metadata import Key
from controller.model.names import LABEL_DAG, LABEL_RUN, LABEL_TASK
from controller.model.pod import MAIN, Pod

MOST_READ: Final = 64 * 1024 * 1024
"""Beyond this a log is not read through: its last lines are asked for."""
_LAST_LINES: Final = 20_000
_EVENTS_KEPT: Final = 50
_READING_SHARE: Final = 0.7
"""How much of the time reading may take; the rest is for putting away."""
_REMEMBERED: Final = 10_000
_CLOSING_SECONDS: Final = 5.0
_WAITS: Final = (0.3, 1.5)
"""Before a second and a third try."""

_log = Logger(__name__)


class Source(Protocol):
    """What is needed of a session with the API server."""

    def stream(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """The bytes of an answer as they come."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object as it is stored."""

    async def list_page(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """One page of a list."""


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much is kept of a log, and how long a Pod waits for it."""

    most_bytes: int = 1024 * 1024
    seconds: float = 10.0


class LogKeeper:
    """Archives the logs of Pods, each once; how many at once is for the caller to say. `close` it in the end."""

    def __init__(self, source: Source, shelf: Shelf, limits: LogLimits) -> None:
        self._source = source
        self._shelf = PatientShelf(shelf)
        self._limits = limits
        self._kept: OrderedDict[str, None] = OrderedDict()
        self._lost = 0

    @property
    def waiting(self) -> int:
        """How many logs could not be put away yet."""
        return self._shelf.waiting

    @property
    def lost(self) -> int:
        """How many logs were lost on our side: for want of room, or by a bug."""
        return self._lost + self._shelf.lost

    async def archive(self, pod: Pod, now: datetime) -> None:
        """Put away what the Pod has said, unless that was done."""
        if pod.meta.uid in self._kept:
            return
        try:
            await self._archive(pod, now)
        except Exception:  # a bug of ours must cost a log and not hold a Pod, and with it a namespace, for ever
            _log.exception("log is lost", **fields_of_meta(Kind.POD, pod.meta))
            self._lost += 1

    async def close(self) -> None:
        """Put away, as far as can be done in a few seconds, what could not be put away before."""
        await self._shelf.close(_CLOSING_SECONDS)

    async def _archive(self, pod: Pod, now: datetime) -> None:
        begun = asyncio.get_running_loop().time()
        log = await self._read(pod, now, begun + _READING_SHARE * self._limits.seconds)
        await self._shelf.keep(log, begun + self._limits.seconds)
        self._kept[pod.meta.uid] = None
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    async def _read(self, pod: Pod, now: datetime, until: float) -> PodLog:
        pieces, lost, events = Pieces(self._limits.most_bytes), None, list[dict[str, Any]]()
        try:
            async with asyncio.timeout_at(until):
                if pod.started_at is not None:
                    await self._main(pod.meta.key, pieces)
                else:
                    events = await self._events(pod)
                    await self._init_containers(pod.meta.key, pieces)
        except TimeoutError:
            lost = f"it could not be read within {self._limits.seconds:g} s"
        except NotFound:
            lost = "the Pod was gone before its log was read"
        except SlipwayError as error:
            lost = " ".join(str(error).split())[:1000]
        if lost is None and pod.started_at is not None and not pod.has_ended:
            lost = "the Pod was given up while it still ran"
        return _log_of(pod, now, pieces, lost, events)

    async def _main(self, pod: Key, pieces: Pieces) -> None:
        """The task's log; an API server that is away for a moment is asked again."""
        for wait in (*_WAITS, None):
            try:
                return await self._container(pod, MAIN, pieces)
            except Unavailable as error:
                if wait is None or pieces.total:
                    raise
                await asyncio.sleep(error.retry_after_seconds or wait)
        return None

    async def _container(self, pod: Key, name: str, pieces: Pieces) -> None:
        path, params = object_path(Kind.POD, pod, "log"), {"container": name}
        most = pieces.total + MOST_READ
        async with aclosing(self._source.stream(path, params)) as stream:
            is_first = True
            async for piece in stream:
                if is_first and piece.startswith(NO_LOG):
                    raise SlipwayError("the node had thrown its log away")
                is_first = False
                pieces.add(piece)
                if pieces.total > most:
                    break
            else:
                return
        pieces.begin_tail()
        async with aclosing(self._source.stream(path, {**params, "tailLines": str(_LAST_LINES)})) as stream:
            async for piece in stream:
                pieces.add(piece)

    async def _init_containers(self, pod: Key, pieces: Pieces) -> None:
        raw = await self._source.get(Kind.POD, pod)
        for status in (raw.get("status") or {}).get("initContainerStatuses") or ():
            ended = (status.get("state") or {}).get("terminated") or {}
            if ended.get("exitCode"):
                pieces.add(f"[slipway: init container {status['name']}]\n".encode())
                await self._container(pod, status["name"], pieces)

    async def _events(self, pod: Pod) -> list[dict[str, Any]]:
        selector = f"involvedObject.kind=Pod,involvedObject.name={pod.meta.name},involvedObject.uid={pod.meta.uid}"
        params = {"fieldSelector": selector, "limit": str(_EVENTS_KEPT)}
        page = await self._source.list_page(f"/api/v1/namespaces/{pod.meta.namespace}/events", params)
        return sorted((told_event(raw) for raw in page.get("items") or ()), key=lambda each: each["last"] or "")


def _log_of(pod: Pod, now: datetime, pieces: Pieces, lost: str | None, events: list[dict[str, Any]]) -> PodLog:
    labels, ended = pod.meta.labels, pod.termination
    has_log = pieces.total > 0 or (pod.started_at is not None and lost is None)
    told = pod.disruption or pod.waiting or pod.unschedulable
    reason = (pod.disruption.reason if pod.disruption else "") or pod.reason or (ended.reason if ended else "")
    # The termination message of a container that ran is the task's output, no sentence for people.
    message = pod.message or (told.message if told else "") or (ended.message if ended and not pod.started_at else "")
    return PodLog(
        pod=pod.meta.key,
        pod_uid=pod.meta.uid,
        dag=labels.get(LABEL_DAG, ""),
        run=labels.get(LABEL_RUN, ""),
        task=labels.get(LABEL_TASK, ""),
        attempt=pod.attempt,
        archived_at=now,
        content=pieces.content(lost) if has_log else None,
        left_out=pieces.left_out if has_log else 0,
        reason=reason or (told.reason if told else None) or None,
        message=message or None,
        lost=lost,
        events=tuple(events),
    )
