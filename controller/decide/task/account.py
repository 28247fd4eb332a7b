"""A Pod that has ended -> the account of its attempt in the task's status: final, or a retry to come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.decide.attempt import Outcome, ended_at, outcome_of
from controller.decide.memory import OOM_KILLED, memory_limit
from controller.decide.retry import add_failure, at_most, may_retry, retry_delay
from controller.decide.retry_rules import by_rules
from controller.decide.task.case import Case, tell, write
from controller.decide.task.updates import with_updates
from controller.model.action import Decision
from controller.model.conditions import ending_conditions
from controller.model.durations import format_seconds
from controller.model.pod import Pod
from controller.model.schema import Waiting
from controller.model.states import TaskState
from controller.model.taskrun import ATTEMPTS_KEPT, Attempt, Fault, TaskRunStatus
from controller.model.timestamps import format_time


@dataclass(frozen=True, slots=True)
class Facts:
    """When and where an attempt ran."""

    number: int
    pod: str
    node: str | None
    started_at: datetime | None
    finished_at: datetime
    pod_uid: str | None = None


def account(case: Case, pod: Pod) -> Decision:
    """Keep what became of the attempt."""
    outcome = _as_stopped(case, pod, _as_told(case, pod, outcome_of(pod, case.task.settings.skip_exit_codes or ())))
    finished_at = ended_at(pod, case.now)
    facts = Facts(pod.attempt, pod.meta.name, pod.node, pod.started_at, finished_at, pod.meta.uid)
    return ended(case, outcome, facts)


def _as_told(case: Case, pod: Pod, outcome: Outcome) -> Outcome:
    """A Pod that we gave up has lost the kubelet's reason, but the status still tells it."""
    told = case.status.waiting_for[0] if case.status.waiting_for else None
    if outcome.fault is not Fault.LAUNCH or outcome.reason != "NeverStarted" or told is None:
        return outcome
    invalid = told.message.startswith("InvalidImageName")
    reason = "InvalidImageName" if invalid else told.reason
    return Outcome(TaskState.FAILED, reason, told.message, Fault.LAUNCH, retriable=not invalid)


def _as_stopped(case: Case, pod: Pod, outcome: Outcome) -> Outcome:
    """A Pod that was ended because the run ends did not fail by itself."""
    if case.ending is None or pod.meta.deleting_since is None or outcome.state is TaskState.SUCCESS:
        return outcome
    ending = case.ending
    return Outcome(ending.stopped_as, ending.reason, ending.message, Fault.CANCELLED, outcome.exit_code)


def ended(case: Case, outcome: Outcome, facts: Facts) -> Decision:
    """The attempt in the account, and what it makes of the task."""
    outcome = by_rules(case.task.settings.retry_rules or (), outcome)
    after = with_attempt(case, outcome, facts)
    may_go_on = case.ending is None and outcome.retriable
    if may_go_on and outcome.fault is not None and may_retry(case.task, outcome.fault, after.failures):
        return _retried(case, outcome.fault, outcome, after)
    return _final(case, outcome, after)


def ended_without_attempt(case: Case, outcome: Outcome) -> Decision:
    """The end of a task that has no attempt to account for: skipped, or ended as it was told."""
    update = {
        "state": outcome.state,
        "round": case.snapshot.task_run.spec.round,
        "finished_at": case.now,
        "reason": outcome.reason,
        "message": outcome.message or None,
        "retry_at": None,
        "waiting_for": (),
        "conditions": conditions(case, outcome),
    }
    return Decision(write(case, case.status.model_copy(update=update)))


def with_attempt(case: Case, outcome: Outcome, facts: Facts) -> TaskRunStatus:
    """The status with the attempt in its account."""
    status = case.status
    kills = status.failures.oom
    failures = add_failure(status.failures, outcome.fault) if outcome.fault else status.failures
    if outcome.reason == OOM_KILLED:
        failures = failures.model_copy(update={"oom": kills + 1})
    attempt = Attempt(
        number=facts.number,
        pod=facts.pod,
        state=outcome.state,
        fault=outcome.fault,
        reason=outcome.reason,
        message=outcome.message or None,
        exit_code=outcome.exit_code,
        node=facts.node,
        started_at=facts.started_at,
        finished_at=facts.finished_at,
        memory=memory_limit(case.task.settings, kills),
    )
    ran = facts.started_at and format_seconds((facts.finished_at - facts.started_at).total_seconds())
    update = {
        "state": outcome.state,
        "attempt": facts.number,
        "round": case.snapshot.task_run.spec.round,
        "pod": facts.pod,
        "pod_uid": facts.pod_uid,
        "node": facts.node,
        "started_at": facts.started_at,
        "finished_at": facts.finished_at,
        "duration": ran,
        "exit_code": outcome.exit_code,
        "reason": outcome.reason,
        "message": outcome.message or None,
        "output": outcome.output,
        "retry_at": None,
        "waiting_for": (),
        "failures": failures,
        "attempts": (*status.attempts, attempt)[-ATTEMPTS_KEPT:],
    }
    return status.model_copy(update=update)


def _retried(case: Case, fault: Fault, outcome: Outcome, after: TaskRunStatus) -> Decision:
    spec = case.snapshot.task_run.spec
    date = format_time(spec.logical_date) if spec.logical_date else spec.dag_run_ref.name
    seed = f"{spec.dag_ref.name}#{spec.task}#{date}"
    failed_before = after.failures.application + after.failures.before
    delay = at_most(case.task, outcome.delay) if outcome.delay else retry_delay(case.task, fault, failed_before, seed)
    at = (after.finished_at or case.now) + delay
    waiting = Waiting(reason="RetryAt", message="The next attempt waits for its time: see retryAt", since=case.now)
    status = after.model_copy(
        update={
            "state": TaskState.UP_FOR_RETRY,
            "retry_at": at,
            "waiting_for": (waiting,),
            "conditions": conditions(case, None),
        }
    )
    message = f"Attempt {after.attempt} failed and is tried again: {outcome.message or outcome.reason}"
    return Decision((*write(case, status), tell(case, "TaskRetried", message)))


def _final(case: Case, outcome: Outcome, after: TaskRunStatus) -> Decision:
    status = with_updates(case, outcome, after).model_copy(update={"conditions": conditions(case, outcome)})
    failed = outcome.state is TaskState.FAILED
    message = f"Attempt {after.attempt} failed: {outcome.message or outcome.reason}"
    return Decision((*write(case, status), *((tell(case, "TaskFailed", message),) if failed else ())))


def conditions(case: Case, outcome: Outcome | None) -> Any:
    """Succeeded and Finished; `outcome` is None while the task goes on."""
    ending = None if outcome is None else (outcome.state is TaskState.SUCCESS, outcome.reason, outcome.message)
    generation = case.snapshot.task_run.meta.generation
    return ending_conditions(case.status.conditions, case.now, generation=generation, ending=ending)
