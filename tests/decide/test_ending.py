"""Endings: a run that must end before its tasks have."""

from dataclasses import replace

import pytest

from controller.decide.ending import Ending, ending_of, run_deadline
from controller.model.states import TaskState
from tests.decide.drawing import drawn_plan, drawn_spec
from tests.decide.objects import after, run, running

PLAN = drawn_plan("a", runTimeout="90s")
RUNNING = running(drawn_spec("a"))


def test_nothing_ends_the_run() -> None:
    """It may go on for ever."""
    assert ending_of(RUNNING, drawn_plan("a"), after(10**6)) is None
    assert run_deadline(RUNNING, drawn_plan("a")) is None


@pytest.mark.parametrize(("seconds", "ends"), [(89, False), (90, True), (91, True)])
def test_a_run_with_a_timeout(seconds: float, ends: bool) -> None:
    """It ends at its deadline, counted from its start."""
    message = "The run took longer than its runTimeout of 1m30s"
    expected = Ending("TimedOut", message, TaskState.SKIPPED, None) if ends else None
    assert ending_of(RUNNING, PLAN, after(seconds)) == expected
    assert run_deadline(RUNNING, PLAN) == after(90)


def test_a_run_that_has_not_begun() -> None:
    """A queued run does not time out."""
    assert ending_of(run(), PLAN, after(1000)) is None


@pytest.mark.parametrize(
    ("cancel", "message", "grace"),
    [("graceful", "The run was cancelled", None), ("force", "The run was cancelled by force", 0)],
)
def test_a_cancelled_run(cancel: str, message: str, grace: int | None) -> None:
    """Its running tasks become Failed, and that comes before a timeout."""
    cancelled = replace(RUNNING, spec=run({"cancel": cancel}).spec)
    assert ending_of(cancelled, PLAN, after(1000)) == Ending(
        "Cancelled", message, TaskState.FAILED, grace, lets_teardowns=grace is None
    )
