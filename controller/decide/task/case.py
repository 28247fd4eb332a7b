"""A TaskRun's snapshot -> the case: everything its judges need, and how they write what they found."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from controller.decide.ending import Ending, ending_of
from controller.decide.render import references
from controller.decide.validity import judge_spec
from controller.decide.values import Outputs, run_values
from controller.model.action import Action, Decision, Kind, Tell, WriteStatus
from controller.model.dagrun import DagRun
from controller.model.plan import Plan, PlannedTask
from controller.model.pod import Pod
from controller.model.schema import Waiting
from controller.model.snapshot import TaskSnapshot
from controller.model.states import TaskState
from controller.model.status_patch import status_patch
from controller.model.taskrun import TaskRunStatus

QUIET_START: Final = timedelta(seconds=30)
"""A Pod may take so long to start before that is worth a write."""


@dataclass(frozen=True, slots=True)
class Case:
    """One TaskRun with all that its judgement needs."""

    snapshot: TaskSnapshot
    run: DagRun
    plan: Plan
    task: PlannedTask
    ending: Ending | None
    now: datetime

    @property
    def status(self) -> TaskRunStatus:
        """The status as it is."""
        return self.snapshot.task_run.status


def case_of(snapshot: TaskSnapshot, now: datetime) -> Case | None:
    """The case; None when the run is gone or going, its revision is not known yet, or the task is not one of its."""
    run, revision = snapshot.run, snapshot.revision
    gone = run is None or run.meta.deleting_since is not None or snapshot.task_run.meta.deleting_since is not None
    plan = judge_spec(revision.spec_json).plan if revision is not None else None
    if run is None or gone or plan is None:
        return None
    task = plan.tasks.get(snapshot.task_run.spec.task)
    if task is None:
        return None
    ending = ending_of(run, plan, now)
    spared = ending is not None and ending.lets_teardowns and task.is_teardown
    return Case(snapshot, run, plan, task, None if spared else ending, now)


def template_values(case: Case, texts: Iterable[str]) -> dict[str, Any]:
    """What these templates of the task may read."""
    spec = case.snapshot.task_run.spec
    read = {name for text in texts for root, name in references(text) if root == "tasks"}
    outputs = Outputs(case.plan, case.snapshot.task_runs, case.run.status.expansions)
    values = run_values(case.run, outputs.of(spec.task, spec.index, read))
    return values if spec.item is None else {**values, "item": json.loads(spec.item)}


def told(case: Case, waiting: Waiting, since: datetime | None, pod: Pod | None = None) -> Decision:
    """Queued with this reason, written once the wait since `since` is worth it and the last such write is old."""
    status, policy = case.status, case.snapshot.policy
    before = status.waiting_for[0] if status.waiting_for else None
    if before is not None and before.reason == waiting.reason:
        return Decision()
    due = case.now if since is None else since + policy.tell_after
    if since is not None and before is not None and before.since is not None and status.state is TaskState.QUEUED:
        due = max(due, before.since + policy.tell_again_after)
    if case.now < due:
        return Decision(wake_at=due)
    state = TaskState.UP_FOR_RETRY if waiting.reason == "RetryAt" else TaskState.QUEUED
    update = {"state": state, "waiting_for": (waiting.model_copy(update={"since": case.now}),)}
    return Decision(write(case, status.model_copy(update=update | (pod_fields(pod) if pod else {}))))


def pod_fields(pod: Pod) -> dict[str, Any]:
    """The status fields that name the newest attempt's Pod."""
    return {"attempt": pod.attempt, "pod": pod.meta.name, "pod_uid": pod.meta.uid, "node": pod.node}


def write(case: Case, status: TaskRunStatus) -> tuple[Action, ...]:
    """The write that brings the status there; none when it is there."""
    patch = status_patch(case.status, status)
    return (WriteStatus(Kind.TASK_RUN, case.snapshot.task_run.meta, patch),) if patch else ()


def tell(case: Case, reason: str, message: str) -> Tell:
    """A warning Event about the TaskRun."""
    return Tell(Kind.TASK_RUN, case.snapshot.task_run.meta, reason, message, warning=True)


def earliest(*times: datetime | None) -> datetime | None:
    """The first of the times that are known."""
    return min((at for at in times if at is not None), default=None)
