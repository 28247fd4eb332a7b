"""A failed attempt and what is left of the budgets -> when to try again, or not at all.

    fault            budget                   wait
    Application      retries                  retryDelay, with backoff, at most maxRetryDelay
    Infrastructure   infrastructureRetries    none
    Launch           launchRetries            none
    Cancelled        none

With a multiplier m the base is max(1, ceil(delay x m^(try-1))) seconds, and the wait lies in [base, 2 x base), spread
by a hash of Dag, task, logical date and try, so that it is the same whenever it is computed; then it is cut to 86,400 s
and to maxRetryDelay. Source: Airflow 3.3 `TaskInstance.next_retry_datetime`.
"""

import hashlib
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from controller.model.plan import PlannedTask
from controller.model.taskrun import Failures, Fault

MAX_DELAY_SECONDS: Final = 86_400

_BUDGETS: Final[dict[Fault, Callable[[PlannedTask, Failures], int]]] = {
    Fault.APPLICATION: lambda task, spent: task.retries - spent.application,
    Fault.INFRASTRUCTURE: lambda task, spent: task.infrastructure_retries - spent.infrastructure,
    Fault.LAUNCH: lambda task, spent: task.launch_retries - spent.launch,
    Fault.CANCELLED: lambda task, spent: -1,
}


def add_failure(failures: Failures, fault: Fault) -> Failures:
    """The spent budgets with one more failure of this kind."""
    field = fault.value.lower()
    if fault is Fault.CANCELLED:
        return failures
    return failures.model_copy(update={field: getattr(failures, field) + 1})


def may_retry(task: PlannedTask, fault: Fault, spent: Failures) -> bool:
    """Whether the budget of this fault allows another attempt; `spent` counts the attempt that just failed."""
    return _BUDGETS[fault](task, spent) >= 0


def retry_delay(task: PlannedTask, fault: Fault, application_failures: int, seed: str) -> timedelta:
    """The wait before the next attempt; `seed` names Dag, task and logical date."""
    if fault is not Fault.APPLICATION:
        return timedelta(0)
    delay = task.retry_delay.total_seconds()
    multiplier = task.settings.retry_backoff
    if multiplier is not None and multiplier != 1:
        delay = _spread(delay, multiplier, application_failures, seed)
    return at_most(task, timedelta(seconds=min(delay, MAX_DELAY_SECONDS)))


def at_most(task: PlannedTask, delay: timedelta) -> timedelta:
    """The wait, cut to a day and to maxRetryDelay."""
    return min(delay, timedelta(seconds=MAX_DELAY_SECONDS), task.max_retry_delay)


def _spread(delay: float, multiplier: float, failures: int, seed: str) -> float:
    try:
        base = max(1, math.ceil(delay * multiplier ** (failures - 1)))
    except OverflowError:
        return MAX_DELAY_SECONDS
    digest = int(hashlib.sha1(f"{seed}#{failures}".encode(), usedforsecurity=False).hexdigest(), 16)
    return base + digest % base
