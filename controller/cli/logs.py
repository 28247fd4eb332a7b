"""`slipway logs RUN [TASK]`: a run, or a task of it -> what its Pods have written, with the caller's own rights.

One instance of a task is printed as it is; of several, each line begins with its task. Logs come from the API server,
so those of Pods that are gone are not among them: the metastore's web server has them.

    log_choice.py     which Pods are meant, and why one has no log
    log_following.py  -f
"""

import re
from dataclasses import dataclass
from typing import Protocol

from controller.cli.connect import exit_code
from controller.cli.latest import run_named
from controller.cli.log_choice import Choice, Pods, archived_at, tell_waiting, why_none
from controller.cli.log_following import Follower
from controller.cli.log_lines import Printer
from controller.cli.pod_log import LogGone, NotBegun, Query, Source, log_lines
from controller.cli.waiting import Cluster as Looking
from controller.cli.waiting import no_run, told, until_interrupted
from controller.errors import NotFound, SlipwayError, Usage
from controller.model.action import Kind
from controller.model.durations import parse_duration
from controller.model.metadata import Key

SUCCESS = 0
NO_LOG = 1


class Cluster(Looking, Source, Protocol):
    """What is needed of a session with the API server."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    run: str
    task: str | None
    """A task, or an instance such as load[3]."""
    follow: bool = False
    attempt: int | None = None
    """None = the newest."""
    tail: int | None = None
    since: str | None = None
    timestamps: bool = False
    grep: str | None = None


def show_logs(asked: Asked, where: tuple[str | None, str | None]) -> int:
    """Print the logs; the exit code."""
    query, pattern = query_of(asked), _pattern(asked.grep)

    async def work(cluster: Cluster, namespace: str) -> int:
        return await print_logs(cluster, namespace, asked, (query, pattern))

    return until_interrupted(lambda: exit_code(where, work))


def query_of(asked: Asked) -> Query:
    """Which part of each log is wanted; Usage where the text is no span."""
    try:
        since = parse_duration(asked.since) if asked.since is not None else None
    except ValueError as error:
        raise Usage(f"--since: {error}") from error
    seconds = None if since is None else int(since.total_seconds())
    return Query(asked.follow, asked.timestamps, asked.tail, seconds)


async def print_logs(cluster: Cluster, namespace: str, asked: Asked, how: tuple[Query, re.Pattern[str] | None]) -> int:
    """The same in a cluster."""
    key = Key(namespace, await run_named(cluster, namespace, asked.run))
    try:
        await cluster.get(Kind.DAG_RUN, key)
    except NotFound as error:
        raise SlipwayError(no_run(key)) from error
    choice, (query, pattern) = Choice(key, asked.task, asked.attempt), how
    if asked.follow:
        return await Follower(cluster, choice, query, pattern).follow()
    pods = choice.pods(await choice.look(cluster))
    if not pods.begun:
        return told(await why_none(cluster, choice, pods), NO_LOG)
    printer = Printer(pattern, is_prefixed=not pods.is_single)
    return await _print_each(cluster, choice, pods, (printer, query))


async def _print_each(cluster: Source, choice: Choice, pods: Pods, how: tuple[Printer, Query]) -> int:
    (printer, query), code, waiting = how, SUCCESS, dict(pods.waiting)
    for pod in pods.begun:
        try:
            async for line in log_lines(cluster, pod.key, query):
                printer.print(pod, line)
        except LogGone as gone:
            code = told(f"{gone}: {archived_at(choice.run, pod)}", NO_LOG)
        except NotBegun as error:
            if pods.is_single:
                return told(f"task {pod.instance} has not started: {error}", NO_LOG)
            waiting[pod.instance] = str(error)
    tell_waiting(waiting)
    return code


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise Usage(f"--grep {text}: is not a regular expression: {error}") from error
