"""A task whose Pod has ended: kept once, then final or tried again; and Pods that nobody waits for."""

from typing import Any

import pytest

from controller.decide.task import decide_orphan, decide_task
from controller.model.action import Decision, DeletePod, ReleasePod, Tell
from controller.model.pod import Pod
from controller.model.snapshot import OrphanSnapshot, TaskSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import (
    after,
    exited,
    kinds,
    pod,
    run,
    task_run,
    task_snapshot,
    told,
    written,
)
from tests.decide.tasks import GOING, QUICK, RETRIED, STARTED, attempts, cancelled


def test_a_success() -> None:
    """One write keeps the result; the Pod is released by the look that follows it."""
    done = pod(exited(0, "Completed", '{"rows": 3}', phase="Succeeded"))
    decision = decide_task(task_snapshot(pods=(done,)), after(11))
    assert kinds(decision) == ["WriteStatus"]
    patch = written(decision)
    conditions = patch.pop("conditions")
    assert [(c["type"], c["status"], c["reason"]) for c in conditions] == [
        ("Succeeded", "True", "Completed"),
        ("Finished", "True", "Completed"),
    ]
    assert patch == {
        "state": "Success",
        "try": 1,
        "pod": "etl-1-a-1",
        "podUid": "uid-etl-1-a-1",
        "node": "node-1",
        "startedAt": told(5),
        "finishedAt": told(10),
        "duration": "5s",
        "exitCode": 0,
        "reason": "Completed",
        "output": '{"rows":3}',
        "attempts": [
            {
                "number": 1,
                "pod": "etl-1-a-1",
                "state": "Success",
                "reason": "Completed",
                "exitCode": 0,
                "node": "node-1",
                "startedAt": told(5),
                "finishedAt": told(10),
            }
        ],
    }


def test_the_result_is_kept() -> None:
    """The Pod is released, once; it stays for its logs."""
    done = pod(exited(0, phase="Succeeded"))
    status = {**attempts(1), "state": "Success"}
    assert decide_task(task_snapshot(status, (done,)), after(12)) == Decision((ReleasePod(done.meta, log_of=done),))
    released = pod(exited(0, phase="Succeeded"), finalizers=[])
    assert decide_task(task_snapshot(status, (released,)), after(12)) == Decision()


def test_a_failure_with_a_retry_left() -> None:
    """The task is UpForRetry, counted from the attempt's end, and an Event tells it."""
    decision = decide_task(task_snapshot(pods=(pod(exited(3)),), spec=RETRIED), after(11))
    patch = written(decision)
    assert (patch["state"], patch["retryAt"], patch["failures"]) == ("UpForRetry", told(40), {"application": 1})
    assert patch["waitingFor"][0]["reason"] == "RetryAt"
    assert [(c["type"], c["status"]) for c in patch["conditions"]] == [("Succeeded", "Unknown"), ("Finished", "False")]
    tell = decision.actions[1]
    assert isinstance(tell, Tell)
    assert (tell.reason, tell.warning) == ("TaskRetried", True)
    assert tell.message == "Attempt 1 failed and is tried again: The task ended with exit code 3"


def test_a_failure_without_a_retry_left() -> None:
    """The task is Failed, and the results of both attempts are kept."""
    status = {**attempts(1), "state": "UpForRetry", "failures": {"application": 1}}
    decision = decide_task(task_snapshot(status, (pod(exited(3), attempt=2),), RETRIED), after(11))
    patch = written(decision)
    assert (patch["state"], patch["try"], patch["failures"]) == ("Failed", 2, {"application": 2})
    assert [attempt["number"] for attempt in patch["attempts"]] == [1, 2]
    assert kinds(decision) == ["WriteStatus", "Tell"]


def test_an_eviction() -> None:
    """It spends no retry of the user's and is tried again at once."""
    evicted = pod({"phase": "Failed", "reason": "Evicted", "message": "memory"}, deletionTimestamp=told(10))
    patch = written(decide_task(task_snapshot(pods=(evicted,)), after(11)))
    assert (patch["state"], patch["retryAt"], patch["failures"]) == ("UpForRetry", told(10), {"infrastructure": 1})


def test_a_fourth_eviction() -> None:
    """That budget has an end too."""
    status = {**attempts(1, 2, 3), "failures": {"infrastructure": 3}}
    evicted = pod({"phase": "Failed", "reason": "Evicted"}, attempt=4)
    assert written(decide_task(task_snapshot(status, (evicted,)), after(11)))["state"] == "Failed"


def test_a_launch_that_was_given_up() -> None:
    """The kubelet's reason is lost with the Pod, but the status told it."""
    said = {"state": "Queued", "waitingFor": [{"reason": "ImagePull", "message": "ErrImagePull: not found"}]}
    given_up = pod({"phase": "Failed"}, **GOING)
    patch = written(decide_task(task_snapshot(said, (given_up,)), after(302)))
    assert (patch["state"], patch["reason"], patch["message"]) == ("UpForRetry", "ImagePull", "ErrImagePull: not found")
    assert patch["failures"] == {"launch": 1}


