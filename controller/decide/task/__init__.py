"""A TaskRun and its Pod -> which Pod there should be, and what the task's state is.

    told otherwise       -> end the Pod, begin anew or be as told          directed.py
    podless kind         -> be Deferred until it is time                   podless/
    no Pod, may start    -> create the Pod of the next attempt             launch.py
    no Pod, must wait    -> say what it waits for                          launch.py
    Pod at work          -> say so once it took a while; end it when the
                            run must end or it never starts                at_work.py
    Pod ended            -> keep the result first, then release the Pod,
                            then retry or be final                         account.py
    Pod kept long enough -> delete it                                      spent.py

The result stands in the status before the Pod is released, so a Pod that is deleted, evicted or drained at any moment
is still accounted for, exactly once.
"""

from datetime import datetime

from controller.decide.task.account import account
from controller.decide.task.at_work import at_work
from controller.decide.task.case import case_of, earliest
from controller.decide.task.directed import directed, is_directed
from controller.decide.task.launch import without_pod
from controller.decide.task.podless import podless
from controller.decide.task.podless.approval import closed
from controller.decide.task.spent import spent_pods
from controller.decide.task.updates import note
from controller.model.action import Action, Decision, DeletePod, ReleasePod
from controller.model.pod import Pod
from controller.model.snapshot import OrphanSnapshot, TaskSnapshot
from controller.model.states import TASK_FINAL

__all__ = ["decide_orphan", "decide_task"]


def decide_task(snapshot: TaskSnapshot, now: datetime) -> Decision:
    """What becomes of the task, its Pods and its questions now."""
    decision, spent = _decided(snapshot, now), spent_pods(snapshot, now)
    actions = (*decision.actions, *closed(snapshot, now), *spent.actions)
    return Decision(actions, earliest(decision.wake_at, spent.wake_at))


def _decided(snapshot: TaskSnapshot, now: datetime) -> Decision:
    task_run = snapshot.task_run
    is_final = task_run.status.state in TASK_FINAL
    if is_final and task_run.standing is task_run.status.state:
        return Decision((*_cleared_up(snapshot), *note(snapshot)))
    case = case_of(snapshot, now)
    if case is None:
        return Decision(_releases(snapshot))
    number = task_run.ended_attempts + 1
    pod = next((pod for pod in snapshot.pods if pod.attempt == number), None)
    if is_directed(case):
        decision = directed(case, pod)
    elif is_final:
        return Decision((*_cleared_up(snapshot), *note(snapshot)))
    elif not case.task.has_pod:
        decision = podless(case)
    elif pod is None:
        decision = without_pod(case, number)
    elif pod.has_ended:
        decision = account(case, pod)
    else:
        decision = at_work(case, pod)
    return Decision((*decision.actions, *_releases(snapshot)), decision.wake_at)


def decide_orphan(snapshot: OrphanSnapshot) -> Decision:
    """A Pod whose TaskRun is gone has nobody to keep its result for: it is released, and Kubernetes removes it."""
    return Decision((_release(snapshot.pod),) if snapshot.pod.is_held else ())


def _release(pod: Pod) -> Action:
    """Let the Pod go, and its log be kept before."""
    return ReleasePod(pod.meta, log_of=pod)


def _releases(snapshot: TaskSnapshot) -> tuple[Action, ...]:
    """Pods whose result stands in the status need not be kept any more; nor any, once nobody will read a result.

    A TaskRun that is deleted in the foreground goes only after its Pods, so it must not wait for their ends.
    """
    kept, is_going = snapshot.task_run.ended_attempts, snapshot.task_run.meta.deleting_since is not None
    return tuple(_release(pod) for pod in snapshot.pods if pod.is_held and (is_going or pod.attempt <= kept))


def _cleared_up(snapshot: TaskSnapshot) -> tuple[Action, ...]:
    """After the end no Pod may be at work: one that came to be in the last moment is ended and released."""
    kept = snapshot.task_run.ended_attempts
    late = [pod for pod in snapshot.pods if pod.attempt > kept]
    deletes = tuple(DeletePod(pod.meta, 0) for pod in late if pod.meta.deleting_since is None)
    return (*deletes, *(_release(pod) for pod in late if pod.is_held), *_releases(snapshot))
