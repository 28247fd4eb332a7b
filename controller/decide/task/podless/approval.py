"""A question and whether somebody has answered it -> done with the answer as the output, or failed by `reject`.

    answered               Success with {"answer", "by"}; `reject` fails for good with reason Rejected
    timeout, from asking   the default counts as the answer, by nobody; without one Failed for good, ApprovalTimeout
    no Approval            it is made: a question that somebody deleted is asked again

The Approval goes with its TaskRun. Once its attempt has ended, its status says what became of it (`closed`).
"""

from datetime import datetime
from typing import Any

from controller.decide.render import render
from controller.decide.task.case import Case, template_values
from controller.decide.task.podless.answer import Answer, failed, succeeded
from controller.model.action import Action, CreateApproval, Kind, WriteStatus
from controller.model.approval import Approval, ApprovalSpec, ApprovalState, ApprovalStatus
from controller.model.durations import format_seconds
from controller.model.kinds import REJECT
from controller.model.kinds import Approval as Asked
from controller.model.names import approval_name
from controller.model.schema import Reference
from controller.model.snapshot import TaskSnapshot
from controller.model.states import TASK_FINAL
from controller.model.status_patch import status_patch


def judge_approval(case: Case, begun_at: datetime) -> Answer:
    """The answer, or the wait for it."""
    asked = case.task.written.approval
    assert asked is not None  # noqa: S101 the kind says so
    task_run = case.snapshot.task_run
    number = task_run.ended_attempts + 1
    approval = next((each for each in case.snapshot.outside.approvals if each.spec.attempt == number), None)
    if approval is not None and approval.answer is not None:
        return _answered(approval.answer, approval.spec.by, approval.spec.comment)
    expires_at = None if asked.timeout is None else begun_at + asked.timeout
    if asked.timeout is not None and expires_at is not None and case.now >= expires_at:
        return _expired(asked, format_seconds(asked.timeout.total_seconds()))
    name = approval_name(task_run.meta.name, number)
    message = f"Approval {name} waits for one of {', '.join(asked.options)}"
    actions: tuple[Action, ...] = ()
    if approval is None:
        actions = (CreateApproval(task_run.meta, name, _question(case, asked, number, expires_at)),)
    return Answer(reason="Approval", message=message, wake_at=expires_at, actions=actions)


def closed(snapshot: TaskSnapshot, now: datetime) -> tuple[Action, ...]:
    """The writes that say of each question whose attempt has ended what became of it."""
    task_run = snapshot.task_run
    kept = task_run.ended_attempts
    is_over = task_run.status.state in TASK_FINAL
    return tuple(
        WriteStatus(Kind.APPROVAL, each.meta, status_patch(each.status, _end_of(each, snapshot, now)))
        for each in snapshot.outside.approvals
        if each.status.state is ApprovalState.OPEN and (is_over or each.spec.attempt <= kept)
    )


def _end_of(approval: Approval, snapshot: TaskSnapshot, now: datetime) -> ApprovalStatus:
    attempts = snapshot.task_run.status.attempts
    ended = next((each for each in attempts if each.number == approval.spec.attempt), None)
    state = ApprovalState.CLOSED
    if ended is not None and approval.answer is not None and ended.reason in _BY_ANSWER:
        state = ApprovalState.ANSWERED
    message = (
        None if ended is None else f"The task ended as {ended.state.value}: {ended.message or ended.reason}"[:1024]
    )
    return ApprovalStatus(state=state, finished_at=now, message=message)


def _answered(answer: str, by: str | None, comment: str | None = None) -> Answer:
    said = f": {comment}" if comment else ""
    output = {"answer": answer, "by": by}
    if answer == REJECT:
        return failed("Rejected", f"{by or 'Somebody'} answered {REJECT}{said}", output=output)
    return succeeded("Answered", f"{by or 'Somebody'} answered {answer}{said}", output)


_BY_ANSWER = frozenset({"Answered", "Rejected"})


def _expired(asked: Asked, span: str) -> Answer:
    output: dict[str, Any] = {"answer": asked.default, "by": None}
    if asked.default is None:
        return failed("ApprovalTimeout", f"Nobody answered within {span}")
    message = f"Nobody answered within {span}, so the default {asked.default} counts"
    if asked.default == REJECT:
        return failed("Rejected", message, output=output)
    return succeeded("Default", message, output)


def _question(case: Case, asked: Asked, number: int, expires_at: datetime | None) -> ApprovalSpec:
    task_run = case.snapshot.task_run
    return ApprovalSpec(
        dag_ref=task_run.spec.dag_ref,
        dag_run_ref=task_run.spec.dag_run_ref,
        task_run_ref=Reference(name=task_run.meta.name),
        task=task_run.spec.task,
        attempt=number,
        message=render(asked.message, template_values(case, [asked.message]))[:4096],
        options=asked.options,
        default=asked.default,
        expires_at=expires_at,
    )
