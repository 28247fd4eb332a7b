"""Questions that tasks ask people: their list, and the answer to one."""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web.actions import Done, GiveAnswer, merge_patch
from controller.web.answer import Page
from controller.web.authorise import AnswersHere, ApprovalsAnywhere
from controller.web.names import ApprovalName
from controller.web.problems import Changed, Invalid, Missing
from controller.web.queries.approvals import ApprovalLine, ApprovalQuery, list_approvals, one_approval
from controller.web.routes import address
from controller.web.sending import send_patch

router = address.router("approvals")


@router.get("/approvals")
async def approvals(
    request: Request, response: Response, access: ApprovalsAnywhere, asked: Annotated[ApprovalQuery, Query()]
) -> Page[ApprovalLine]:
    """Questions, the newest first, wherever the caller may see them; `pending=true` is the inbox."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_approvals(session, access.namespaces, asked))


@router.post(address.HERE + "/approvals/{approval}/answer")
async def answer(
    namespace: Annotated[str, Path()], approval: ApprovalName, asked: GiveAnswer, access: AnswersHere
) -> Done:
    """Answer the question, once."""
    found = await access.parts.reader.ask(lambda session: one_approval(session, namespace, approval))
    if found is None:
        way_on = f"GET {address.PREFIX}/approvals?namespace={namespace} lists them"
        raise Missing(f"There is no approval {approval} in namespace {namespace}", way_on=way_on)
    if asked.answer not in found.options:
        raise Invalid(f"the options are {', '.join(found.options)}", pointer="/answer")
    if not found.pending:
        raise Changed(_over(found))
    spec: dict[str, Any] = {"answer": asked.answer, "by": (await access.user())[:253]}
    if asked.comment is not None:
        spec["comment"] = asked.comment
    patch = merge_patch(spec, asked.resource_version)
    return await send_patch(access, Kind.APPROVAL, Key(namespace, approval), patch, dry_run=asked.dry_run)


def _over(found: ApprovalLine) -> str:
    if found.answer is not None:
        return f"{found.answered_by or 'Somebody'} has answered {found.answer} already"
    return "The task has ended without an answer"
