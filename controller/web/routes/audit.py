"""Who asked for what, of objects that the caller may see."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.web.answer import Page
from controller.web.authorise import AUDITED, AuditReach
from controller.web.queries.audit import AuditLine, AuditQuery, list_audit
from controller.web.routes import address

router = address.router("audit")


@router.get("/audit")
async def audit(
    request: Request, response: Response, reach: AuditReach, asked: Annotated[AuditQuery, Query()]
) -> Page[AuditLine]:
    """What people asked for, the newest first; it is read from the objects, and stays when these are gone.

    What was asked of a kind of object is told to those who may see that kind.
    """
    asked.checked_limit()
    seen = {kind: reach.namespaces[need] for kind, need in AUDITED.items()}
    await address.unless_known(request, response, reach.access, sorted(seen.items()))
    return await reach.access.parts.reader.ask(lambda session: list_audit(session, seen, asked))
