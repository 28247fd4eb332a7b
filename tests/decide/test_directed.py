"""What the run or a person says of a task that has a TaskRun: cleared, held, marked or stopped, at every point."""

from typing import Any

import pytest

from controller.decide.task import decide_task
from controller.model.action import Decision, DeletePod
from controller.model.pod import Pod
from controller.model.snapshot import TaskSnapshot
from tests.decide.objects import after, exited, kinds, pod, task_run, task_snapshot, told, written
from tests.decide.tasks import GOING, STARTED, attempts

AT_WORK: dict[str, Any] = {"state": "Running", "try": 1, "pod": "etl-1-a-1", "podUid": "uid-etl-1-a-1"}
DONE: dict[str, Any] = {
    "state": "Success",
    "try": 1,
    "output": "1",
    "attempts": [{"number": 1, "pod": "etl-1-a-1", "state": "Success", "finishedAt": told(10)}],
}
FAILED: dict[str, Any] = {
    "state": "Failed",
    "try": 2,
    "failures": {"application": 2, "infrastructure": 1, "oom": 1, "before": 3},
    "attempts": [
        {"number": 2, "pod": "etl-1-a-2", "state": "Failed", "fault": "Application", "finishedAt": told(10)},
    ],
}
LIVE, ENDED = pod(STARTED), pod(exited(143), **GOING)


def told_so(status: dict[str, Any], spec: dict[str, Any], *pods: Pod) -> TaskSnapshot:
    """Task `a` with this status, of which this is said."""
    return task_snapshot(pods=pods, task_run=task_run("a", status, {"why": "Because", **spec}), candidate=None)


CLEARED, HELD = {"round": 1}, {"round": 1, "verdict": "Hold"}
EVERY_WORD = [
    CLEARED,
    HELD,
    {"verdict": "Hold"},
    *({"verdict": verdict} for verdict in ("Success", "Failed", "Skipped", "UpstreamFailed", "Removed", "Stop")),
]


@pytest.mark.parametrize("spec", EVERY_WORD)
def test_its_pod_is_at_work(spec: dict[str, Any]) -> None:
    """The Pod is ended first, once, with its own grace; nothing is written before it has."""
    decision = decide_task(told_so(AT_WORK, spec, LIVE), after(9))
    assert decision == Decision((DeletePod(LIVE.meta, None),))
    assert decide_task(told_so(AT_WORK, spec, pod(STARTED, **GOING)), after(9)) == Decision()


@pytest.mark.parametrize(
    ("spec", "state", "reason", "attempt"),
    [
        (CLEARED, "Scheduled", None, ("Failed", "Cancelled", "Cleared")),
        (HELD, "Scheduled", None, ("Failed", "Cancelled", "Cleared")),
        ({"verdict": "Success"}, "Success", "Decided", ("Success", "Cancelled", "Decided")),
        ({"verdict": "Success", "round": 1}, "Success", "Marked", ("Success", "Cancelled", "Marked")),
        ({"verdict": "Failed", "round": 1}, "Failed", "Marked", ("Failed", "Cancelled", "Marked")),
        ({"verdict": "Skipped", "round": 1}, "Skipped", "Marked", ("Skipped", "Cancelled", "Marked")),
        ({"verdict": "UpstreamFailed"}, "UpstreamFailed", "Decided", ("UpstreamFailed", "Cancelled", "Decided")),
        ({"verdict": "Removed"}, "Removed", "Decided", ("Removed", "Cancelled", "Decided")),
        ({"verdict": "Stop"}, "Failed", "Stopped", ("Failed", "Cancelled", "Stopped")),
    ],
)
def test_its_pod_has_ended(spec: dict[str, Any], state: str, reason: str | None, attempt: tuple[str, str, str]) -> None:
    """The attempt is in the account as what it was told to be, and the task stands as it was told."""
    patch = written(decide_task(told_so(AT_WORK, spec, ENDED), after(41)))
    assert patch.get("state") == state
    assert patch.get("reason") == reason
    last = patch["attempts"][-1]
    assert (last["number"], last["state"], last["fault"], last["reason"], last["message"]) == (1, *attempt, "Because")
    assert "failures" not in patch or patch["failures"] == {"before": 1}


