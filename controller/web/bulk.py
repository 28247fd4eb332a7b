"""Many runs or Dags, named or by a filter -> each changed by a patch of its own, and what became of each."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, Any, Final, TypeVar

from fastapi import Request
from pydantic import StringConstraints

from controller.errors import SlipwayError, Unauthenticated, Unavailable
from controller.model.dagrun import Cancel
from controller.model.metadata import Key
from controller.model.request import Clear, Mark
from controller.web.actions import Done
from controller.web.answer import Answer, Asked
from controller.web.authorise import Access, refusal
from controller.web.names import GivenName
from controller.web.problems import Changed, Invalid, Problem, problem_of
from controller.web.queries.dags import DagFilter
from controller.web.queries.runs import RunsFilter, Sides

T = TypeVar("T")
Outcome = Done | Problem

MOST_AT_ONCE: Final = 200
"""Objects that one call changes."""
_SIDE_BY_SIDE: Final = 10
"""Of them at the same time."""
_TIME_SHARE: Final = 0.4
"""Of the time that a request may take, how much the objects have to be looked at, and again to be changed. Then what is
left is not begun, and told as that: a call that broke off would not tell what it has changed."""


class Named(Asked):
    """One object."""

    namespace: GivenName
    """Where it lives."""
    name: GivenName
    """Its name."""


class Beside(Sides):
    """A run, and those of its Dag before or after it."""

    namespace: GivenName
    """Where it lives."""
    name: GivenName
    """Its name."""


class ChosenRuns(Asked):
    """Which runs are meant: exactly one of `runs`, `filter` and `beside`."""

    runs: list[Named] | None = None
    """These, 200 at most."""
    filter: RunsFilter | None = None
    """All that match and are not gone, in the words of GET /runs, if they are 200 at most."""
    beside: Beside | None = None
    """One run, and all of its Dag that are about earlier times, or later ones, if they are 200 at most."""
    dry_run: bool = False
    """Whether only to tell what would become of each."""
    expect: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The `token` of a dry run: all is refused if something else would be touched by now."""


class BulkClear(ChosenRuns, Clear):
    """Tasks of several runs that are to begin anew."""


class BulkMark(ChosenRuns, Mark):
    """Tasks of several runs, or the runs, that are to end as told."""


class BulkCancel(ChosenRuns):
    """Runs that are to end before their time."""

    mode: Cancel = Cancel.GRACEFUL
    """graceful lets Pods end and teardowns run, force kills everything at once. Default graceful."""


class BulkDelete(ChosenRuns):
    """Runs whose objects are to go, with their tasks and Pods; their history stays."""


class BulkPause(Asked):
    """Whether several Dags start runs and tasks: exactly one of `dags` and `filter`."""

    dags: list[Named] | None = None
    """These, 200 at most."""
    filter: DagFilter | None = None
    """All that match, in the words of GET /dags, if they are 200 at most."""
    paused: bool
    """true = they do not."""
    dry_run: bool = False
    """Whether only to tell what would become of each."""
    expect: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The `token` of a dry run: all is refused if other Dags would be touched by now."""


class BulkRun(Answer):
    """What became of one run: exactly one of `outcome` and `problem`."""

    namespace: str
    """Where it lives."""
    run: str
    """Its name."""
    outcome: Done | None
    """What was done, or would be."""
    problem: Problem | None
    """Why nothing was done."""


class BulkRuns(Answer):
    """What became of each run."""

    dry_run: bool
    """Whether nothing was done."""
    items: list[BulkRun]
    """In the order of the question; of a filter, the newest first."""
    token: str
    """Names this outcome: give it as `expect`, and a different one is refused."""


class BulkDag(Answer):
    """What became of one Dag: exactly one of `outcome` and `problem`."""

    namespace: str
    """Where it lives."""
    dag: str
    """Its name."""
    outcome: Done | None
    """What was done, or would be."""
    problem: Problem | None
    """Why nothing was done."""


class BulkDags(Answer):
    """What became of each Dag."""

    dry_run: bool
    """Whether nothing was done."""
    items: list[BulkDag]
    """In the order of the question; of a filter, by namespace and name."""
    token: str
    """Names this outcome: give it as `expect`, and a different one is refused."""


def chosen(named: Sequence[Named] | None, field: str, **else_by: object) -> list[Key] | None:
    """The objects that are named, each once; None where something else tells which. Invalid names the cap."""
    if sum(each is not None for each in (named, *else_by.values())) != 1:
        *first, last = (field, *else_by)
        raise Invalid(f"give exactly one of {', '.join(first)} and {last}", pointer=f"/{field}")
    if named is None:
        return None
    keys = list(dict.fromkeys(Key(each.namespace, each.name) for each in named))
    if len(keys) > MOST_AT_ONCE:
        raise Invalid(f"{len(keys)} are named, and one call takes {MOST_AT_ONCE} at most", pointer=f"/{field}")
    return keys


def checked_match(keys: list[Key], pointer: str = "/filter") -> list[Key]:
    """What was found; Invalid names the cap."""
    if len(keys) > MOST_AT_ONCE:
        raise Invalid(f"more than {MOST_AT_ONCE} match, and one call takes {MOST_AT_ONCE} at most", pointer=pointer)
    return keys


async def for_each(
    request: Request, access: Access, keys: Iterable[Key], work: Callable[[Key], Awaitable[T]]
) -> dict[Key, T | Problem]:
    """What the work gave for each object, or why it gave nothing; it is not tried where the caller may not."""
    turns, clock = asyncio.Semaphore(_SIDE_BY_SIDE), asyncio.get_running_loop().time
    last = clock() + _TIME_SHARE * access.parts.settings.request_seconds

    async def one(key: Key) -> T | Problem:
        try:
            if access.namespaces is not None and key.namespace not in access.namespaces and access.need is not None:
                raise refusal(access.need, key.namespace)
            async with turns:
                if clock() > last:
                    raise Unavailable("No time was left for it, and nothing was done to it")
                return await work(key)
        except Unauthenticated:
            raise
        except SlipwayError as error:
            return problem_of(request, error)

    asked = list(keys)
    found = await asyncio.gather(*(one(key) for key in asked))
    return dict(zip(asked, found, strict=True))


def checked_token(told: Iterable[tuple[Key, Any]], expect: str | None) -> str:
    """The text that is equal for equal outcomes; Changed when another one was expected."""
    text = json.dumps([[*key, value] for key, value in told])
    token = hashlib.sha256(text.encode()).hexdigest()[:32]
    if expect is not None and expect != token:
        raise Changed("Something else would be touched than the dry run told", way_on="Ask for another dry run")
    return token
