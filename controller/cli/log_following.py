"""`slipway logs -f`: a run that goes on -> the lines of its tasks as they write them, of each attempt as it comes.

A stream that breaks off is taken up again from the second of its last line; lines that were printed are left out by
their times, which are asked for to that end and printed only where the user wants them.
"""

import asyncio
import re
import time
from dataclasses import dataclass, replace
from typing import Final, Protocol

from controller.cli import waiting
from controller.cli.log_choice import Choice, Tried, archived_at, pod_of, why_none
from controller.cli.log_lines import AttemptPod, Printer
from controller.cli.pod_log import LogGone, NotBegun, Query, Source, log_lines
from controller.cli.waiting import RUN_GONE, SUCCESS, looks, patiently, pause_after, state_of, told
from controller.errors import NotFound, Unauthenticated, Unavailable
from controller.model.states import RUN_FINAL

_NO_LOG: Final = 1
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d) ?")


class Cluster(waiting.Cluster, Source, Protocol):
    """What is needed of a session with the API server."""


class Follower:
    """Follows the attempts that are meant until the run ends, or the one task that was named."""

    def __init__(self, cluster: Cluster, choice: Choice, query: Query, pattern: re.Pattern[str] | None) -> None:
        self._cluster = cluster
        self._choice = choice
        self._query = query
        self._pattern = pattern
        self._followed: dict[str, int] = {}
        self._streams: list[asyncio.Task[int]] = []
        self._is_over = False

    async def follow(self) -> int:
        """Print everything until the end; the exit code."""
        try:
            code = await self._look_until_over()
            self._is_over = True
            if not self._streams and code == SUCCESS:
                pods = self._choice.pods(await self._choice.look(self._cluster))
                return told(await why_none(self._cluster, self._choice, pods), _NO_LOG)
            return max((code, *await asyncio.gather(*self._streams)))
        finally:
            for stream in self._streams:
                stream.cancel()

    async def _look_until_over(self) -> int:
        next_list_at, is_first = 0.0, True
        try:
            async for run in looks(self._cluster, self._choice.run):
                is_final = state_of(run) in RUN_FINAL
                if is_final or time.monotonic() >= next_list_at:
                    chosen = await patiently(lambda: self._choice.look(self._cluster))
                    next_list_at = time.monotonic() + pause_after(len(chosen))
                    self._begin(chosen, is_first=is_first)
                    is_first = False
                    if is_final or (self._choice.is_single(chosen) and all(each.has_ended for each in chosen)):
                        return SUCCESS
                for stream in self._streams:
                    if stream.done():
                        stream.result()  # raises what the stream met
        except NotFound:
            return told(f"run {self._choice.run.name} was deleted", RUN_GONE)
        raise AssertionError("looks do not end by themselves")

    def _begin(self, chosen: list[Tried], *, is_first: bool) -> None:
        """Follow what is new: at the first look the newest attempts, or the one asked for, then each that comes."""
        printer = Printer(self._pattern, is_prefixed=not self._choice.is_single(chosen))
        query = replace(self._query, timestamps=True)
        part = query if is_first else replace(query, tail=None, since_seconds=None)
        for each in chosen:
            name = each.task_run["metadata"]["name"]
            begin = (self._choice.attempt or each.newest) if is_first else self._followed.get(name, 0) + 1
            self._followed[name] = each.newest
            for attempt in range(max(begin, 1), each.newest + 1):
                if self._choice.attempt in (None, attempt):
                    stream = self._print(pod_of(each.task_run, attempt), part, printer)
                    self._streams.append(asyncio.create_task(stream))

    async def _print(self, pod: AttemptPod, query: Query, printer: Printer) -> int:
        """Print one Pod's log to its end, over breaks of the connection."""
        printed: _Moment | None = None
        last: _Moment | None = None
        give_up_at = None
        while True:
            try:
                async for line in log_lines(self._cluster, pod.key, query):
                    give_up_at = None
                    moment, stamp, text = _split(line)
                    if moment is None or printed is None or moment.after > printed.after:
                        last = moment or last
                        printer.print(pod, text, stamp if self._query.timestamps else "")
                return SUCCESS
            except LogGone as gone:
                return told(f"{gone}: {archived_at(self._choice.run, pod)}", _NO_LOG)
            except NotBegun as error:
                if self._is_over:
                    return told(f"task {pod.instance} never started: {error}", _NO_LOG)
            except Unavailable as error:
                give_up_at = give_up_at or time.monotonic() + waiting.PATIENCE_SECONDS
                if isinstance(error, Unauthenticated) or time.monotonic() >= give_up_at:
                    raise
                if last is not None:
                    printed, query = last, replace(query, tail=None, since_seconds=None, since_time=last.second)
            await asyncio.sleep(waiting.LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a line was written."""

    second: str
    after: tuple[str, str]
    """Something to compare within one log, whose times are all of one zone."""


def _split(line: str) -> tuple[_Moment | None, str, str]:
    """A line's time, its time as it stands, and its text."""
    match = _STAMP.match(line)
    if match is None:
        return None, "", line
    second, fraction, zone = match.groups()
    moment = _Moment(second + zone, (second, (fraction or "").ljust(9, "0")))
    return moment, match.group(), line[match.end() :]
