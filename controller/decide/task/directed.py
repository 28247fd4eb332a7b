"""What the run or a person says of a task that has a TaskRun already -> its Pod ended, and its state as told.

    a higher round             the attempt at work is ended and counted as cleared; the task begins anew
    verdict Hold               no Pod until the run says Run
    verdict Stop               Failed for a task that was at work, else Skipped
    any other verdict          that state

The account of attempts goes on through all of this: a try number is never used twice.
"""

from typing import Any, Final

from controller.decide.attempt import Outcome, ended_at
from controller.decide.task.account import Facts, conditions, ended, ended_without_attempt, with_attempt
from controller.decide.task.at_work import end_pod
from controller.decide.task.case import Case, write
from controller.decide.task.podless import facts_of
from controller.model.action import Decision
from controller.model.pod import Pod
from controller.model.states import TASK_FINAL, TaskState
from controller.model.taskrun import Failures, Fault, TaskRunStatus, Verdict

_FINAL: Final = {Verdict(state.value): state for state in TASK_FINAL}


def is_directed(case: Case) -> bool:
    """Whether something other than the task's own course is asked for."""
    spec, status = case.snapshot.task_run.spec, case.status
    if spec.round != status.round or spec.verdict is Verdict.HOLD:
        return True
    if spec.verdict is Verdict.STOP:
        return status.state not in TASK_FINAL
    return spec.verdict is not Verdict.RUN and status.state is not _FINAL[spec.verdict]


def directed(case: Case, pod: Pod | None) -> Decision:
    """Do what is asked for; `pod` is the one of the attempt that is not accounted for yet."""
    if pod is not None and not pod.has_ended:
        return Decision(end_pod(pod, None))
    spec, status = case.snapshot.task_run.spec, case.status
    facts = _facts(case, pod) if pod is not None else facts_of(case)
    if spec.verdict in (Verdict.RUN, Verdict.HOLD):
        if facts is not None:
            status = with_attempt(case, _outcome(case, TaskState.FAILED, "Cleared"), facts)
        return Decision(write(case, _anew(case, status)))
    if spec.verdict is Verdict.STOP:
        state, reason = (TaskState.SKIPPED if facts is None else TaskState.FAILED), "Stopped"
    else:
        state, reason = _FINAL[spec.verdict], "Marked" if spec.round != status.round else "Decided"
    outcome = _outcome(case, state, reason)
    if facts is not None:
        return ended(case, outcome, facts)
    return ended_without_attempt(case, outcome)


def _outcome(case: Case, state: TaskState, reason: str) -> Outcome:
    why = case.snapshot.task_run.spec.why or ""
    return Outcome(state, reason, why, Fault.CANCELLED, retriable=False)


def _facts(case: Case, pod: Pod) -> Facts:
    return Facts(pod.attempt, pod.meta.name, pod.node, pod.started_at, ended_at(pod, case.now), pod.meta.uid)


def _anew(case: Case, status: TaskRunStatus) -> TaskRunStatus:
    """The task as if it had not run, but for its attempts. Its output goes too, so that nobody reads a stale one."""
    before = status.failures
    blank = ("started_at", "finished_at", "duration", "exit_code", "reason", "message", "output", "retry_at")
    update: dict[str, Any] = {
        **dict.fromkeys(blank),
        "state": TaskState.SCHEDULED,
        "round": case.snapshot.task_run.spec.round,
        "pod": None,
        "pod_uid": None,
        "node": None,
        "waiting_for": (),
        "failures": Failures(before=before.before + before.application + _unfailed(status), oom=before.oom),
        "conditions": conditions(case, None),
    }
    return status.model_copy(update=update)


def _unfailed(status: TaskRunStatus) -> int:
    """1 where the task's last attempt was its own and no failure: a success, a skip, or cleared while at work."""
    last = status.attempts[-1] if status.attempts and status.state in TASK_FINAL else None
    return int(last is not None and last.fault in (None, Fault.CANCELLED))
