"""A task without a Pod, of a kind that takes time -> Deferred until it is time, then its end.

Each kind has one function in JUDGES: the case in, an Answer out. An attempt begins when it is first looked at; its
beginning is written, so that a restart goes on counting from there.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from controller.decide.attempt import Outcome
from controller.decide.render import RenderFault
from controller.decide.task.account import Facts, ended
from controller.decide.task.case import Case, earliest, write
from controller.decide.task.podless.answer import Answer
from controller.decide.task.podless.wait import judge_wait
from controller.model.action import Action, Decision
from controller.model.schema import Waiting
from controller.model.states import TaskState
from controller.model.taskrun import Fault

JUDGES: Final[Mapping[str, Callable[[Case, datetime], Answer]]] = {
    "wait": judge_wait,
}


def podless(case: Case) -> Decision:
    """What becomes of the task now."""
    status, now = case.status, case.now
    number = case.snapshot.task_run.ended_attempts + 1
    if case.ending is not None:
        outcome = Outcome(case.ending.stopped_as, case.ending.reason, case.ending.message, Fault.CANCELLED)
        return ended(case, outcome, Facts(number, "", None, status.started_at, now))
    if status.retry_at is not None and now < status.retry_at:
        return Decision(wake_at=status.retry_at)
    has_begun = status.state is TaskState.DEFERRED and status.attempt == number
    begun_at = status.started_at if has_begun and status.started_at is not None else now
    try:
        answer = JUDGES[case.task.kind](case, begun_at)
    except RenderFault as fault:
        outcome = Outcome(TaskState.FAILED, "TemplateError", str(fault), Fault.APPLICATION, retriable=False)
        return ended(case, outcome, Facts(number, "", None, begun_at, now))
    if answer.outcome is not None:
        return ended(case, answer.outcome, Facts(number, "", None, begun_at, now))
    actions = answer.actions if has_begun else (*_begun(case, number, answer), *answer.actions)
    return Decision(actions, earliest(answer.wake_at))


def _begun(case: Case, number: int, answer: Answer) -> tuple[Action, ...]:
    update = {
        "state": TaskState.DEFERRED,
        "attempt": number,
        "started_at": case.now,
        "finished_at": None,
        "reason": None,
        "message": None,
        "retry_at": None,
        "waiting_for": (Waiting(reason=answer.reason, message=answer.message[:1024], since=case.now),),
    }
    return write(case, case.status.model_copy(update=update))
