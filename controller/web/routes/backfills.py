"""Backfills: their list, one with its intervals, a new one with its plan, and what can be done to one."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Request, Response

from controller.model.action import Kind
from controller.model.backfill import BACKFILL_FINAL
from controller.model.metadata import Key
from controller.web.actions import ApproveBackfill, CancelRun, Done, Pause, merge_patch
from controller.web.answer import Page
from controller.web.authorise import (
    Access,
    BackfillsAnywhere,
    BackfillsHere,
    ChangesBackfillsHere,
    CreatesBackfillsHere,
)
from controller.web.backfills import BackfillDone, NewBackfill, backfill_manifest, planned
from controller.web.names import BackfillName, DagName
from controller.web.paging import PageQuery
from controller.web.problems import Changed, Missing
from controller.web.queries.backfills import (
    BackfillDetail,
    BackfillLine,
    BackfillQuery,
    backfill_state,
    list_backfills,
    one_backfill,
)
from controller.web.queries.planning import past_of
from controller.web.routes import address
from controller.web.sending import send_new, send_patch, signed

router = address.router("backfills")

Namespace = Annotated[str, Path()]


@router.get("/backfills")
async def backfills(
    request: Request, response: Response, access: BackfillsAnywhere, asked: Annotated[BackfillQuery, Query()]
) -> Page[BackfillLine]:
    """Backfills, the newest first, wherever the caller may see them."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_backfills(session, access.namespaces, asked))


@router.get(address.HERE + "/backfills/{backfill}")
async def backfill(
    namespace: Namespace, backfill: BackfillName, access: BackfillsHere, asked: Annotated[PageQuery, Query()]
) -> BackfillDetail:
    """One backfill with its plan and a page of its intervals; `cursor` is that of the page of intervals."""
    asked.checked_limit()
    found = await access.parts.reader.ask(lambda session: one_backfill(session, namespace, backfill, asked))
    if found is None:
        raise _no_backfill(namespace, backfill)
    return found


@router.post(address.HERE + "/dags/{dag}/backfills", status_code=201)
async def create_backfill(
    namespace: Namespace, dag: DagName, asked: NewBackfill, access: CreatesBackfillsHere
) -> BackfillDone:
    """Create runs for a stretch of the Dag's past. With `dryRun`: what would become of each interval."""
    found = await access.parts.reader.ask(lambda session: past_of(session, namespace, dag, asked.from_))
    if found is None:
        raise address.no_dag(namespace, dag)
    manifest = backfill_manifest(namespace, dag, asked)
    plan = await access.parts.reader.ask(lambda _: planned(manifest, found, datetime.now(UTC)))
    manifest["metadata"]["annotations"] = await signed(access, "backfill")
    done = await send_new(access, Kind.BACKFILL, manifest, dry_run=asked.dry_run)
    return BackfillDone(**done.model_dump(), plan=plan)


@router.post(address.HERE + "/backfills/{backfill}/approve")
async def approve_backfill(
    namespace: Namespace, backfill: BackfillName, asked: ApproveBackfill, access: ChangesBackfillsHere
) -> Done:
    """Let a backfill begin that was only planned."""
    patch = merge_patch({"approved": True}, asked.resource_version, await signed(access, "approve"))
    return await _sent(access, Key(namespace, backfill), patch, dry_run=asked.dry_run)


@router.post(address.HERE + "/backfills/{backfill}/pause")
async def pause_backfill(
    namespace: Namespace, backfill: BackfillName, asked: Pause, access: ChangesBackfillsHere
) -> Done:
    """Let the backfill start nothing new, or go on: what runs goes on either way."""
    who = await signed(access, "pause" if asked.paused else "resume")
    patch = merge_patch({"paused": asked.paused}, asked.resource_version, who)
    return await _sent(access, Key(namespace, backfill), patch, dry_run=asked.dry_run)


@router.post(address.HERE + "/backfills/{backfill}/cancel")
async def cancel_backfill(
    namespace: Namespace, backfill: BackfillName, asked: CancelRun, access: ChangesBackfillsHere
) -> Done:
    """End the backfill: graceful lets runs that have begun go on to their end, force ends them too."""
    patch = merge_patch({"cancel": asked.mode.value}, asked.resource_version, await signed(access, "cancel"))
    return await _sent(access, Key(namespace, backfill), patch, dry_run=asked.dry_run)


async def _sent(access: Access, key: Key, patch: dict[str, object], *, dry_run: bool) -> Done:
    state = await access.parts.reader.ask(lambda session: backfill_state(session, *key))
    if state is None:
        raise _no_backfill(*key)
    if state in BACKFILL_FINAL:
        raise Changed(f"Backfill {key.name} has ended as {state.value}")
    return await send_patch(access, Kind.BACKFILL, key, patch, dry_run=dry_run)


def _no_backfill(namespace: str, name: str) -> Missing:
    way_on = f"GET {address.PREFIX}/backfills?namespace={namespace} lists them"
    return Missing(f"There is no backfill {name} in namespace {namespace}", way_on=way_on)
