"""An object as it was and as it is -> what of the change a decision may follow from."""

from typing import Final

from controller.model.dagrun import DagRun
from controller.model.pod import Pod
from controller.model.states import TASK_FINAL, TaskState
from controller.model.taskrun import TaskRun, Verdict
from controller.observe.tables import backfill_key


def news_of(pod: Pod | None) -> tuple[object, ...]:
    """What of a Pod a decision may follow from; a new Pod that is only starting is no news to the one who made it."""
    if pod is None:
        return (None, False, False, None, None)
    waits = pod.waiting.reason if pod.waiting is not None else None
    trouble = waits if waits not in _STARTING else None
    unschedulable = pod.unschedulable.reason if pod.unschedulable is not None else None
    return (pod.started_at, pod.has_ended, pod.meta.deleting_since is not None, unschedulable, trouble)


def how_far(task_run: TaskRun | None) -> int:
    """0 for a task that waits for its rule, 1 for one that has begun, 2 for one that has ended or was removed."""
    if task_run is not None and task_run.spec.verdict is Verdict.REMOVED:
        return 2
    state = task_run.standing if task_run is not None else TaskState.SCHEDULED
    return 0 if state is None else 2 if state in TASK_FINAL else 1


def place_of_run(run: DagRun) -> tuple[object, ...]:
    """What of a run its Dag's counts and queues follow from."""
    is_going = run.meta.deleting_since is not None
    return run.status.state, run.spec.paused, is_going, backfill_key(run), run.open_request is None


def asked_of_run(run: DagRun) -> tuple[object, ...]:
    """What persons asked of a run: the decision that carries it out looks at none of the tasks that moved."""
    return run.status.round, run.status.redo, run.status.requests


_STARTING: Final = frozenset({"ContainerCreating", "PodInitializing", "", None})
