"""Many runs at once: each is patched or deleted for itself, with the caller's rights, and told of for itself."""

from typing import Any

from fastapi import Request

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.states import RUN_FINAL, RunState
from controller.web.actions import Done, merge_patch
from controller.web.authorise import SEE_RUNS, Access, ChangesRunsAnywhere, DeletesRunsAnywhere
from controller.web.bulk import (
    MOST_AT_ONCE,
    BulkCancel,
    BulkClear,
    BulkDelete,
    BulkMark,
    BulkRun,
    BulkRuns,
    ChosenRuns,
    checked_match,
    checked_token,
    chosen,
    for_each,
)
from controller.web.problems import Changed, Problem
from controller.web.queries.cascade import with_run
from controller.web.queries.runs import RunQuery, list_runs, runs_beside
from controller.web.requesting import Wanted, request_to, send_wanted, worked_out
from controller.web.routes import address
from controller.web.seeing import seen
from controller.web.sending import send_deletion, send_patch, signed

router = address.router("bulk")


@router.post("/bulk/clear")
async def bulk_clear(request: Request, asked: BulkClear, access: ChangesRunsAnywhere) -> BulkRuns:
    """Let tasks of several runs begin anew. With `dryRun`: which ones."""
    return await _requested(request, access, asked)


@router.post("/bulk/mark")
async def bulk_mark(request: Request, asked: BulkMark, access: ChangesRunsAnywhere) -> BulkRuns:
    """Give tasks of several runs, or all of these, an end state by hand. With `dryRun`: which ones."""
    return await _requested(request, access, asked)


@router.post("/bulk/delete")
async def bulk_delete(request: Request, asked: BulkDelete, access: DeletesRunsAnywhere) -> BulkRuns:
    """Delete several runs' objects, with their tasks and Pods; their history stays."""

    async def judge(key: Key) -> tuple[str, dict[str, int]]:
        uid = (await address.live_run(access, key.namespace, key.name)).uid
        return uid, await access.parts.reader.ask(lambda session: with_run(session, uid))

    found = await for_each(request, access, await _runs(access, asked), judge)
    # What hangs on a run changes while it works: that it is this one is what was confirmed.
    told = ((key, None if isinstance(value, Problem) else value[0]) for key, value in found.items())
    token = checked_token(told, asked.expect)

    async def carry_out(key: Key) -> Done | Problem:
        value = found[key]
        if isinstance(value, Problem):
            return value
        uid, along = value
        done = await send_deletion(access, Kind.DAG_RUN, key, uid, dry_run=asked.dry_run)
        return done.model_copy(update={"along": along})

    return _runs_told(await for_each(request, access, found, carry_out), token, dry_run=asked.dry_run)


@router.post("/bulk/cancel")
async def bulk_cancel(request: Request, asked: BulkCancel, access: ChangesRunsAnywhere) -> BulkRuns:
    """End several runs before their time. One that has ended has a problem of its own."""
    patch = merge_patch({"cancel": asked.mode.value}, None, await signed(access, "cancel"))

    async def judge(key: Key) -> dict[str, Any]:
        found = await address.live_run(access, key.namespace, key.name)
        if RunState(found.state) in RUN_FINAL:
            raise Changed(f"Run {key.name} has ended as {found.state}")
        return patch

    async def send(key: Key, patch: dict[str, Any]) -> Done:
        return await send_patch(access, Kind.DAG_RUN, key, patch, dry_run=asked.dry_run)

    found = await for_each(request, access, await _runs(access, asked), judge)
    token = checked_token(((key, _is_open(value)) for key, value in found.items()), asked.expect)

    async def carry_out(key: Key) -> Done | Problem:
        value = found[key]
        return value if isinstance(value, Problem) else await send(key, value)

    return _runs_told(await for_each(request, access, found, carry_out), token, dry_run=asked.dry_run)


async def _requested(request: Request, access: Access, asked: BulkClear | BulkMark) -> BulkRuns:
    """All is worked out before the first run is changed."""
    wish = await request_to(access, asked, dry_run=asked.dry_run)

    async def work_out(key: Key) -> Wanted:
        return await worked_out(access, key, wish)

    found = await for_each(request, access, await _runs(access, asked), work_out)
    told = ((key, value.token if isinstance(value, Wanted) else None) for key, value in found.items())
    token = checked_token(told, asked.expect)

    async def carry_out(key: Key) -> Done | Problem:
        value = found[key]
        return value if isinstance(value, Problem) else await send_wanted(access, value, dry_run=asked.dry_run)

    return _runs_told(await for_each(request, access, found, carry_out), token, dry_run=asked.dry_run)


async def _runs(access: Access, asked: ChosenRuns) -> list[Key]:
    """The runs that are meant; all but named ones are such as the caller may both see and change."""
    keys = chosen(asked.runs, "runs", filter=asked.filter, beside=asked.beside)
    if asked.beside is not None:
        beside = asked.beside
        key = Key(beside.namespace, beside.name)
        await seen(access, SEE_RUNS, key.namespace)
        keys = await access.parts.reader.ask(lambda session: runs_beside(session, key, beside, MOST_AT_ONCE + 1))
        if not keys:
            raise address.no_run(*key)
        return checked_match(keys, "/beside")
    if keys is not None or asked.filter is None:
        return keys or []
    if asked.filter.deleted:
        return []
    words = asked.filter.model_dump(exclude={"namespace", "dag", "deleted"})
    query, dag = RunQuery(**words, deleted=False, limit=MOST_AT_ONCE + 1), asked.filter.dag
    where = await seen(access, SEE_RUNS, asked.filter.namespace)
    page = await access.parts.reader.ask(lambda session: list_runs(session, where, dag, query))
    return checked_match(list(dict.fromkeys(Key(each.namespace, each.name) for each in page.items)))


def _is_open(value: dict[str, Any] | Problem) -> bool:
    return not isinstance(value, Problem)


def _runs_told(found: dict[Key, Any], token: str, *, dry_run: bool) -> BulkRuns:
    items = [
        BulkRun(
            namespace=key.namespace,
            run=key.name,
            outcome=value if isinstance(value, Done) else None,
            problem=value if isinstance(value, Problem) else None,
        )
        for key, value in found.items()
    ]
    return BulkRuns(dry_run=dry_run, items=items, token=token)
