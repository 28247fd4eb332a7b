"""Actions that nobody waits for -> done beside the scheduling, a few at once, each named thing once at a time.

ReleasePod   archives the Pod's log first, which may take its 10 s, so it has turns of its own; asked again later where
             it fails, as a Pod that stays held holds its namespace
Collect      a few at once, as nobody waits for what has had its time to go; asked again later where it fails
Tell         a courtesy: one that fails is left
Look         has turns of its own, as each may take its 10 s; what it sees makes its sensor due
ReadArtifact has turns of its own too; what it brings makes its run due
SendAlert    may take 20 s, so many may be on the way; what comes of it makes its run or Dag due
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from controller.act.perform import Perform
from controller.errors import AlreadyExists, SlipwayError
from controller.log import Logger
from controller.log_fields import fields_of_meta
from controller.model.action import Collect, Kind, Look, ReadArtifact, ReleasePod, Tell
from controller.model.alerts import SendAlert
from controller.observe.due import Due

BesideAction = ReleasePod | Collect | Tell | Look | ReadArtifact | SendAlert
_Name = tuple[type[BesideAction], str]
Wake = Callable[[Due, datetime], None]
"""Makes a question due at a time."""

_TELLS_AT_ONCE: Final = 4
_COLLECTS_AT_ONCE: Final = 4
_RELEASES_AT_ONCE: Final = 20
"""Each may hold a log of some MiB."""
_LOOKS_AT_ONCE: Final = 20
_READS_AT_ONCE: Final = 4
"""Each may bring some MiB."""
_ALERTS_AT_ONCE: Final = 500
"""Most wait for their target, which takes a few at once: one that hangs must not keep the others from being told."""
_RELEASE_AGAIN: Final = timedelta(seconds=5)

_log = Logger(__name__)


class Aside:
    """What is being done beside the scheduling."""

    def __init__(self, perform: Perform, clock: Callable[[], datetime], wake: Wake) -> None:
        self._perform = perform
        self._clock = clock
        self._wake = wake
        self._under_way: dict[_Name, asyncio.Task[None]] = {}
        self._asked_by: dict[_Name, Due] = {}
        """The question that each was decided for last: when a TaskRun goes, its Pods become orphans."""
        self._turns: Mapping[type[BesideAction], asyncio.Semaphore] = {
            ReleasePod: asyncio.Semaphore(_RELEASES_AT_ONCE),
            Collect: asyncio.Semaphore(_COLLECTS_AT_ONCE),
            Tell: asyncio.Semaphore(_TELLS_AT_ONCE),
            Look: asyncio.Semaphore(_LOOKS_AT_ONCE),
            ReadArtifact: asyncio.Semaphore(_READS_AT_ONCE),
            SendAlert: asyncio.Semaphore(_ALERTS_AT_ONCE),
        }

    def begin(self, due: Due, action: BesideAction) -> None:
        """Do it in its turn, unless the same is under way; `due` is the question that it was decided for."""
        name = (type(action), _name(action))
        self._asked_by[name] = due
        if name not in self._under_way:
            self._under_way[name] = asyncio.ensure_future(self._do(name, action))

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    async def stop(self) -> None:
        """Break off everything."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        self._under_way.clear()  # one that had not begun does not do so itself

    async def _do(self, name: _Name, action: BesideAction) -> None:
        try:
            async with self._turns[type(action)]:
                await self._perform(action, self._clock())
        except AlreadyExists:
            pass  # an Event of that name says the same: it was told before a restart, or by another replica
        except SlipwayError as error:
            _log.info("put off", error=str(error), **_fields(action))
            if isinstance(action, ReleasePod | Collect):
                self._wake(self._asked_by[name], self._clock() + _RELEASE_AGAIN)
        except Exception:
            _log.exception("action failed", **_fields(action))
        finally:
            del self._under_way[name], self._asked_by[name]


def _name(action: BesideAction) -> str:
    """What makes two actions the same."""
    match action:
        case Tell():
            return f"{action.about.uid}/{action.about.resource_version}/{action.reason}"
        case ReleasePod():
            return action.pod.uid  # whatever becomes of the Pod meanwhile: its log is read once
        case Collect():
            return action.meta.uid
        case Look():
            return f"{action.task_run.uid}/{action.attempt}"
        case ReadArtifact():
            return f"{action.run.uid}/{action.round}/{action.key}"
        case SendAlert():
            return f"{action.key}/{action.target}"


def _fields(action: BesideAction) -> dict[str, str]:
    """What a log line says of it."""
    match action:
        case Tell(kind=kind, about=meta) | Collect(kind=kind, meta=meta):
            about = fields_of_meta(kind, meta)
        case ReleasePod(pod=meta):
            about = fields_of_meta(Kind.POD, meta)
        case Look(task_run=meta):
            about = fields_of_meta(Kind.TASK_RUN, meta)
        case ReadArtifact(run=meta):
            about = fields_of_meta(Kind.DAG_RUN, meta)
        case SendAlert():
            kind = Kind.DAG if action.of_dag else Kind.DAG_RUN
            about = {**fields_of_meta(kind, action.about), "target": action.target}
    return {"action": type(action).__name__, **about}
