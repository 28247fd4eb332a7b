"""A task without a Pod -> the Pod of its next attempt, or what it waits for."""

from typing import Any

from controller.decide.attempt import Outcome
from controller.decide.ending import run_deadline
from controller.decide.gate import refusal
from controller.decide.pod import PodOrder, build_pod
from controller.decide.pod_policy import POD_FORBIDDEN, pod_breaches, told_breaches
from controller.decide.render_faults import RenderFault
from controller.decide.task.account import Facts, ended, ended_without_attempt
from controller.decide.task.case import QUIET_START, Case, earliest, template_values, told
from controller.model.action import CreatePod, Decision
from controller.model.names import pod_name
from controller.model.schema import Waiting
from controller.model.snapshot import PodRefusal
from controller.model.states import TaskState
from controller.model.taskrun import Fault


def without_pod(case: Case, number: int) -> Decision:
    """What becomes of a task whose attempt `number` has no Pod."""
    status, refused = case.status, case.snapshot.refused
    if status.pod_uid is not None and status.attempt == number:
        # Its Pod was seen, and our finalizer was taken off by somebody else: it can't be created a second time.
        message = f"Pod {status.pod} vanished before its result was kept"
        lost = Outcome(TaskState.FAILED, "PodLost", message, Fault.INFRASTRUCTURE)
        return ended(case, lost, Facts(number, status.pod or "", status.node, status.started_at, case.now))
    if case.ending is not None:
        return ended_without_attempt(case, Outcome(TaskState.SKIPPED, case.ending.reason, case.ending.message))
    if refused is not None and _is_hopeless(case, refused):
        outcome = Outcome(TaskState.FAILED, refused.reason, refused.message, Fault.LAUNCH, retriable=False)
        return ended(case, outcome, _never_made(case, number))
    if case.snapshot.admitted:
        return _create(case, number)
    return _waits(case)


def _is_hopeless(case: Case, refused: PodRefusal) -> bool:
    """Whether the API server will not accept the Pod: quota may free itself, anything else has the launch timeout."""
    if refused.try_again_at is None:
        return True
    return refused.reason != "Quota" and refused.since + case.task.launch_timeout <= case.now


def _never_made(case: Case, number: int) -> Facts:
    """The facts of an attempt whose Pod never came to be."""
    return Facts(number, pod_name(case.snapshot.task_run.meta.name, number), None, None, case.now)


def _create(case: Case, number: int) -> Decision:
    if case.task.settings.artifacts and case.snapshot.policy.artifacts is None:
        message = "The task asks for artifacts, but this Slipway has no artifact store: see the setting artifactsUrl"
        outcome = Outcome(TaskState.FAILED, "NoArtifactStore", message, Fault.APPLICATION, retriable=False)
        return ended(case, outcome, _never_made(case, number))
    try:
        manifest = build_pod(_order(case, number))
    except RenderFault as fault:
        outcome = Outcome(TaskState.FAILED, "TemplateError", str(fault), Fault.APPLICATION, retriable=False)
        return ended(case, outcome, _never_made(case, number))
    forbidden = _forbidden(case, manifest)
    if forbidden:
        outcome = Outcome(TaskState.FAILED, POD_FORBIDDEN, forbidden, Fault.LAUNCH, retriable=False)
        return ended(case, outcome, _never_made(case, number))
    # The Pod's first events are no news, so this look is what notices one that never starts.
    return Decision((CreatePod(case.snapshot.task_run.meta, number, manifest),), case.now + QUIET_START)


def _order(case: Case, number: int) -> PodOrder:
    task_run, policy, revision = case.snapshot.task_run, case.snapshot.policy, case.snapshot.revision
    writer = revision.meta.authorship.writer(revision.spec_json) if revision is not None else ""
    return PodOrder(task_run, case.run, case.task, number, _values(case), policy, writer)


def _forbidden(case: Case, manifest: dict[str, Any]) -> str:
    """Why the Pod policy forbids this Pod, in one sentence; empty where it does not."""
    policy, namespace = case.snapshot.policy, case.snapshot.task_run.meta.namespace
    if policy.pods is None:
        return ""
    granted = case.snapshot.granted if policy.trusts_authorship else ()
    return told_breaches(pod_breaches(manifest["spec"], policy.pods, namespace, granted))


def _values(case: Case) -> dict[str, Any]:
    """What templates may read."""
    texts = [*(case.task.written.args or ()), *(variable.value or "" for variable in case.task.settings.env or ())]
    return template_values(case, texts)


def _waits(case: Case) -> Decision:
    """Say why there is no Pod, once the wait is worth a write."""
    candidate, refused = case.snapshot.candidate, case.snapshot.refused
    if refused is not None:
        waiting: Waiting | None = Waiting(reason=refused.reason, message=refused.message)
    else:
        waiting = refusal(candidate, case.snapshot.use, case.now) if candidate is not None else None
    tell_after, deadline = case.snapshot.policy.tell_after, run_deadline(case.run, case.plan)
    if waiting is None:
        # Nothing stands in its way, but the gate may still prefer others: then there is something to say of it.
        return Decision(wake_at=earliest(case.now + tell_after, deadline))
    said = told(case, waiting, since=case.status.retry_at or case.snapshot.task_run.meta.created_at)
    retry_at = case.status.retry_at if waiting.reason == "RetryAt" else None
    # Once its time has come, the task waits for something else.
    return Decision(said.actions, earliest(said.wake_at, retry_at and retry_at + tell_after, deadline))
