"""A task without a Pod, of a kind that takes time -> Deferred until it is time, then its end.

    the run must end       as a task at work does, or Skipped before it began
    it waits for a retry   until then
    it is paused           not begun; one that has begun goes on, as a Pod would
    else                   its kind judges: JUDGES has one function for each, the case in, an Answer out

An attempt begins when it is first judged. That is written, so a restart goes on counting from there. What it waits for
is written again when the reason changes, and, at most every 30 s, when only the sentence does.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from controller.decide.attempt import Outcome
from controller.decide.ending import Ending, run_deadline
from controller.decide.render_faults import RenderFault
from controller.decide.task.account import Facts, ended, ended_without_attempt
from controller.decide.task.case import Case, earliest, told, write
from controller.decide.task.podless.answer import Answer, failed
from controller.decide.task.podless.approval import judge_approval
from controller.decide.task.podless.dag_sensor import judge_dag_sensor
from controller.decide.task.podless.foretold import judge_foretold
from controller.decide.task.podless.http_sensor import judge_http_sensor
from controller.decide.task.podless.noop import judge_noop
from controller.decide.task.podless.resource_sensor import judge_resource_sensor
from controller.decide.task.podless.trigger_dag import judge_trigger_dag
from controller.decide.task.podless.wait import judge_wait
from controller.model.action import Action, Decision
from controller.model.schema import Waiting
from controller.model.states import TaskState
from controller.model.taskrun import Fault

Judge = Callable[[Case, datetime], Answer]
"""The case and when the attempt began -> what is to be said of it."""

JUDGES: Final[Mapping[str, Judge]] = {
    "noop": judge_noop,
    "wait": judge_wait,
    "http_sensor": judge_http_sensor,
    "resource_sensor": judge_resource_sensor,
    "dag_sensor": judge_dag_sensor,
    "trigger_dag": judge_trigger_dag,
    "approval": judge_approval,
}


def podless(case: Case) -> Decision:
    """What becomes of the task now."""
    status, now = case.status, case.now
    began_at = begun_at(case)
    if case.ending is not None:
        return _stopped(case, case.ending, began_at)
    deadline = run_deadline(case.run, case.plan)
    if status.retry_at is not None and now < status.retry_at:
        return Decision(wake_at=earliest(status.retry_at, deadline))
    paused = case.snapshot.outside.paused
    if began_at is None and paused is not None:
        waiting = Waiting(reason="Paused", message=f"{paused} is paused")
        said = told(case, waiting, since=status.retry_at or case.snapshot.task_run.meta.created_at)
        return Decision(said.actions, earliest(said.wake_at, deadline))
    try:
        answer = _judge(case)(case, began_at or now)
    except RenderFault as fault:
        answer = failed("TemplateError", str(fault))
    if answer.outcome is not None:
        return ended(case, answer.outcome, _facts(case, began_at or now))
    if not answer.begins:
        return Decision(answer.actions, earliest(answer.wake_at, deadline))
    actions, say_at = _said(case, answer) if began_at is not None else (_begun(case, answer), None)
    return Decision((*actions, *answer.actions), earliest(answer.wake_at, say_at, deadline))


def begun_at(case: Case) -> datetime | None:
    """When the attempt of which no end is kept yet began; None before that."""
    status = case.status
    has_begun = status.state is TaskState.DEFERRED and status.attempt == case.snapshot.task_run.ended_attempts + 1
    return status.started_at if has_begun else None


def facts_of(case: Case) -> Facts | None:
    """The facts of an attempt that has begun; None before that."""
    began_at = begun_at(case)
    return None if began_at is None else _facts(case, began_at)


def _judge(case: Case) -> Judge:
    is_foretold = case.snapshot.outside.foretold is not None
    return judge_foretold if is_foretold else JUDGES[case.task.kind]


def _facts(case: Case, began_at: datetime) -> Facts:
    return Facts(case.snapshot.task_run.ended_attempts + 1, "", None, began_at, case.now)


def _stopped(case: Case, ending: Ending, began_at: datetime | None) -> Decision:
    """The run ends: what was at work ends with it, what had not begun is skipped."""
    if began_at is not None:
        outcome = Outcome(ending.stopped_as, ending.reason, ending.message, Fault.CANCELLED)
        return ended(case, outcome, _facts(case, began_at))
    return ended_without_attempt(case, Outcome(TaskState.SKIPPED, ending.reason, ending.message))


def _begun(case: Case, answer: Answer) -> tuple[Action, ...]:
    update = {
        "state": TaskState.DEFERRED,
        "attempt": case.snapshot.task_run.ended_attempts + 1,
        "started_at": case.now,
        "finished_at": None,
        "reason": None,
        "message": None,
        "retry_at": None,
        "waiting_for": (_waiting(case, answer),),
    }
    return write(case, case.status.model_copy(update=update))


def _said(case: Case, answer: Answer) -> tuple[tuple[Action, ...], datetime | None]:
    """The write of what it waits for now, and else when there may be one."""
    before, now = next(iter(case.status.waiting_for), None), _waiting(case, answer)
    if before is not None and before.reason == now.reason:
        if now.message in ("", before.message):
            return (), None
        say_at = (before.since or case.now) + case.snapshot.policy.tell_again_after
        if case.now < say_at:
            return (), say_at
    return write(case, case.status.model_copy(update={"waiting_for": (now,)})), None


def _waiting(case: Case, answer: Answer) -> Waiting:
    return Waiting(reason=answer.reason, message=answer.message[:1024], since=case.now)
