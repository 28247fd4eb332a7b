"""A task whose Pod is at work -> say so once it took a while, and end the Pod when it must end."""

from datetime import datetime, timedelta
from typing import Final

from controller.decide.ending import run_deadline
from controller.decide.task.case import QUIET_START, Case, earliest, pod_fields, told, write
from controller.model.action import Action, Decision, DeletePod
from controller.model.pod import Pod
from controller.model.schema import Waiting
from controller.model.states import TaskState

_WAIT_REASONS: Final = {
    "ErrImagePull": "ImagePull",
    "ImagePullBackOff": "ImagePull",
    "ErrImageNeverPull": "ImagePull",
    "InvalidImageName": "ImagePull",
    "CreateContainerConfigError": "ContainerConfig",
    "CreateContainerError": "ContainerConfig",
}


def at_work(case: Case, pod: Pod) -> Decision:
    """What is to be done about a Pod that has not ended."""
    if case.ending is not None:
        return Decision(end_pod(pod, case.ending.grace_seconds))
    if pod.started_at is not None:
        return _running(case, pod, pod.started_at)
    if pod.meta.deleting_since is not None:
        return Decision()  # what it waited for stays told: its end is accounted for with it
    give_up_at = _launch_deadline(case, pod)
    invalid = pod.waiting is not None and pod.waiting.reason == "InvalidImageName"
    if invalid or (give_up_at is not None and give_up_at <= case.now):
        return Decision((*told(case, _why_starting(pod), since=None).actions, *end_pod(pod, None)))
    waiting = _why_starting(pod)
    quiet = QUIET_START if waiting.reason == "Starting" else timedelta(0)
    said = told(case, waiting, since=pod.meta.created_at + quiet, pod=pod)
    return Decision(said.actions, earliest(said.wake_at, give_up_at, run_deadline(case.run, case.plan)))


def end_pod(pod: Pod, grace_seconds: int | None) -> tuple[Action, ...]:
    """End the Pod, unless that was asked for already; None = the Pod's own grace."""
    if pod.meta.deleting_since is not None and (grace_seconds is None or pod.meta.deletion_grace_seconds == 0):
        return ()
    return (DeletePod(pod.meta, grace_seconds),)


def _running(case: Case, pod: Pod, started_at: datetime) -> Decision:
    wake_at = run_deadline(case.run, case.plan)
    told_at = started_at + case.snapshot.policy.tell_running_after + case.snapshot.kubelet_lag
    if case.status.state is TaskState.RUNNING and case.status.pod_uid == pod.meta.uid:
        return Decision(wake_at=wake_at)
    if case.now < told_at:
        return Decision(wake_at=earliest(wake_at, told_at))
    update = {
        **pod_fields(pod),
        "state": TaskState.RUNNING,
        "started_at": started_at,
        "finished_at": None,
        "exit_code": None,
        "reason": None,
        "message": None,
        "waiting_for": (),
        "retry_at": None,
    }
    return Decision(write(case, case.status.model_copy(update=update)), wake_at)


def _launch_deadline(case: Case, pod: Pod) -> datetime | None:
    """When a container that has not started is given up; a Pod without a node may wait for ever."""
    return None if pod.initialized_at is None else pod.initialized_at + case.task.launch_timeout


def _why_starting(pod: Pod) -> Waiting:
    if pod.unschedulable is not None:
        return Waiting(reason="Unschedulable", message=pod.unschedulable.message[:1000])
    if pod.waiting is None or pod.waiting.reason not in _WAIT_REASONS:
        return Waiting(reason="Starting", message=f"Pod {pod.meta.name} is starting")
    message = " ".join(f"{pod.waiting.reason}: {pod.waiting.message}".split())
    return Waiting(reason=_WAIT_REASONS[pod.waiting.reason], message=message[:1000])
