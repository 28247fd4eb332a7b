"""Many runs or Dags at once: each is patched for itself, with the caller's rights, and told of for itself."""

from typing import Any

from fastapi import Request

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.states import RUN_FINAL, RunState
from controller.web.actions import Done, merge_patch
from controller.web.authorise import (
    SEE_DAGS,
    SEE_RUNS,
    Access,
    ChangesDagsAnywhere,
    ChangesRunsAnywhere,
    allowed_namespaces,
    refusal,
)
from controller.web.bulk import (
    MOST_AT_ONCE,
    BulkCancel,
    BulkClear,
    BulkDag,
    BulkDags,
    BulkMark,
    BulkPause,
    BulkRun,
    BulkRuns,
    ChosenRuns,
    checked_match,
    checked_token,
    chosen,
    for_each,
)
from controller.web.problems import Changed, Gone, Problem
from controller.web.queries.dags import DagQuery, list_dags, one_dag
from controller.web.queries.runs import RunQuery, list_runs
from controller.web.requesting import Wanted, request_to, send_wanted, worked_out
from controller.web.reviews import Need
from controller.web.routes import address
from controller.web.sending import send_patch, signed

router = address.router("bulk")


@router.post("/bulk/clear")
async def bulk_clear(request: Request, asked: BulkClear, access: ChangesRunsAnywhere) -> BulkRuns:
    """Let tasks of several runs begin anew. With `dryRun`: which ones."""
    return await _requested(request, access, asked)


@router.post("/bulk/mark")
async def bulk_mark(request: Request, asked: BulkMark, access: ChangesRunsAnywhere) -> BulkRuns:
    """Give tasks of several runs, or all of these, an end state by hand. With `dryRun`: which ones."""
    return await _requested(request, access, asked)


@router.post("/bulk/cancel")
async def bulk_cancel(request: Request, asked: BulkCancel, access: ChangesRunsAnywhere) -> BulkRuns:
    """End several runs before their time. One that has ended has a problem of its own."""
    patch = merge_patch({"cancel": asked.mode.value}, None, await signed(access, "cancel"))

    async def judge(key: Key) -> dict[str, Any]:
        found = await address.run_of(access, key.namespace, key.name)
        if found.deleted_at is not None:
            raise Gone(f"Run {key.name} was deleted")
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


@router.post("/bulk/pause")
async def bulk_pause(request: Request, asked: BulkPause, access: ChangesDagsAnywhere) -> BulkDags:
    """Let several Dags start nothing more, or go on."""
    who = await signed(access, "pause" if asked.paused else "resume")
    keys = chosen(asked.dags, asked.filter, "dags")
    if keys is None and asked.filter is not None:
        query = DagQuery(**asked.filter.model_dump(), limit=MOST_AT_ONCE + 1, runs=0)
        where = await _seen(access, SEE_DAGS, asked.filter.namespace)
        page = await access.parts.reader.ask(lambda session: list_dags(session, where, query))
        keys = checked_match([Key(each.namespace, each.name) for each in page.items])
    token = checked_token(((key, asked.paused) for key in keys or ()), asked.expect)

    async def carry_out(key: Key) -> Done:
        if asked.dry_run:
            await _check_dag(access, key)
        patch = merge_patch({"paused": asked.paused}, None, who)
        return await send_patch(access, Kind.DAG, key, patch, dry_run=asked.dry_run)

    found = await for_each(request, access, keys or (), carry_out)
    items = [
        BulkDag(
            namespace=key.namespace,
            dag=key.name,
            outcome=value if isinstance(value, Done) else None,
            problem=value if isinstance(value, Problem) else None,
        )
        for key, value in found.items()
    ]
    return BulkDags(dry_run=asked.dry_run, items=items, token=token)


async def _check_dag(access: Access, key: Key) -> None:
    """Missing where there is no such Dag, which a dry run has from nobody else."""
    found = await access.parts.reader.ask(lambda session: one_dag(session, *key, runs=0))
    if found is None or found.deleted_at is not None:
        raise address.no_dag(*key)


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
    """The runs that are meant; a filter finds those that the caller may both see and change."""
    keys = chosen(asked.runs, asked.filter, "runs")
    if keys is not None or asked.filter is None:
        return keys or []
    words = asked.filter.model_dump(exclude={"namespace", "dag"})
    query, dag = RunQuery(**words, limit=MOST_AT_ONCE + 1), asked.filter.dag
    where = await _seen(access, SEE_RUNS, asked.filter.namespace)
    page = await access.parts.reader.ask(lambda session: list_runs(session, where, dag, query))
    return checked_match(list(dict.fromkeys(Key(each.namespace, each.name) for each in page.items)))


async def _seen(access: Access, need: Need, namespace: str | None) -> tuple[str, ...] | None:
    """Where a filter looks: what the caller may change and see, in the namespace that is asked for."""
    where: tuple[str, ...] | None = (namespace,) if namespace is not None else None
    visible = await allowed_namespaces(access.parts, access.caller, need)
    for each, limit in ((access.need or need, access.namespaces), (need, visible)):
        if limit is not None and namespace is not None and namespace not in limit:
            raise refusal(each, namespace)
        if limit is not None:
            where = limit if where is None else tuple(name for name in where if name in limit)
    return where


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
