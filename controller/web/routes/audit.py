"""Who asked for what."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.web.answer import Page
from controller.web.authorise import RunsAnywhere
from controller.web.queries.audit import AuditLine, AuditQuery, list_audit
from controller.web.routes import address

router = address.router("audit")


@router.get("/audit")
async def audit(
    request: Request, response: Response, access: RunsAnywhere, asked: Annotated[AuditQuery, Query()]
) -> Page[AuditLine]:
    """What people asked for, the newest first; it is read from the objects, and stays when these are gone."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_audit(session, access.namespaces, asked))
