"""What a caller can have done: each is one resource that is created or patched with the caller's own rights."""

import secrets
from typing import Annotated, Any

from fastapi import Path
from sqlalchemy.orm import Session

from controller.errors import Conflict
from controller.log import Logger
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.request import Clear, Mark, Request
from controller.web.actions import (
    CancelRun,
    ClearRun,
    Done,
    MarkRun,
    Pause,
    Trigger,
    create_command,
    merge_patch,
    patch_command,
    run_manifest,
)
from controller.web.authorise import Access, ChangesDagsHere, ChangesRunsHere, TriggersHere
from controller.web.names import DagName, RunName
from controller.web.preview import readable_run, token_of, touched
from controller.web.problems import Changed
from controller.web.queries.revisions import current_revision, revision_spec
from controller.web.queries.tasks import instance_states
from controller.web.routes import address

router = address.router("actions")

_log = Logger(__name__)
Namespace = Annotated[str, Path()]


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
    made = await access.session.create(Kind.DAG_RUN, namespace, manifest, dry_run=asked.dry_run)
    name = str(manifest["metadata"]["name"])
    await _noted(access, "trigger", Key(namespace, name), dry_run=asked.dry_run)
    return Done(
        dry_run=asked.dry_run,
        kind="DagRun",
        namespace=namespace,
        name=name,
        body=manifest,
        command=create_command(),
        resource_version=None if asked.dry_run else _version(made),
    )


@router.post(address.HERE + "/dags/{dag}/pause")
async def pause_dag(namespace: Namespace, dag: DagName, asked: Pause, access: ChangesDagsHere) -> Done:
    """Let the Dag start nothing more, or go on: what runs goes on either way."""
    patch = merge_patch({"paused": asked.paused}, asked.resource_version)
    return await _patched(access, Kind.DAG, Key(namespace, dag), patch, dry_run=asked.dry_run)


@router.post(address.HERE + "/runs/{run}/pause")
async def pause_run(namespace: Namespace, run: RunName, asked: Pause, access: ChangesRunsHere) -> Done:
    """Let the run start no more tasks, or go on."""
    patch = merge_patch({"paused": asked.paused}, asked.resource_version)
    return await _patched(access, Kind.DAG_RUN, Key(namespace, run), patch, dry_run=asked.dry_run)


@router.post(address.HERE + "/runs/{run}/cancel")
async def cancel(namespace: Namespace, run: RunName, asked: CancelRun, access: ChangesRunsHere) -> Done:
    """End the run before its time."""
    patch = merge_patch({"cancel": asked.mode.value}, asked.resource_version)
    return await _patched(access, Kind.DAG_RUN, Key(namespace, run), patch, dry_run=asked.dry_run)


@router.post(address.HERE + "/runs/{run}/clear")
async def clear(namespace: Namespace, run: RunName, asked: ClearRun, access: ChangesRunsHere) -> Done:
    """Let tasks of the run begin anew. With `dryRun`: which ones."""
    wanted = Clear.model_validate(asked.model_dump(include=set(Clear.model_fields)))
    request = Request(id=_new_id(), by=await access.user(), dry_run=asked.dry_run, clear=wanted)
    return await _requested(access, Key(namespace, run), request, asked)


@router.post(address.HERE + "/runs/{run}/mark")
async def mark(namespace: Namespace, run: RunName, asked: MarkRun, access: ChangesRunsHere) -> Done:
    """Give tasks of the run, or all of it, an end state by hand. With `dryRun`: which ones."""
    wanted = Mark.model_validate(asked.model_dump(include=set(Mark.model_fields)))
    request = Request(id=_new_id(), by=await access.user(), dry_run=asked.dry_run, mark=wanted)
    return await _requested(access, Key(namespace, run), request, asked)


async def _requested(access: Access, key: Key, request: Request, asked: ClearRun | MarkRun) -> Done:
    """The request worked out, and unless it is a dry run, patched into the run."""
    observed = readable_run(await access.session.get(Kind.DAG_RUN, key))

    def find(session: Session) -> tuple[str | None, Any]:
        revision = observed.status.revision
        dag = observed.spec.dag_ref.name
        spec = revision_spec(session, key.namespace, dag, revision) if revision is not None else None
        return spec, instance_states(session, observed.meta.uid)

    spec, states = await access.parts.reader.ask(find)
    found = touched(observed, spec, states, request)
    token = token_of(found)
    if asked.expect is not None and asked.expect != token:
        raise Changed("Other tasks would be touched than the dry run told", way_on="Ask for another dry run")
    change: dict[str, Any] = {"request": request.model_dump(mode="json", by_alias=True, exclude_none=True)}
    if request.clear is not None and observed.spec.cancel is not None:
        change["cancel"] = None
    patch = merge_patch(change, asked.resource_version)
    done = await _patched(access, Kind.DAG_RUN, key, patch, dry_run=asked.dry_run)
    more = {"cleared": list(found.cleared), "marked": list(found.marked), "token": token}
    return done.model_copy(update={**more, "state": found.state.value if found.state is not None else None})


async def _patched(access: Access, kind: Kind, key: Key, patch: dict[str, Any], *, dry_run: bool) -> Done:
    version = None
    if not dry_run:
        try:
            version = _version(await access.session.patch(kind, key, patch))
        except Conflict as error:
            current = await access.session.get(kind, key)
            shown = {"resourceVersion": _version(current), "spec": current.get("spec")}
            raise Changed(str(error), current=shown, way_on="Look at it as it is now, and ask again") from error
    await _noted(access, "patch", key, dry_run=dry_run)
    resource = {Kind.DAG: "dags.slipway.dev", Kind.DAG_RUN: "dagruns.slipway.dev"}[kind]
    return Done(
        dry_run=dry_run,
        kind=kind.value,
        namespace=key.namespace,
        name=key.name,
        body=patch,
        command=patch_command(resource, key.namespace, key.name, patch),
        resource_version=version,
    )


async def _noted(access: Access, action: str, key: Key, *, dry_run: bool) -> None:
    if not dry_run:
        _log.info("changed by a caller", action=action, object=str(key), user=await access.user())


def _version(raw: dict[str, Any]) -> str | None:
    return (raw.get("metadata") or {}).get("resourceVersion")


def _new_id() -> str:
    return f"web-{secrets.token_hex(8)}"
