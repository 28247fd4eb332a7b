"""Attempts: the Pods that the API server really sends -> how the attempt ended, and whose fault it was."""

from typing import Any

import pytest

from controller.decide.attempt import Outcome, ended_at, outcome_of
from controller.model.pod import Phase, Pod
from controller.model.states import TaskState
from controller.model.taskrun import Fault
from tests.decide.objects import after, container, exited, pod, told, waiting

GOING: dict[str, Any] = {"deletionTimestamp": told(40), "deletionGracePeriodSeconds": 30}
DISRUPTED: dict[str, Any] = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}


def failed(fault: Fault, reason: str, message: str, exit_code: int | None = None, **more: Any) -> Outcome:
    """An attempt that failed."""
    return Outcome(TaskState.FAILED, reason, message, fault, exit_code, **more)


APPLICATION, INFRASTRUCTURE, LAUNCH = Fault.APPLICATION, Fault.INFRASTRUCTURE, Fault.LAUNCH

CASES: dict[str, tuple[Pod, Outcome]] = {
    "exit code 0": (
        pod(exited(0, "Completed", phase="Succeeded")),
        Outcome(TaskState.SUCCESS, "Completed", "", exit_code=0),
    ),
    "exit code 3": (
        pod(exited(3)),
        failed(APPLICATION, "Error", "The task ended with exit code 3", 3),
    ),
    "exit code 99": (
        pod(exited(99)),
        Outcome(TaskState.SKIPPED, "SkipExitCode", "The task asked to be skipped by exit code 99", exit_code=99),
    ),
    "too much memory": (
        pod(exited(137, "OOMKilled")),
        failed(APPLICATION, "OOMKilled", "The container used more memory than its limit", 137),
    ),
    "timeout": (
        pod(exited(137, reason="Error") | {"reason": "DeadlineExceeded", "message": "Pod was active too long"}),
        failed(APPLICATION, "Timeout", "The attempt ran longer than its timeout", 137),
    ),
    "timeout with exit code 99": (
        pod(exited(99) | {"reason": "DeadlineExceeded"}),
        failed(APPLICATION, "Timeout", "The attempt ran longer than its timeout", 99),
    ),
    "timeout while its image was pulled": (
        pod(waiting("ImagePullBackOff", "back-off") | {"phase": "Failed", "reason": "DeadlineExceeded"}),
        failed(APPLICATION, "Timeout", "The timeout passed before the container started: ImagePullBackOff"),
    ),
    "timeout before anything was told": (
        pod(waiting("ContainerCreating") | {"phase": "Failed", "reason": "DeadlineExceeded"}),
        failed(APPLICATION, "Timeout", "The timeout passed before the container started"),
    ),
    "command not found": (
        pod(
            {
                "phase": "Failed",
                **container(
                    {
                        "terminated": {
                            "exitCode": 128,
                            "reason": "StartError",
                            "message": 'exec: "nope": not found in $PATH',
                            "startedAt": "1970-01-01T00:00:00Z",
                            "finishedAt": told(10),
                        }
                    }
                ),
            }
        ),
        failed(APPLICATION, "StartError", 'The command could not be started: exec: "nope": not found in $PATH', 128),
    ),
    "evicted by the kubelet": (
        pod({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
        failed(INFRASTRUCTURE, "Evicted", "The node was low on resource: memory."),
    ),
    "evicted while it ran": (
        pod(exited(137) | {"reason": "Evicted", "message": "The node was low on resource: memory."}),
        failed(INFRASTRUCTURE, "Evicted", "The node was low on resource: memory."),
    ),
    "drained": (
        pod(exited(143, conditions=[DISRUPTED]), **GOING),
        failed(INFRASTRUCTURE, "EvictionByEvictionAPI", "Eviction API: evicting"),
    ),
    "drained, but done in time": (
        pod(exited(0, "Completed", phase="Succeeded", conditions=[DISRUPTED]), **GOING),
        Outcome(TaskState.SUCCESS, "Completed", "", exit_code=0),
    ),
    "not to be disrupted after all": (
        pod(exited(1, conditions=[DISRUPTED | {"status": "False"}])),
        failed(APPLICATION, "Error", "The task ended with exit code 1", 1),
    ),
    "rejected by the node": (
        pod({"phase": "Failed", "reason": "OutOfcpu", "message": "Node didn't have enough resource: cpu"}),
        failed(INFRASTRUCTURE, "OutOfcpu", "Node didn't have enough resource: cpu"),
    ),
    "node shut down": (
        pod({"phase": "Failed", "reason": "Terminated", "message": "Pod was terminated in response to shutdown."}),
        failed(INFRASTRUCTURE, "Terminated", "Pod was terminated in response to shutdown."),
    ),
    "deleted by hand while pending": (
        pod({"phase": "Pending"}, node=None, **GOING),
        failed(LAUNCH, "NeverStarted", "The Pod ended before its container started"),
    ),
    "deleted by hand while its image was pulled": (
        pod(waiting("ContainerCreating") | {"phase": "Failed"}, **GOING),
        failed(LAUNCH, "NeverStarted", "The Pod ended before its container started"),
    ),
    "deleted by hand while it ran": (
        pod(exited(143), **GOING),
        failed(INFRASTRUCTURE, "PodDeleted", "Pod etl-1-a-1 was deleted while it ran", 143),
    ),
    "no image": (
        pod(waiting("ErrImagePull", "not found:  tasks:9\n") | {"phase": "Failed"}, **GOING),
        failed(LAUNCH, "ErrImagePull", "not found: tasks:9"),
    ),
    "a name that is no image": (
        pod(waiting("InvalidImageName", "couldn't parse image name") | {"phase": "Failed"}, **GOING),
        failed(LAUNCH, "InvalidImageName", "couldn't parse image name", retriable=False),
    ),
    "unknown, with a container": (
        pod({"phase": "Failed", **container({"running": {"startedAt": told(5)}})}),
        failed(INFRASTRUCTURE, "Unknown", "The Pod ended and nothing is known of its container"),
    ),
    "success, with nothing known of the container": (
        pod({"phase": "Succeeded", **container({"running": {"startedAt": told(5)}})}),
        failed(INFRASTRUCTURE, "Unknown", "The Pod ended and nothing is known of its container"),
    ),
    "success of another container": (
        pod(
            {
                "phase": "Succeeded",
                "containerStatuses": [{"name": "side", "state": {"terminated": {"exitCode": 0}}}],
            }
        ),
        failed(LAUNCH, "NeverStarted", "The Pod ended before its container started"),
    ),
    "exit code 0 of a failed Pod": (
        pod(exited(0, reason="")),
        failed(APPLICATION, "Error", "The task ended with exit code 0", 0),
    ),
}


@pytest.mark.parametrize(("of", "outcome"), CASES.values(), ids=CASES)
def test_a_pod_that_ended(of: Pod, outcome: Outcome) -> None:
    """The outcome names the state, whose fault it was, and why in one sentence."""
    assert of.has_ended
    assert outcome_of(of, (99,)) == outcome


@pytest.mark.parametrize(
    ("codes", "of", "state"),
    [
        ((), pod(exited(99)), TaskState.FAILED),
        ((3, 4), pod(exited(4)), TaskState.SKIPPED),
        ((3, 4), pod(exited(99)), TaskState.FAILED),
        ((0,), pod(exited(0, "Completed", phase="Succeeded")), TaskState.SUCCESS),
        ((143,), pod(exited(143), **GOING), TaskState.FAILED),
        ((137,), pod(exited(137) | {"reason": "DeadlineExceeded"}), TaskState.FAILED),
    ],
)
def test_other_codes_that_ask_to_be_skipped(codes: tuple[int, ...], of: Pod, state: TaskState) -> None:
    """They skip a task that ended by itself: not one that succeeded, was deleted, or took too long."""
    assert outcome_of(of, codes).state is state


def test_a_pod_that_is_gone() -> None:
    """A Pod that vanished before its result was kept is nobody's success."""
    gone = pod({"phase": "Gone", **container({"running": {"startedAt": told(5)}})})
    message = "Pod etl-1-a-1 vanished before its result was kept"
    assert gone.phase is Phase.GONE
    assert outcome_of(gone, ()) == failed(INFRASTRUCTURE, "PodLost", message)


def test_a_long_message() -> None:
    """It is one line of at most 1,000 characters, as the status must stay small."""
    outcome = outcome_of(pod({"phase": "Failed", "reason": "Evicted", "message": "x\n" * 2000}), ())
    assert len(outcome.message) == 1000
    assert outcome.message.endswith("x…") or outcome.message.endswith(" …")
    assert "\n" not in outcome.message


# ---- the end -------------------------------------------------------------------------------------------------------


def test_the_container_told_its_end() -> None:
    """That is the end of the attempt."""
    assert ended_at(pod(exited(0)), after(60)) == after(10)


def test_only_the_deletion_is_known() -> None:
    """The end is when it was asked for, not when the grace period is over."""
    assert ended_at(pod({"phase": "Failed"}, **GOING), after(60)) == after(10)


def test_nothing_is_known_of_the_end() -> None:
    """The end is when it was seen."""
    assert ended_at(pod({"phase": "Failed"}), after(60)) == after(60)
