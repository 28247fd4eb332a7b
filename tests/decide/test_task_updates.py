"""A task that updates assets: what its success records, and when it says that it was heard."""

from typing import Any

import pytest

from controller.decide.task import decide_task
from controller.model.snapshot import TaskSnapshot
from controller.model.taskrun import TaskRun
from tests.decide.drawing import drawn_spec
from tests.decide.objects import (
    after,
    exited,
    kinds,
    pod,
    revision,
    running,
    task_run,
    task_snapshot,
    told,
    written,
)

SPEC = drawn_spec("a", {"a": {"updates": ["orders", "s3://lake/x"]}})
DONE = pod(exited(0, "Completed", "", phase="Succeeded"))


def updated(number: int = 1, *assets: str) -> dict[str, Any]:
    """The account of an attempt that updated these assets."""
    return {
        "number": number,
        "pod": f"etl-1-a-{number}",
        "state": "Success",
        "finishedAt": told(10),
        "updates": list(assets),
    }


def ended(awaited: tuple[str, ...] = ("orders",), **more: Any) -> dict[str, Any]:
    """What is written as the Pod has ended."""
    return written(decide_task(task_snapshot(spec=SPEC, awaited=awaited, **{"pods": (DONE,), **more}), after(11)))


def success(*attempts: dict[str, Any], noted: int = 0) -> TaskRun:
    """The TaskRun, a success after these attempts."""
    return task_run("a", {"state": "Success", "try": len(attempts), "attempts": list(attempts), "noted": noted})


def test_a_success() -> None:
    """The update stands in the very write that says so, and waits to be heard."""
    patch = ended()
    assert patch["attempts"][0]["updates"] == ["orders", "s3://lake/x"]
    assert "noted" not in patch


def test_a_success_that_nobody_waits_for() -> None:
    """It counts as heard at once, so no later write tells so and no later Dag hears of it."""
    patch = ended(awaited=("rates",))
    assert (patch["attempts"][0]["updates"], patch["noted"]) == (["orders", "s3://lake/x"], 1)


@pytest.mark.parametrize("code", [1, 99])
def test_no_success(code: int) -> None:
    """A task that failed or was skipped has updated nothing."""
    assert "updates" not in ended(pods=(pod(exited(code)),))["attempts"][0]


def test_a_success_that_a_person_gave() -> None:
    """It updates nothing: what the task would have written is not there."""
    marked = task_run("a", {}, spec={"verdict": "Success", "round": 1})
    patch = ended(pods=(DONE,), task_run=marked)
    assert (patch["state"], "updates" in patch["attempts"][0]) == ("Success", False)


@pytest.mark.parametrize(
    ("of", "noted", "patch"),
    [
        (success(updated(1, "orders")), False, {}),
        (success(updated(1, "orders")), True, {"noted": 1}),
        (success(updated(1, "orders"), noted=1), True, {}),
        (success(updated(1, "orders"), updated(2), updated(3, "orders"), noted=1), True, {"noted": 3}),
        (success(updated(1)), True, {}),
    ],
)
def test_an_update_that_was_heard(of: TaskRun, noted: bool, patch: dict[str, Any]) -> None:
    """Once every Dag that waits for it has noted it, the TaskRun says so, and no more than once."""
    decision = decide_task(task_snapshot(spec=SPEC, task_run=of, noted=noted), after(60))
    assert written(decision) == patch


def test_a_noop() -> None:
    """With assets to update it has a TaskRun, which succeeds at its first look."""
    spec = drawn_spec("a", {"a": {"noop": {}, "updates": ["orders"]}})
    of = task_run("a", {}, spec={"kind": "noop"})
    decision = decide_task(_noop(spec, of), after(1))
    assert kinds(decision) == ["WriteStatus"]
    assert (written(decision)["state"], written(decision)["attempts"][0]["updates"]) == ("Success", ["orders"])


def _noop(spec: dict[str, Any], of: TaskRun) -> TaskSnapshot:
    return task_snapshot(spec=spec, task_run=of, awaited=("orders",), revision=revision(spec), run=running(spec))
