"""A wish to clear or mark tasks of a run -> what it would touch, and the patch that asks the controller for it.

Working it out and sending it are two steps, so that many runs can be worked out before the first is changed.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from controller.decide.request.reach import Touched
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.request import Clear, Mark, Request
from controller.web.actions import Done, merge_patch
from controller.web.authorise import Access
from controller.web.preview import readable_run, token_of, touched
from controller.web.queries.revisions import revision_spec
from controller.web.queries.tasks import instance_states
from controller.web.sending import send_patch


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that is worked out and not yet sent."""

    key: Key
    patch: dict[str, Any]
    found: Touched
    token: str
    """Equal for equal outcomes."""


async def request_to(access: Access, wish: Clear | Mark, *, dry_run: bool) -> Request:
    """The request that the wish comes to, in the caller's name."""
    id_, by = f"web-{secrets.token_hex(8)}", (await access.user())[:253]
    if isinstance(wish, Mark):
        wanted = Mark.model_validate(wish.model_dump(include=set(Mark.model_fields)))
        return Request(id=id_, by=by, dry_run=dry_run, mark=wanted)
    cleared = Clear.model_validate(wish.model_dump(include=set(Clear.model_fields)))
    return Request(id=id_, by=by, dry_run=dry_run, clear=cleared)


async def worked_out(access: Access, key: Key, request: Request, resource_version: str | None = None) -> Wanted:
    """What the request would touch in the run as it is now."""
    observed = readable_run(await access.session.get(Kind.DAG_RUN, key))

    def find(session: Session) -> Touched:  # all of it in the reader's thread: ten thousand tasks take a while
        revision, dag = observed.status.revision, observed.spec.dag_ref.name
        spec = revision_spec(session, key.namespace, dag, revision) if revision is not None else None
        return touched(observed, spec, instance_states(session, observed.meta.uid), request)

    found = await access.parts.reader.ask(find)
    # A merge leaves what an earlier request asked for: a clear beside a mark would be refused.
    other = "clear" if request.mark is not None else "mark"
    told = request.model_dump(mode="json", by_alias=True, exclude_none=True)
    change: dict[str, Any] = {"request": {**told, other: None}}
    if request.clear is not None and observed.spec.cancel is not None:
        change["cancel"] = None
    return Wanted(key, merge_patch(change, resource_version), found, token_of(found))


async def send_wanted(access: Access, wanted: Wanted, *, dry_run: bool) -> Done:
    """Ask the controller for it, unless it is a dry run; what it touches either way."""
    done = await send_patch(access, Kind.DAG_RUN, wanted.key, wanted.patch, dry_run=dry_run)
    found = wanted.found
    more = {"cleared": list(found.cleared), "marked": list(found.marked), "token": wanted.token}
    return done.model_copy(update={**more, "state": found.state.value if found.state is not None else None})
