"""Retries: budgets and waits."""

import hashlib
import math
from datetime import timedelta

import pytest

from controller.decide.retry import add_failure, may_retry, retry_delay
from controller.model.plan import PlannedTask
from controller.model.taskrun import Failures, Fault
from tests.decide.drawing import drawn_plan


def task(**fields: object) -> PlannedTask:
    """A task with these settings."""
    return drawn_plan("a", {"a": fields}).tasks["a"]


def waits(of: PlannedTask, count: int, seed: str = "etl#a#2026-01-01T00:00:00Z") -> list[float]:
    """The waits after the first failures, in seconds."""
    return [retry_delay(of, Fault.APPLICATION, failures, seed).total_seconds() for failures in range(1, count + 1)]


@pytest.mark.parametrize(
    ("fault", "budget"), [(Fault.APPLICATION, 2), (Fault.INFRASTRUCTURE, 3), (Fault.LAUNCH, 1), (Fault.CANCELLED, 0)]
)
def test_a_budget(fault: Fault, budget: int) -> None:
    """Each fault has its own; a cancelled attempt has none."""
    of = task(retries=2, launchRetries=1)
    spent, retries = Failures(), 0
    for _ in range(10):
        spent = add_failure(spent, fault)
        retries += may_retry(of, fault, spent)
    assert retries == budget


def test_budgets_do_not_mix() -> None:
    """An eviction spends none of the user's retries."""
    spent = add_failure(add_failure(Failures(application=1), Fault.INFRASTRUCTURE), Fault.LAUNCH)
    assert spent == Failures(application=1, infrastructure=1, launch=1)
    assert add_failure(spent, Fault.CANCELLED) == spent


@pytest.mark.parametrize("fault", [Fault.INFRASTRUCTURE, Fault.LAUNCH, Fault.CANCELLED])
def test_a_fault_that_is_not_the_users(fault: Fault) -> None:
    """It is tried again at once."""
    assert retry_delay(task(retryDelay="1h", retryBackoff=2), fault, 1, "seed") == timedelta(0)


def test_no_backoff() -> None:
    """Every wait is the same, by default five minutes; a multiplier of 1 is none."""
    assert waits(task(), 3) == [300, 300, 300]
    assert waits(task(retryDelay="30s", retryBackoff=1), 3) == [30, 30, 30]


@pytest.mark.parametrize("multiplier", [1.5, 2, 100])
def test_a_backoff(multiplier: float) -> None:
    """The wait is Airflow's formula: a base that grows, spread over [base, 2 x base) by a hash of the attempt."""
    seed = "etl#a#2026-01-01T00:00:00Z"
    for failures, wait in enumerate(waits(task(retryDelay="7s", retryBackoff=multiplier), 4, seed), start=1):
        base = max(1, math.ceil(7 * multiplier ** (failures - 1)))
        spread = int(hashlib.sha1(f"{seed}#{failures}".encode(), usedforsecurity=False).hexdigest(), 16) % base
        assert wait == min(86_400, base + spread)
        assert base <= wait < 2 * base or wait == 86_400


def test_two_tasks_that_fail_together() -> None:
    """They come back at different times, the same ones whenever they are computed."""
    of = task(retryDelay="1h", retryBackoff=2)
    assert waits(of, 3, "etl#a#1") != waits(of, 3, "etl#b#1")
    assert waits(of, 3, "etl#a#1") == waits(of, 3, "etl#a#1")


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ({"retryDelay": "2d"}, 86_400),
        ({"retryDelay": "10d", "maxRetryDelay": "5d"}, 86_400),
        ({"retryDelay": "1h", "maxRetryDelay": "1m"}, 60),
        ({"retryDelay": "1h", "retryBackoff": 10, "maxRetryDelay": "2h"}, 7200),
    ],
)
def test_a_longest_wait(fields: dict[str, object], most: float) -> None:
    """A wait is cut to maxRetryDelay, and to a day in any case."""
    assert max(waits(task(**fields), 6)) == most


@pytest.mark.parametrize("multiplier", [1.0000001, 2, 100])
def test_a_thousand_retries(multiplier: float) -> None:
    """The formula does not overflow."""
    assert 0 < waits(task(retries=1000, retryBackoff=multiplier), 1000)[-1] <= 86_400
