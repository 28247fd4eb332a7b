"""A run's TaskRuns and what was asked for -> the Pods that have logs, or one sentence on why there is none."""

import contextlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from controller.cli.log_lines import AttemptPod
from controller.cli.waiting import Cluster, Raw, pods_of, task_runs_of
from controller.errors import Refused, SlipwayError
from controller.model.instance import instance_id
from controller.model.metadata import Key
from controller.model.names import LABEL_TRY, pod_name
from controller.model.states import TASK_FINAL
from controller.model.taskrun import POD

_MOST_TOLD: Final = 10
_ENDED: Final = "Ended"
"""The reason that `slipway why` gives where all is over."""


@dataclass(frozen=True, slots=True)
class Pods:
    """What there is of the tasks that are meant."""

    begun: tuple[AttemptPod, ...]
    waiting: Mapping[str, str]
    """Instances without an attempt, and why."""
    is_single: bool
    """Whether one instance was named."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A task that is meant, and how often it was tried."""

    task_run: Raw
    newest: int
    """The number of the newest attempt that has, or had, a Pod; 0 = none."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing comes any more."""
        return (self.task_run.get("status") or {}).get("state") in TASK_FINAL


@dataclass(frozen=True, slots=True)
class Choice:
    """Which attempts of which tasks of a run are meant."""

    run: Key
    task: str | None
    """A task, or one instance; None = all."""
    attempt: int | None
    """None = the newest."""

    async def look(self, cluster: Cluster) -> list[Tried]:
        """The tasks that are meant, as they are now: those that have started in their order, then the others."""
        task_runs = await task_runs_of(cluster, self.run)
        pods = await pods_of(cluster, self.run)
        chosen = [raw for raw in task_runs if self.task in (None, _instance(raw), raw["spec"]["task"])]
        return [Tried(raw, _newest(raw, pods.get(raw["metadata"]["name"], ()))) for raw in chosen]

    def is_single(self, chosen: Iterable[Tried]) -> bool:
        """Whether one instance was named, so that its lines need no name."""
        return any(self.task == _instance(each.task_run) for each in chosen)

    def pods(self, chosen: list[Tried]) -> Pods:
        """Their Pods, and those that have none yet; SlipwayError where one that is named never had this attempt."""
        is_single = self.is_single(chosen)
        begun: list[AttemptPod] = []
        waiting: dict[str, str] = {}
        for each in chosen:
            if each.newest and (self.attempt or 0) <= each.newest:
                begun.append(pod_of(each.task_run, self.attempt or each.newest))
            elif is_single and each.newest:
                raise SlipwayError(f"task {self.task} has no try {self.attempt}: its newest is {each.newest}")
            else:
                waiting[_instance(each.task_run)] = _why(each.task_run)
        return Pods(tuple(begun), waiting, is_single)


def _newest(task_run: Raw, pods: Iterable[Raw]) -> int:
    """The newest attempt that has, or had, a Pod; 0 = none."""
    if task_run["spec"].get("kind", POD) != POD:
        return 0
    ended = (each["number"] for each in (task_run.get("status") or {}).get("attempts") or ())
    return max((*ended, *(int(raw["metadata"]["labels"][LABEL_TRY]) for raw in pods)), default=0)


def pod_of(task_run: Raw, attempt: int) -> AttemptPod:
    """The Pod of this attempt, by the name that it must have."""
    metadata, spec = task_run["metadata"], task_run["spec"]
    key = Key(metadata["namespace"], pod_name(metadata["name"], attempt))
    return AttemptPod(_instance(task_run), spec["task"], spec.get("index"), attempt, key)


def archived_at(run: Key, pod: AttemptPod) -> str:
    """Where the log is that was kept of a Pod which is gone."""
    path = f"/api/v1/namespaces/{run.namespace}/runs/{run.name}/tasks/{pod.task}/attempts/{pod.attempt}/log"
    query = "" if pod.index is None else f"?index={pod.index}"
    return f"its archived log, if one was kept, is in the UI and at {path}{query} of `slipway web`"


async def why_none(cluster: Cluster, choice: Choice, pods: Pods) -> str:
    """Why nothing of what was asked for has a log."""
    if choice.task is None:
        return f"no task of run {choice.run.name} has started{_listed(pods.waiting)}: see `slipway why`"
    if pods.waiting:
        return "; ".join(f"task {name} {why}" for name, why in list(pods.waiting.items())[:_MOST_TOLD])
    return f"task {choice.task} {await _reason(cluster, choice.run, choice.task)}"


def tell_waiting(waiting: Mapping[str, str]) -> None:
    """Say on standard error which of several tasks have no log yet."""
    if waiting:
        print(f"slipway: without a log{_listed(waiting)}", file=sys.stderr)


def _listed(waiting: Mapping[str, str]) -> str:
    more = f" and {len(waiting) - _MOST_TOLD} more" if len(waiting) > _MOST_TOLD else ""
    return f": {', '.join(list(waiting)[:_MOST_TOLD])}{more}" if waiting else ""


async def _reason(cluster: Cluster, run: Key, task: str) -> str:
    """Why a task without a TaskRun has no log, behind its name; SlipwayError where the run has no such task."""
    from controller.cli.why import Asked, reasons

    try:
        with contextlib.redirect_stdout(sys.stderr):  # a line about an object that can't be read is no log
            found = await reasons(cluster, Asked(run.name, task, None, None), run.namespace)
    except Refused:  # it needs more rights than a log does
        return f"has not started: see `slipway why {run.name} {task}`"
    if not found:
        return "has not started: nothing stands in its way"
    first = found[0]
    return (
        f"never ran in a Pod: {first.message}"
        if first.reason == _ENDED
        else f"has not started: {first.reason}: {first.message}"
    )


def _why(task_run: Raw) -> str:
    """Why the task has no log, as the words behind its name."""
    spec, status = task_run["spec"], task_run.get("status") or {}
    state, waits = status.get("state") or "Scheduled", status.get("waitingFor") or ()
    if spec.get("kind", POD) != POD:
        return f"has no log: a task of kind {spec['kind']} has no Pod"
    if waits:
        return f"has not started: {waits[0]['reason']}: {waits[0]['message']}"
    if state in TASK_FINAL:
        return f"never ran: it ended as {state}" + (f": {status['message']}" if status.get("message") else "")
    return f"has not started: it is {state}"


def _instance(task_run: dict[str, Any]) -> str:
    return instance_id(task_run["spec"]["task"], task_run["spec"].get("index"))
