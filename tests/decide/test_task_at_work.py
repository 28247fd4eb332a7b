"""A task whose Pod is at work: told once it took a while, ended when it must end."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from controller.decide.task import decide_task
from controller.model.action import Decision, DeletePod
from tests.decide.objects import (
    after,
    kinds,
    pod,
    task_snapshot,
    told,
    waiting,
    written,
)
from tests.decide.tasks import GOING, STARTED, attempts, cancelled, waits


def test_a_short_task_runs() -> None:
    """Nothing is written in the first five seconds."""
    assert decide_task(task_snapshot(pods=(pod(STARTED),)), after(6)) == Decision((), after(10))


def test_a_long_task_runs() -> None:
    """It is Running, in one write."""
    decision = decide_task(task_snapshot({"state": "Queued"}, (pod(STARTED),)), after(10))
    assert written(decision) == {
        "state": "Running",
        "try": 1,
        "pod": "etl-1-a-1",
        "podUid": "uid-etl-1-a-1",
        "node": "node-1",
        "startedAt": told(5),
    }
    status = {"state": "Running", "try": 1, "podUid": "uid-etl-1-a-1"}
    assert decide_task(task_snapshot(status, (pod(STARTED),)), after(60)) == Decision()


def test_a_retry_runs() -> None:
    """What the failed attempt left in the status is gone."""
    status = {
        **attempts(1),
        "state": "UpForRetry",
        "podUid": "uid-etl-1-a-1",
        "exitCode": 3,
        "reason": "Error",
        "message": "it broke",
        "finishedAt": told(4),
        "retryAt": told(5),
        "waitingFor": [{"reason": "RetryAt", "message": "see retryAt"}],
    }
    patch = written(decide_task(task_snapshot(status, (pod(STARTED, attempt=2),)), after(10)))
    gone = ("exitCode", "reason", "message", "finishedAt", "retryAt", "waitingFor")
    assert [patch[field] for field in gone] == [None] * 6
    assert (patch["state"], patch["try"], patch["pod"]) == ("Running", 2, "etl-1-a-2")


@pytest.mark.parametrize(
    ("status", "seconds", "reason"),
    [
        ({"phase": "Pending"}, 32, ("Starting", "Pod etl-1-a-1 is starting")),
        (waiting("ContainerCreating"), 32, ("Starting", "Pod etl-1-a-1 is starting")),
        (waiting("ErrImagePull", "not\nfound"), 2, ("ImagePull", "ErrImagePull: not found")),
        (waiting("CreateContainerConfigError", "no x"), 2, ("ContainerConfig", "CreateContainerConfigError: no x")),
        (
            {
                "phase": "Pending",
                "conditions": [
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes fit"}
                ],
            },
            2,
            ("Unschedulable", "0/1 nodes fit"),
        ),
    ],
)
def test_a_pod_that_does_not_start(status: Mapping[str, Any], seconds: float, reason: tuple[str, str]) -> None:
    """A known trouble is told after two seconds, a mere slow start after thirty-two."""
    snapshot = task_snapshot(pods=(pod(status),))
    early = decide_task(snapshot, after(seconds - 1))
    assert (early.actions, early.wake_at) == ((), after(seconds))
    assert waits(decide_task(snapshot, after(seconds))) == [reason]


def test_a_pod_that_never_starts() -> None:
    """The launch timeout counts from the node; then the Pod is ended, which gives the attempt up."""
    snapshot = task_snapshot(pods=(pod(waiting("ErrImagePull", "not found")),))
    assert decide_task(snapshot, after(9)).wake_at == after(301)
    late = decide_task(snapshot, after(301))
    assert kinds(late) == ["WriteStatus", "DeletePod"]
    assert late.actions[1] == DeletePod(snapshot.pods[0].meta, None)
    given_up = pod(waiting("ErrImagePull", "not found"), **GOING)
    said = {"state": "Queued", "waitingFor": [{"reason": "ImagePull", "message": "ErrImagePull: not found"}]}
    assert decide_task(task_snapshot(said, (given_up,)), after(301)) == Decision()


def test_a_pod_that_no_node_takes() -> None:
    """It may wait for ever: no deadline is set."""
    assert decide_task(task_snapshot(pods=(pod({"phase": "Pending"}, node=None),)), after(9000)).wake_at is None


def test_a_pod_with_an_image_of_no_name() -> None:
    """It is ended at once, as waiting would change nothing."""
    decision = decide_task(task_snapshot(pods=(pod(waiting("InvalidImageName", "bad")),)), after(2))
    assert kinds(decision) == ["WriteStatus", "DeletePod"]


@pytest.mark.parametrize(("how", "grace"), [("graceful", None), ("force", 0)])
def test_the_run_is_cancelled_while_the_pod_works(how: str, grace: int | None) -> None:
    """The Pod is ended, with its own grace or with none."""
    at_work = pod(STARTED)
    decision = decide_task(task_snapshot(pods=(at_work,), **cancelled(how)), after(9))
    assert decision.actions == (DeletePod(at_work.meta, grace),)


def test_the_cancelled_pod_is_ending() -> None:
    """It is not deleted again, unless force comes after grace."""
    ending = pod(STARTED, **GOING)
    assert decide_task(task_snapshot(pods=(ending,), **cancelled()), after(11)) == Decision()
    assert kinds(decide_task(task_snapshot(pods=(ending,), **cancelled("force")), after(11))) == ["DeletePod"]
    at_once = pod(STARTED, deletionTimestamp=told(10), deletionGracePeriodSeconds=0)
    assert decide_task(task_snapshot(pods=(at_once,), **cancelled("force")), after(11)) == Decision()


def test_a_kubelet_that_is_late() -> None:
    """While ends are told ten seconds late, a task must seem to run for ten seconds longer before a write says so."""
    snapshot = task_snapshot(pods=(pod(STARTED),), kubelet_lag=timedelta(seconds=10))
    assert decide_task(snapshot, after(19)) == Decision((), after(20))
    assert kinds(decide_task(snapshot, after(20))) == ["WriteStatus"]
