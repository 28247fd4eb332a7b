"""What was last seen of something outside, and what is wanted of it -> done, another look in its time, or time is up.

    seen, and `expect` is true         Success, also when it is late
    timeout, from the first look       Failed for good with reason SensorTimeout; with softFail Skipped
    interval since the last look       look again; so also right after a restart, which forgets what was seen
    else                               wait, and tell the last trouble

A look that finds nothing, and an expression that can't be worked out on what is there, are no errors: they are why the
task still waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from controller.decide.expressions import ExpressionFault, evaluate_expression, steps_at_most
from controller.decide.task.case import Case, template_values
from controller.decide.task.podless.answer import Answer, failed, skipped, succeeded
from controller.model.action import Look, ObjectName, Url
from controller.model.durations import format_seconds
from controller.model.kinds import Poll
from controller.model.outside import Sight

INTERVAL: Final = timedelta(seconds=60)
TIMEOUT: Final = timedelta(days=7)
MOST_STEPS: Final = 1_000_000
"""So many take half a second, for which nothing else is scheduled."""


@dataclass(frozen=True, slots=True)
class Sensed:
    """Something that is looked at."""

    reason: str
    """What the task waits for, in a CamelCase word."""
    name: str
    """What it is, for people."""
    at: Url | ObjectName
    poll: Poll
    expect: str
    """CEL over what is seen, and params, run, dag and item."""
    output: Callable[[Mapping[str, Any]], Any]
    """What is seen -> the task's output."""
    unlike: Callable[[Mapping[str, Any]], str]
    """What is seen, and not as wanted -> that in words."""


def judge_sensed(case: Case, begun_at: datetime, sensed: Sensed) -> Answer:
    """Where the sensor stands."""
    sight = sight_of(case)
    seen = sight.values if sight is not None else None
    trouble = "" if sight is None else sight.trouble
    if seen is not None:
        unlike = _unlike(case, sensed, seen)
        if unlike is None:
            return succeeded("AsWanted", f"{sensed.name} is as wanted", sensed.output(seen))
        trouble = trouble or unlike
    deadline = begun_at + (sensed.poll.timeout or TIMEOUT)
    if case.now >= deadline:
        return time_is_up(sensed.poll, f"{sensed.name} was not as wanted", trouble)
    message = f"Waiting for {sensed.name}: {trouble}" if trouble else "" if sight else f"Waiting for {sensed.name}"
    next_at = case.now if sight is None else sight.at + (sensed.poll.interval or INTERVAL)
    if case.now < next_at:
        return Answer(reason=sensed.reason, message=message, wake_at=min(deadline, next_at))
    task_run = case.snapshot.task_run
    look = Look(task_run.meta, task_run.ended_attempts + 1, sensed.at)
    again_at = min(deadline, case.now + (sensed.poll.interval or INTERVAL))
    return Answer(reason=sensed.reason, message=message, wake_at=again_at, actions=(look,))


def sight_of(case: Case) -> Sight | None:
    """What the last look of this attempt saw."""
    sight = case.snapshot.outside.sight
    return sight if sight is not None and sight.attempt == case.snapshot.task_run.ended_attempts + 1 else None


def time_is_up(poll: Poll, what: str, trouble: str) -> Answer:
    """The end of a sensor that has waited long enough."""
    span = format_seconds((poll.timeout or TIMEOUT).total_seconds())
    message = f"{what} within {span}: {trouble}" if trouble else f"{what} within {span}"
    return (skipped if poll.soft_fail else failed)("SensorTimeout", message)


def _unlike(case: Case, sensed: Sensed, seen: Mapping[str, Any]) -> str | None:
    """Why what is seen is not as wanted; None when it is."""
    if steps_at_most(sensed.expect, seen) > MOST_STEPS:
        return "too much was found for the loops in expect"
    try:
        holds = evaluate_expression(sensed.expect, {**template_values(case, ()), **seen})
    except ExpressionFault as fault:
        return str(fault)
    if holds is True:
        return None
    return sensed.unlike(seen) if holds is False else f"expect gives {str(holds)[:60]!r}, not true or false"
