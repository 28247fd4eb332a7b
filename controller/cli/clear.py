"""`slipway clear`, `rerun`, `retry`, `mark`: a run, and on request those before or after it -> one request to each."""

import sys
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from controller.cli.ask_run import ERROR, SUCCESS, UNCHANGED, Cluster, Wish, ask
from controller.cli.latest import Lister, place, run_named, runs_of
from controller.errors import NotFound, SlipwayError, Usage
from controller.model.action import Kind
from controller.model.metadata import Key

_YES: Final = ("y", "yes")


class Listing(Cluster, Lister, Protocol):
    """A session that also lists."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    run: str
    """A run, or DAG@latest."""
    fields: dict[str, Any]
    """Of `spec.request.clear` or `spec.request.mark`."""
    past: bool = False
    """Whether also the Dag's earlier runs."""
    future: bool = False
    """Whether also its later ones."""
    dry_run: bool = False
    yes: bool = False
    verb: str = "clear"
    """clear or mark."""
    done: str = "cleared"
    """What to print once it is done."""


async def ask_runs(cluster: Listing, namespace: str, asked: Asked) -> int:
    """Clear or mark them, after a yes unless that was given; the exit code."""
    names = await _runs(cluster, namespace, asked)
    wishes = [Wish(Key(namespace, name), asked.verb, asked.fields, asked.done, asked.dry_run) for name in names]
    if asked.yes or asked.dry_run:
        return await _each(cluster, wishes)
    if not sys.stdin.isatty():
        raise Usage("nobody is there to confirm: add --yes, or look first with --dry-run")
    code = await _each(cluster, [replace(wish, dry_run=True) for wish in wishes])
    if code != SUCCESS:
        return code
    print(f"{asked.verb.capitalize()} them? [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() not in _YES:
        for wish in wishes:
            print(f"dagrun.slipway.dev/{wish.key.name} unchanged")
        return UNCHANGED
    return await _each(cluster, wishes)


async def _runs(cluster: Listing, namespace: str, asked: Asked) -> list[str]:
    """The run and, by what they are about, those before or after it."""
    name = await run_named(cluster, namespace, asked.run)
    if not asked.past and not asked.future:
        return [name]
    try:
        raw = await cluster.get(Kind.DAG_RUN, Key(namespace, name))
    except NotFound as error:
        raise SlipwayError(f"there is no run {name} in namespace {namespace}") from error
    here = place(raw)
    runs = {place(each): each for each in await runs_of(cluster, namespace, raw["spec"]["dagRef"]["name"])}
    wanted = (
        there for there in runs if there == here or (asked.past and there < here) or (asked.future and there > here)
    )
    return [str(runs[there]["metadata"]["name"]) for there in wanted]


async def _each(cluster: Cluster, wishes: Sequence[Wish]) -> int:
    """Ask one after the other; an error counts more than a change, a change more than nothing to do."""
    codes = [await _told(ask(cluster, wish), alone=len(wishes) == 1) for wish in wishes]
    return next((code for code in (ERROR, SUCCESS) if code in codes), UNCHANGED)


async def _told(answer: Awaitable[int], *, alone: bool) -> int:
    """The exit code; of several runs one that can't be asked does not keep the others from it."""
    try:
        return await answer
    except SlipwayError as error:
        if alone:
            raise
        print(f"slipway: {error}", file=sys.stderr)
        return ERROR
