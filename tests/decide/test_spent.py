"""Pods that go before their run: when, and never one that is held or at work."""

from typing import Any

import pytest

from controller.decide.task import decide_task
from controller.model.action import Collect, Decision, Kind, ReleasePod
from controller.model.pod import Pod
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, container, exited, pod, task_snapshot, told

SPEC = {**drawn_spec("a"), "retention": {"pods": {"succeededFor": "1m", "failedFor": "1h"}}}
ACCOUNT = {"number": 1, "pod": "etl-1-a-1", "state": "Success", "finishedAt": told(10)}


def decided(pods: tuple[Pod, ...], seconds: float, **more: Any) -> Decision:
    """What becomes of a task whose first attempt is accounted for."""
    status = {"state": "Success", "try": 1, "attempts": [ACCOUNT]}
    return decide_task(task_snapshot(status, pods, **{"spec": SPEC, **more}), after(seconds))


def collected(decision: Decision) -> list[tuple[Kind, str]]:
    """What is deleted."""
    return [(each.kind, each.meta.name) for each in decision.actions if isinstance(each, Collect)]


SUCCEEDED = exited(0, "Completed", phase="Succeeded")


@pytest.mark.parametrize(
    ("status", "seconds", "wake_at"), [(SUCCEEDED, 70, 70), (exited(1), 3610, 3610), ({"phase": "Failed"}, 3600, 3600)]
)
def test_when_a_pod_goes(status: Any, seconds: float, wake_at: float) -> None:
    """So long after its end, by how it ended; one without a container counts from its creation."""
    released = pod(status, finalizers=[])
    before = decided((released,), seconds - 1)
    assert (collected(before), before.wake_at) == ([], after(wake_at))
    then = decided((released,), seconds)
    assert (collected(then), then.wake_at) == ([(Kind.POD, "etl-1-a-1")], None)


def test_a_pod_that_is_held() -> None:
    """It is released first, and looked at again soon."""
    decision = decided((pod(SUCCEEDED),), 100)
    assert collected(decision) == []
    assert any(isinstance(each, ReleasePod) for each in decision.actions)
    assert decision.wake_at == after(105)


def test_pods_that_stay() -> None:
    """One that is being deleted, or whose attempt is not accounted for, is left."""
    going = pod(SUCCEEDED, finalizers=[], deletionTimestamp=told())
    late = pod({"phase": "Running", **container({"running": {"startedAt": told(5)}})}, attempt=2, finalizers=[])
    assert collected(decided((going, late), 9999)) == []


def test_no_word_of_pods() -> None:
    """Pods stay as long as their run where the Dag says nothing, and where its revision is not known."""
    released = pod(SUCCEEDED, finalizers=[])
    assert decided((released,), 10**6, spec=drawn_spec("a")) == Decision()
    assert decided((released,), 10**6, revision=None) == Decision()