@pytest.mark.parametrize(
    ("spec", "state", "reason"),
    [
        ({"verdict": "Success", "round": 1}, "Success", "Marked"),
        ({"verdict": "Failed", "round": 1}, "Failed", "Marked"),
        ({"verdict": "Skipped", "round": 1}, "Skipped", "Marked"),
        ({"verdict": "UpstreamFailed"}, "UpstreamFailed", "Decided"),
        ({"verdict": "Removed"}, "Removed", "Decided"),
        ({"verdict": "Stop"}, "Skipped", "Stopped"),
    ],
)
@pytest.mark.parametrize(
    "status", [{}, {"state": "Queued"}, {**attempts(1), "state": "UpForRetry", "retryAt": told(9)}]
)
def test_it_has_no_pod(status: dict[str, Any], spec: dict[str, Any], state: str, reason: str) -> None:
    """It is as it was told, without an attempt more."""
    patch = written(decide_task(told_so(status, spec), after(9)))
    assert (patch["state"], patch["reason"], patch["finishedAt"]) == (state, reason, told(9))
    assert "attempts" not in patch
    assert [c["status"] for c in patch["conditions"] if c["type"] == "Finished"] == ["True"]


@pytest.mark.parametrize("spec", [CLEARED, HELD])
@pytest.mark.parametrize("status", [DONE, FAILED])
def test_it_had_ended_and_is_cleared(status: dict[str, Any], spec: dict[str, Any]) -> None:
    """Nothing of the last end stays, its output least of all; the account of attempts does."""
    patch = written(decide_task(told_so(status, spec), after(60)))
    assert (patch["state"], patch["round"]) == ("Scheduled", 1)
    assert patch.get("output", None) is None
    assert "attempts" not in patch
    assert "try" not in patch


@pytest.mark.parametrize(
    ("status", "failures"),
    [
        (FAILED, {"application": 0, "infrastructure": 0, "before": 5}),
        (DONE, {"before": 1}),
        ({**attempts(1), "state": "Skipped"}, {"before": 1}),
        ({"state": "Skipped"}, {}),
        ({**attempts(1), "state": "UpForRetry", "failures": {"launch": 1}}, {"launch": 0}),
    ],
)
def test_a_back_off_goes_on_after_a_clear(status: dict[str, Any], failures: dict[str, int]) -> None:
    """Budgets are whole again; the task's own tries, good or bad, make later delays longer; kills stay counted."""
    patch = written(decide_task(told_so(status, CLEARED), after(60)))
    assert patch.get("failures", {}) == failures


@pytest.mark.parametrize(
    ("status", "spec"),
    [
        ({"round": 1}, {"verdict": "Hold", "round": 1}),
        ({**DONE, "round": 1}, {"verdict": "Success", "round": 1}),
        ({**FAILED, "round": 1}, {"verdict": "Stop", "round": 1}),
        ({**DONE}, {"verdict": "Stop"}),
    ],
)
def test_what_was_told_is_done(status: dict[str, Any], spec: dict[str, Any]) -> None:
    """It is not done a second time."""
    first = decide_task(told_so(status, spec), after(60))
    assert kinds(first) in ([], ["WriteStatus"])
    assert written(first).keys() <= {"conditions"}


def test_a_try_number_is_used_once() -> None:
    """After a clear the next attempt has the number after the last."""
    cleared = {**attempts(1, 2), "state": "Scheduled", "round": 1}
    snapshot = task_snapshot(task_run=task_run("a", cleared, CLEARED), admitted=True)
    decision = decide_task(snapshot, after(60))
    assert [action.attempt for action in decision.actions] == [3]  # type: ignore[union-attr]  # it is a CreatePod
