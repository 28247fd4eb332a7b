"""A manifest, a patch or a deletion -> sent as the caller, and what is told of it. Every change goes through here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from controller.errors import Conflict, NotFound
from controller.log import Logger
from controller.log_fields import fields_of_key
from controller.model.action import Kind
from controller.model.asked import asked_annotation
from controller.model.metadata import Key
from controller.web.actions import Done, create_command, patch_command
from controller.web.authorise import Access
from controller.web.need import Need
from controller.web.problems import Changed, Missing

_log = Logger(__name__)

_RESOURCES: Final = {
    Kind.DAG: "dags.slipway.dev",
    Kind.DAG_RUN: "dagruns.slipway.dev",
    Kind.POOL: "pools.slipway.dev",
    Kind.BACKFILL: "backfills.slipway.dev",
    Kind.APPROVAL: "approvals.slipway.dev",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A change as it was sent, or would be."""

    action: str
    kind: Kind
    key: Key
    body: dict[str, Any]
    command: str
    version: str | None = None
    """The object's version afterwards."""


async def signed(access: Access, action: str) -> dict[str, str]:
    """The annotation that says who asks for this now."""
    return asked_annotation(action, await access.user(), datetime.now(UTC))


async def send_new(access: Access, kind: Kind, manifest: dict[str, Any], *, dry_run: bool) -> Done:
    """Create the object; with `dry_run` the API server is asked whether it would accept it."""
    key = Key(access.namespace, str(manifest["metadata"]["name"]))
    made = await access.session.create(kind, key.namespace, manifest, dry_run=dry_run)
    version = None if dry_run else version_of(made)
    sent = Sent("create", kind, key, manifest, create_command(), version)
    return await _told(access, sent, dry_run=dry_run)


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
    command = patch_command(_RESOURCES[kind], key.namespace, key.name, patch)
    return await _told(access, Sent("patch", kind, key, patch, command, version), dry_run=dry_run)


async def send_deletion(access: Access, kind: Kind, key: Key, uid: str, *, dry_run: bool) -> Done:
    """Delete just the object of this uid. Who asks is written on it before, where the caller may, for the audit."""
    if not dry_run:
        try:
            await _mark_deletion(access, kind, key, uid)
            await access.session.delete(kind, key, uid)
        except NotFound as error:
            raise Missing(f"{kind.value} {key.name} is gone already") from error
        except Conflict as error:
            raise Changed(
                f"{kind.value} {key.name} is another object by now", way_on="Look at it, and ask again"
            ) from error
    command = f"kubectl -n {key.namespace} delete {_RESOURCES[kind]} {key.name}"
    return await _told(access, Sent("delete", kind, key, {"preconditions": {"uid": uid}}, command), dry_run=dry_run)


def version_of(raw: dict[str, Any]) -> str | None:
    """The object's resourceVersion."""
    return (raw.get("metadata") or {}).get("resourceVersion")


async def _mark_deletion(access: Access, kind: Kind, key: Key, uid: str) -> None:
    """Who asks, on the object: the controller sees it before it sees the object go."""
    if await access.parts.reviews.may(access.caller, Need("patch", _RESOURCES[kind].partition(".")[0]), key.namespace):
        metadata = {"uid": uid, "annotations": await signed(access, "delete")}
        await access.session.patch(kind, key, {"metadata": metadata})


async def _told(access: Access, sent: Sent, *, dry_run: bool) -> Done:
    """The one answer to every change, which is logged with the caller's name."""
    kind, key = sent.kind.value, sent.key
    if not dry_run:
        about = fields_of_key(sent.kind, key)
        _log.info("changed by a caller", action=sent.action, kind=kind, user=await access.user(), **about)
    return Done(
        dry_run=dry_run,
        kind=kind,
        namespace=key.namespace,
        name=key.name,
        body=sent.body,
        command=sent.command,
        resource_version=sent.version,
    )