def test_an_image_of_no_name_that_was_given_up() -> None:
    """It is final although launches are left."""
    said = {"state": "Queued", "waitingFor": [{"reason": "ImagePull", "message": "InvalidImageName: bad"}]}
    patch = written(decide_task(task_snapshot(said, (pod({"phase": "Failed"}, **GOING),)), after(9)))
    assert (patch["state"], patch["reason"]) == ("Failed", "InvalidImageName")


def test_exit_code_99() -> None:
    """The task is skipped, whatever its retries."""
    decision = decide_task(task_snapshot(pods=(pod(exited(99)),), spec=RETRIED), after(11))
    assert (written(decision)["state"], written(decision)["exitCode"]) == ("Skipped", 99)
    assert kinds(decision) == ["WriteStatus"]


@pytest.mark.parametrize(
    ("snapshot", "state", "reason"),
    [
        (task_snapshot(pods=(pod(exited(143), **GOING),), **cancelled()), "Failed", "Cancelled"),
        (task_snapshot(pods=(pod(exited(143), **GOING),), spec=QUICK), "Skipped", "TimedOut"),
        (
            task_snapshot(pods=(pod(exited(0, "Completed", phase="Succeeded"), **GOING),), **cancelled()),
            "Success",
            None,
        ),
        (task_snapshot(pods=(pod(exited(3)),), **cancelled()), "Failed", "Error"),
    ],
)
def test_a_pod_that_ended_as_its_run_ends(snapshot: TaskSnapshot, state: str, reason: str | None) -> None:
    """What we stopped did not fail by itself; what succeeded or failed before that did so; nothing is tried again."""
    patch = written(decide_task(snapshot, after(60)))
    assert (patch["state"], patch["reason"]) == (state, reason or "Completed")
    assert patch.get("retryAt") is None
    assert "failures" not in patch or reason == "Error"


def test_more_attempts_than_are_kept() -> None:
    """The oldest results leave the status; numbers go on."""
    status = {**attempts(*range(1, 11)), "failures": {"application": 10}}
    spec = drawn_spec("a", {"a": {"retries": 100}})
    patch = written(decide_task(task_snapshot(status, (pod(exited(1), attempt=11),), spec), after(11)))
    assert [attempt["number"] for attempt in patch["attempts"]] == list(range(2, 12))


def test_a_failure_is_accounted_once() -> None:
    """A Pod whose result is kept says nothing any more."""
    status = {**attempts(1), "state": "UpForRetry", "retryAt": told(60), "failures": {"application": 1}}
    snapshot = task_snapshot(status, (pod(exited(3)),), RETRIED, candidate=None)
    assert kinds(decide_task(snapshot, after(12))) == ["ReleasePod"]


# ---- the end, and orphans ------------------------------------------------------------------------------------------


def test_a_late_pod_of_a_task_that_is_over() -> None:
    """It is ended at once and released, as nobody waits for its result."""
    late = pod(STARTED, attempt=2)
    status = {**attempts(1), "state": "Failed"}
    decision = decide_task(task_snapshot(status, (pod(exited(3), finalizers=[]), late)), after(9))
    assert decision == Decision((DeletePod(late.meta, 0), ReleasePod(late.meta, log_of=late)))


@pytest.mark.parametrize(
    "more",
    [
        {"run": None},
        {"run": run(deletionTimestamp=told(5))},
        {"revision": None},
        {"task_run": task_run("ghost")},
    ],
)
def test_nothing_can_be_judged(more: dict[str, Any]) -> None:
    """A task whose run is gone or going, whose revision was not seen, or that is none of the run's, is left alone."""
    assert decide_task(task_snapshot(pods=(pod(STARTED),), admitted=True, **more), after(60)) == Decision()


def test_a_task_run_that_is_being_deleted() -> None:
    """It is left alone, and its Pod let go before its end, which a deletion in the foreground waits for."""
    going, held = task_run("a", deletionTimestamp=told(5)), pod(STARTED)
    decision = decide_task(task_snapshot(pods=(held,), admitted=True, task_run=going), after(60))
    assert decision == Decision((ReleasePod(held.meta, log_of=held),))


@pytest.mark.parametrize(("orphan", "released"), [(pod(STARTED), True), (pod(STARTED, finalizers=[]), False)])
def test_a_pod_without_a_task_run(orphan: Pod, released: bool) -> None:
    """It is released if we hold it."""
    actions = (ReleasePod(orphan.meta, log_of=orphan),) if released else ()
    assert decide_orphan(OrphanSnapshot(orphan)) == Decision(actions)
