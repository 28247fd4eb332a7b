"""A manifest, a patch or a deletion -> sent as the caller, and what is told of it. Every change goes through here."""

from datetime import UTC, datetime
from typing import Any, Final

from controller.errors import Conflict, NotFound
from controller.log import Logger
from controller.model.action import Kind
from controller.model.asked import asked_annotation
from controller.model.metadata import Key
from controller.web.actions import Done, create_command, patch_command
from controller.web.authorise import Access
from controller.web.problems import Changed, Missing

_log = Logger(__name__)

_RESOURCES: Final = {
    Kind.DAG: "dags.slipway.dev",
    Kind.DAG_RUN: "dagruns.slipway.dev",
    Kind.POOL: "pools.slipway.dev",
    Kind.BACKFILL: "backfills.slipway.dev",
    Kind.APPROVAL: "approvals.slipway.dev",
}


async def signed(access: Access, action: str) -> dict[str, str]:
    """The annotation that says who asks for this now."""
    return asked_annotation(action, await access.user(), datetime.now(UTC))


async def send_new(access: Access, kind: Kind, manifest: dict[str, Any], *, dry_run: bool) -> Done:
    """Create the object; with `dry_run` the API server is asked whether it would accept it."""
    key = Key(access.namespace, str(manifest["metadata"]["name"]))
    made = await access.session.create(kind, key.namespace, manifest, dry_run=dry_run)
    await _noted(access, "create", kind, key, dry_run=dry_run)
    return Done(
        dry_run=dry_run,
        kind=kind.value,
        namespace=key.namespace,
        name=key.name,
        body=manifest,
        command=create_command(),
        resource_version=None if dry_run else version_of(made),
    )


async def send_patch(access: Access, kind: Kind, key: Key, patch: dict[str, Any], *, dry_run: bool) -> Done:
    """Patch the object; Changed, with what stands now, where the patch was bound to another version."""
    version = None
    if not dry_run:
        try:
            version = version_of(await access.session.patch(kind, key, patch))
        except Conflict as error:
            current = await access.session.get(kind, key)
            shown = {"resourceVersion": version_of(current), "spec": current.get("spec")}
            raise Changed(str(error), current=shown, way_on="Look at it as it is now, and ask again") from error
    await _noted(access, "patch", kind, key, dry_run=dry_run)
    return Done(
        dry_run=dry_run,
        kind=kind.value,
        namespace=key.namespace,
        name=key.name,
        body=patch,
        command=patch_command(_RESOURCES[kind], key.namespace, key.name, patch),
        resource_version=version,
    )


async def send_deletion(access: Access, kind: Kind, key: Key, uid: str, *, dry_run: bool) -> Done:
    """Delete just the object of this uid."""
    if not dry_run:
        try:
            await access.session.delete(kind, key, uid)
        except NotFound as error:
            raise Missing(f"{kind.value} {key.name} is gone already") from error
    await _noted(access, "delete", kind, key, dry_run=dry_run)
    return Done(
        dry_run=dry_run,
        kind=kind.value,
        namespace=key.namespace,
        name=key.name,
        body={"preconditions": {"uid": uid}},
        command=f"kubectl -n {key.namespace} delete {_RESOURCES[kind]} {key.name}",
    )


def version_of(raw: dict[str, Any]) -> str | None:
    """The object's resourceVersion."""
    return (raw.get("metadata") or {}).get("resourceVersion")


async def _noted(access: Access, action: str, kind: Kind, key: Key, *, dry_run: bool) -> None:
    if not dry_run:
        _log.info("changed by a caller", action=action, kind=kind.value, object=str(key), user=await access.user())
