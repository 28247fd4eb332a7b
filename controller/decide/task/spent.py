"""Pods whose attempts are accounted for -> those that go, where the Dag lets them go before their run."""

from datetime import datetime, timedelta
from typing import Final

from controller.decide.task.case import earliest
from controller.decide.validity import judge_spec
from controller.model.action import Collect, Decision, Kind
from controller.model.pod import Phase, Pod
from controller.model.retention import PodHistory
from controller.model.snapshot import TaskSnapshot

RELEASED_SOON: Final = timedelta(seconds=5)
"""A Pod that is still held, as its log is being archived, is looked at again after so long."""


def spent_pods(snapshot: TaskSnapshot, now: datetime) -> Decision:
    """The Pods that go now, and when the next one will."""
    plan = judge_spec(snapshot.revision.spec_json).plan if snapshot.revision is not None else None
    history = plan.spec.retention.pods if plan is not None else PodHistory()
    if history.succeeded_for is None and history.failed_for is None:
        return Decision()
    collects, wake_at = [], None
    for pod in snapshot.pods:
        age = history.succeeded_for if pod.phase is Phase.SUCCEEDED else history.failed_for
        is_open = pod.attempt > snapshot.task_run.ended_attempts or not pod.has_ended
        if age is None or is_open or pod.meta.deleting_since is not None:
            continue
        due_at = _ended_at(pod) + age
        if due_at > now:
            wake_at = earliest(wake_at, due_at)
        elif pod.is_held:
            wake_at = earliest(wake_at, now + RELEASED_SOON)
        else:
            collects.append(Collect(Kind.POD, pod.meta))
    return Decision(tuple(collects), wake_at)


def _ended_at(pod: Pod) -> datetime:
    """When its container ended; a Pod that never had one counts from its creation."""
    ended_at = pod.termination.finished_at if pod.termination is not None else None
    return ended_at or pod.meta.created_at
