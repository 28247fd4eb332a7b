"""The users' objects: Dags that can't be run, runs and tasks that make no progress, Pods that are held or wait."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from controller.cli.doctor.evidence import Evidence, Missing, listed, span_told
from controller.cli.doctor.finding import Finding, fail, ok, skipped, warn
from controller.model.dagrun import DagRun
from controller.model.names import POD_FINALIZER
from controller.model.schema import Condition
from controller.model.states import RUN_FINAL, TASK_FINAL, RunState, TaskState
from controller.model.taskrun import POD, TaskRun

_SETTLES: Final = timedelta(minutes=1)
"""A Pod whose TaskRun went a moment ago is about to be released."""
_WANTED: Final = frozenset({"Paused", "RetryAt"})
"""Reasons to wait that somebody asked for."""


def dags(evidence: Evidence) -> Iterator[Finding]:
    """Dags can be run."""
    found = evidence.work.dags
    if isinstance(found, Missing):
        yield skipped("dags", f"Dags can't be read: {found.why}", "name a namespace with -n")
        return
    told = {dag.meta.key: {each.type: each for each in dag.status.conditions} for dag in found}
    broken = [f"{key}: {each['Ready'].message}" for key, each in told.items() if _is_false(each, "Ready")]
    short = [f"{key}: {each['Pools'].message}" for key, each in told.items() if _is_false(each, "Pools")]
    unseen = [str(dag.meta.key) for dag in found if dag.status.observed_generation < dag.meta.generation]
    for problem, fix in (
        (broken, "mend the manifest: `slipway validate FILE`"),
        (short, "make the pool, or mend the Dag"),
    ):
        if problem:
            yield warn("dags", f"{len(problem)} of {len(found)} Dags can't be run: {listed(problem)}", fix)
    if unseen and not _is_young([dag.meta.created_at for dag in found], evidence):
        yield fail("dags", f"The controller has not seen {listed(unseen)}", "is it ready, and does it watch there?")
    if not broken and not short and not unseen:
        yield ok("dags", f"{len(found)} Dags can be run")


def runs(evidence: Evidence) -> Iterator[Finding]:
    """Runs make progress, or say what they wait for."""
    found, tasks = evidence.work.runs, evidence.work.task_runs
    if isinstance(found, Missing) or isinstance(tasks, Missing):
        yield skipped("runs", "Runs or TaskRuns can't be read", "name a namespace with -n")
        return
    active = [run for run in found if run.status.state not in RUN_FINAL and run.meta.deleting_since is None]
    of_run: dict[str, list[TaskRun]] = {}
    for task_run in tasks:
        of_run.setdefault(task_run.meta.owner_uid or "", []).append(task_run)
    stuck = [run for run in active if _stands_still(run, of_run.get(run.meta.uid, []), evidence)]
    for run in stuck[:5]:
        place = f"-n {run.meta.namespace} {run.meta.name}"
        yield fail("runs", f"Run {run.meta.key} makes no progress and waits for nothing", f"`slipway why {place}`")
    waiting = [(run, each) for run in active for each in run.status.waiting_for[:1] if each.reason not in _WANTED]
    late = [(run, each) for run, each in waiting if _is_old(each.since, evidence)]
    if late:
        run, first = late[0]
        message = f"{len(late)} runs wait for longer than {span_told(evidence.patience)}"
        told = f"{message}; {run.meta.key}: {first.message}"
        yield warn("runs", told, f"`slipway why -n {run.meta.namespace} {run.meta.name}`")
    if not stuck and not late:
        yield ok("runs", f"{len(active)} runs are active, and none of them stands still")


def tasks(evidence: Evidence) -> Iterator[Finding]:
    """Tasks get their Pods, or say what they wait for."""
    found = evidence.work.task_runs
    if isinstance(found, Missing):
        return
    active = [each for each in found if each.spec.kind == POD and each.status.state not in TASK_FINAL]
    told = [(each, each.status.waiting_for[0]) for each in active if each.status.waiting_for]
    late = [(each, why) for each, why in told if why.reason not in _WANTED and _is_old(why.since, evidence)]
    if late:
        counts = Counter(why.reason for _, why in late)
        reasons = ", ".join(f"{reason} ({count})" for reason, count in counts.most_common(5))
        first, why = late[0]
        run = f"-n {first.meta.namespace} {first.spec.dag_run_ref.name} {first.spec.task}"
        message = f"{len(late)} tasks wait for longer than {span_told(evidence.patience)}: {reasons}"
        yield warn("tasks", f"{message}; {first.meta.key}: {why.message}", f"`slipway why {run}`")
    pods_of = set() if isinstance(evidence.work.pods, Missing) else {pod.meta.owner_uid for pod in evidence.work.pods}
    ignored = [each for each in active if each.meta.uid not in pods_of and _is_ignored(each, evidence)]
    if ignored:
        names = listed(str(each.meta.key) for each in ignored)
        yield fail("tasks", f"Nobody takes up {len(ignored)} tasks: {names}", "is the controller ready?")
    if not late and not ignored:
        yield ok("tasks", f"{len(active)} tasks are active, and none waits for long")


def pods(evidence: Evidence) -> Iterator[Finding]:
    """Pods start, and are let go once their task is gone."""
    found, task_runs = evidence.work.pods, evidence.work.task_runs
    if isinstance(found, Missing):
        yield skipped("pods", f"Pods can't be read: {found.why}", "ask for the right to list pods")
        return
    pending = [pod for pod in found if pod.started_at is None and not pod.has_ended]
    late = [pod for pod in pending if _is_old(pod.meta.created_at, evidence)]
    if late:
        pod = late[0]
        told = pod.unschedulable or pod.waiting
        why = f"{told.reason}: {told.message}" if told else "no node has taken it up"
        message = f"{len(late)} Pods wait for longer than {span_told(evidence.patience)}; {pod.meta.key}: {why}"
        yield warn("pods", message[:500], f"kubectl -n {pod.meta.namespace} describe pod {pod.meta.name}")
    owners = None if isinstance(task_runs, Missing) else {each.meta.uid for each in task_runs}
    held = [
        pod
        for pod in found
        if owners is not None
        and POD_FINALIZER in pod.meta.finalizers
        and pod.meta.owner_uid not in owners
        and evidence.now - (pod.meta.deleting_since or pod.meta.created_at) > _SETTLES
    ]
    if held:
        message = f"{len(held)} Pods are held though their TaskRun is gone: {listed(str(pod.meta.key) for pod in held)}"
        yield warn("pods", message, "the controller lets them go; where none runs any more: `slipway release-pods`")
    if not late and not held:
        yield ok("pods", f"{len(found)} Pods of tasks, none waits for long and none is held without a task")


def _is_false(conditions: Mapping[str, Condition], type_: str) -> bool:
    return type_ in conditions and conditions[type_].status == "False"


def _is_young(times: list[datetime], evidence: Evidence) -> bool:
    return all(evidence.now - at < _SETTLES for at in times)


def _is_old(at: datetime | None, evidence: Evidence) -> bool:
    return at is not None and evidence.now - at > evidence.patience


def _stands_still(run: DagRun, task_runs: list[TaskRun], evidence: Evidence) -> bool:
    """A running run all of whose TaskRuns have ended long ago: the controller should have gone on, or ended it."""
    if run.status.state is not RunState.RUNNING or run.status.waiting_for or run.spec.paused:
        return False
    if any(each.status.state not in TASK_FINAL for each in task_runs):
        return False
    ends = [each.status.finished_at for each in task_runs if each.status.finished_at]
    return _is_old(max([run.status.started_at or run.meta.created_at, *ends]), evidence)


def _is_ignored(task_run: TaskRun, evidence: Evidence) -> bool:
    status = task_run.status
    asked = status.state is TaskState.SCHEDULED and not status.waiting_for and task_run.wants_pod
    return asked and status.pod is None and _is_old(task_run.meta.created_at, evidence)
