"""Timers: one for each question, and no heap of those that were replaced."""

from datetime import timedelta

from controller.model.metadata import Key
from controller.observe.due import Due, Question
from controller.timers import STALE_KEPT, Timers
from tests.decide.objects import NOW

A, B = (Due(Question.TASK, Key("team", name)) for name in "ab")
LATER = timedelta(seconds=10)


def test_the_earlier_time_counts() -> None:
    """A later one changes nothing, and each question comes once."""
    timers = Timers()
    timers.wake(A, NOW + 2 * LATER)
    timers.wake(B, NOW + LATER)
    timers.wake(A, NOW)
    timers.wake(A, NOW + LATER)
    assert timers.next_at == NOW
    assert list(timers.come(NOW + LATER)) == [A, B]
    assert timers.next_at is None
    assert list(timers.come(NOW + 3 * LATER)) == []


def test_a_dropped_timer() -> None:
    """It does not come, unless it is set anew, and then once."""
    timers = Timers()
    timers.wake(A, NOW)
    timers.drop(A)
    assert timers.next_at is None
    timers.wake(B, NOW)
    timers.drop(B)
    timers.wake(B, NOW)
    assert list(timers.come(NOW)) == [B]


def test_many_tasks_of_a_run_with_a_deadline_far_away() -> None:
    """Those that have ended leave nothing behind."""
    timers = Timers()
    for number in range(5 * STALE_KEPT):
        task = Due(Question.TASK, Key("team", f"t{number}"))
        timers.wake(task, NOW + 100 * LATER)
        timers.drop(task)
    assert len(timers) <= STALE_KEPT + 1
    assert timers.next_at is None
