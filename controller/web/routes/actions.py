"""What a caller can have done to a Dag or a run: each is one resource created, patched or deleted as the caller."""

from typing import Annotated

from fastapi import Path, Query
from sqlalchemy.orm import Session

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web.actions import (
    CancelRun,
    ClearRun,
    Done,
    MarkRun,
    Note,
    Pause,
    Trigger,
    merge_patch,
    run_manifest,
)
from controller.web.authorise import (
    Access,
    ChangesDagsHere,
    ChangesRunsHere,
    DeletesDagsHere,
    DeletesRunsHere,
    TriggersHere,
)
from controller.web.names import DagName, RunName
from controller.web.problems import Changed
from controller.web.queries.cascade import with_dag, with_run
from controller.web.queries.revisions import current_revision, revision_spec
from controller.web.requesting import request_to, send_wanted, worked_out
from controller.web.routes import address
from controller.web.sending import send_deletion, send_new, send_patch, signed

router = address.router("actions")

Namespace = Annotated[str, Path()]
DryRun = Annotated[bool, Query(alias="dryRun", description="Whether only to tell what would be deleted.")]


@router.post(address.HERE + "/dags/{dag}/runs", status_code=201)
async def trigger(namespace: Namespace, dag: DagName, asked: Trigger, access: TriggersHere) -> Done:
    """Create a run of the Dag. With `dryRun` the API server is asked whether it would accept it."""

    def find(session: Session) -> str | None:
        name = current_revision(session, namespace, dag)
        return revision_spec(session, namespace, dag, name) if name is not None else None

    spec = await access.parts.reader.ask(find)
    if spec is None:
        raise address.no_dag(namespace, dag)
    manifest = run_manifest(namespace, dag, spec, asked)
    manifest["metadata"]["annotations"] = await signed(access, "trigger")
    return await send_new(access, Kind.DAG_RUN, manifest, dry_run=asked.dry_run)


@router.post(address.HERE + "/dags/{dag}/pause")
async def pause_dag(namespace: Namespace, dag: DagName, asked: Pause, access: ChangesDagsHere) -> Done:
    """Let the Dag start nothing more, or go on: what runs goes on either way."""
    if asked.dry_run:
        await address.live_dag(access, namespace, dag)
    return await _paused(access, Kind.DAG, Key(namespace, dag), asked)


@router.post(address.HERE + "/runs/{run}/pause")
async def pause_run(namespace: Namespace, run: RunName, asked: Pause, access: ChangesRunsHere) -> Done:
    """Let the run start no more tasks, or go on."""
    if asked.dry_run:
        await address.live_run(access, namespace, run)
    return await _paused(access, Kind.DAG_RUN, Key(namespace, run), asked)


@router.post(address.HERE + "/runs/{run}/cancel")
async def cancel(namespace: Namespace, run: RunName, asked: CancelRun, access: ChangesRunsHere) -> Done:
    """End the run before its time."""
    if asked.dry_run:
        await address.live_run(access, namespace, run)
    patch = merge_patch({"cancel": asked.mode.value}, asked.resource_version, await signed(access, "cancel"))
    return await send_patch(access, Kind.DAG_RUN, Key(namespace, run), patch, dry_run=asked.dry_run)


@router.post(address.HERE + "/runs/{run}/note")
async def note(namespace: Namespace, run: RunName, asked: Note, access: ChangesRunsHere) -> Done:
    """Say something about the run."""
    if asked.dry_run:
        await address.live_run(access, namespace, run)
    patch = merge_patch({"note": asked.note}, asked.resource_version, await signed(access, "note"))
    return await send_patch(access, Kind.DAG_RUN, Key(namespace, run), patch, dry_run=asked.dry_run)


@router.delete(address.HERE + "/runs/{run}")
async def delete_run(namespace: Namespace, run: RunName, access: DeletesRunsHere, dry_run: DryRun = False) -> Done:
    """Delete the run's object, with its tasks and their Pods; its history stays."""
    uid = (await address.live_run(access, namespace, run)).uid
    along = await access.parts.reader.ask(lambda session: with_run(session, uid))
    done = await send_deletion(access, Kind.DAG_RUN, Key(namespace, run), uid, dry_run=dry_run)
    return done.model_copy(update={"along": along})


@router.delete(address.HERE + "/dags/{dag}")
async def delete_dag(namespace: Namespace, dag: DagName, access: DeletesDagsHere, dry_run: DryRun = False) -> Done:
    """Delete the Dag's object, with its runs, their tasks and Pods; its history stays."""
    uid = await address.live_dag(access, namespace, dag)
    along = await access.parts.reader.ask(lambda session: with_dag(session, namespace, dag))
    done = await send_deletion(access, Kind.DAG, Key(namespace, dag), uid, dry_run=dry_run)
    return done.model_copy(update={"along": along})


@router.post(address.HERE + "/runs/{run}/clear")
async def clear(namespace: Namespace, run: RunName, asked: ClearRun, access: ChangesRunsHere) -> Done:
    """Let tasks of the run begin anew. With `dryRun`: which ones."""
    return await _requested(access, Key(namespace, run), asked)


@router.post(address.HERE + "/runs/{run}/mark")
async def mark(namespace: Namespace, run: RunName, asked: MarkRun, access: ChangesRunsHere) -> Done:
    """Give tasks of the run, or all of it, an end state by hand. With `dryRun`: which ones."""
    return await _requested(access, Key(namespace, run), asked)


async def _requested(access: Access, key: Key, asked: ClearRun | MarkRun) -> Done:
    request = await request_to(access, asked, dry_run=asked.dry_run)
    wanted = await worked_out(access, key, request, asked.resource_version)
    if asked.expect is not None and asked.expect != wanted.token:
        raise Changed("Other tasks would be touched than the dry run told", way_on="Ask for another dry run")
    return await send_wanted(access, wanted, dry_run=asked.dry_run)


async def _paused(access: Access, kind: Kind, key: Key, asked: Pause) -> Done:
    who = await signed(access, "pause" if asked.paused else "resume")
    patch = merge_patch({"paused": asked.paused}, asked.resource_version, who)
    return await send_patch(access, kind, key, patch, dry_run=asked.dry_run)
