"""A plan -> alerts that would never be sent as they are meant, and deadlines that can't be worked out."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from controller.decide.alerts.values import ALERT_NAMES, Facts, values_of
from controller.decide.render import names_in, render
from controller.decide.render_faults import RenderFault
from controller.decide.validity.fault import Fault
from controller.model.alerts import (
    DEADLINE_EVENTS,
    TASK_EVENTS,
    Alert,
    AlertEvent,
    AlertRecord,
    Deadline,
    DeadlineReference,
)
from controller.model.durations import parse_duration
from controller.model.metadata import Key
from controller.model.plan import Plan
from controller.model.timestamps import parse_time

_TIME_OF_DAY: Final = len("07:30")
_EXAMPLE: Final = Facts(
    AlertRecord(key="", alert="", event=AlertEvent.RUN_FAILED, after=datetime(2026, 1, 1, tzinfo=UTC)), Key("", "")
)
"""No alert at all, but with all names that a template may read."""


def _names(plan: Plan) -> Iterator[Fault]:
    yield from _doubled("alerts", plan.spec.alerts or ())
    yield from _doubled("deadlines", plan.spec.deadlines)


def _doubled(field: str, named: Sequence[Alert] | Sequence[Deadline]) -> Iterator[Fault]:
    names = [each.name for each in named]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Fault(f"spec.{field}[{place}].name", f"{name} is taken by spec.{field}[{names.index(name)}]")


def _events(plan: Plan) -> Iterator[Fault]:
    for place, alert in enumerate(plan.spec.alerts or ()):
        path = f"spec.alerts[{place}]"
        if not plan.spec.deadlines and DEADLINE_EVENTS & set(alert.events):
            told = next(event.value for event in alert.events if event in DEADLINE_EVENTS)
            yield Fault(f"{path}.events", f"tells of {told}, but the Dag has no deadlines")
        at_risk = any(each.at_risk is not None for each in plan.spec.deadlines)
        if plan.spec.deadlines and not at_risk and AlertEvent.DEADLINE_AT_RISK in alert.events:
            yield Fault(f"{path}.events", "tells of deadlineAtRisk, but no deadline says atRisk")
        if alert.tasks and not TASK_EVENTS & set(alert.events):
            yield Fault(f"{path}.tasks", "goes with taskFailed, taskRetried and taskSucceeded alone")
        for number, name in enumerate(alert.tasks):
            if name not in plan.tasks and name not in plan.grouping.members:
                yield Fault(f"{path}.tasks[{number}]", f"{name} is no task and no group")


def _templates(plan: Plan) -> Iterator[Fault]:
    for place, alert in enumerate(plan.spec.alerts or ()):
        for field in ("title", "message"):
            fault = _template_fault(getattr(alert, field) or "")
            if fault:
                yield Fault(f"spec.alerts[{place}].{field}", fault)


def _template_fault(text: str) -> str:
    """What is wrong with a template; one that reads params is known only once they are."""
    try:
        if "params" not in names_in(text, ALERT_NAMES):
            render(text, values_of(_EXAMPLE, ""), ALERT_NAMES)
    except RenderFault as fault:
        return str(fault)
    return ""


def _deadlines(plan: Plan) -> Iterator[Fault]:
    for place, deadline in enumerate(plan.spec.deadlines):
        for field, message in _deadline_faults(plan, deadline):
            yield Fault(f"spec.deadlines[{place}].{field}", message)


def _deadline_faults(plan: Plan, deadline: Deadline) -> Iterator[tuple[str, str]]:
    reference, is_fixed = deadline.reference, deadline.reference is DeadlineReference.FIXED
    if is_fixed and deadline.at is None:
        yield "at", "is needed with reference fixed, such as 07:30"
    elif not is_fixed and deadline.at is not None:
        yield "at", "goes with reference fixed alone"
    elif deadline.at is not None and len(deadline.at) != _TIME_OF_DAY:
        try:
            parse_time(deadline.at)
        except ValueError as error:
            yield "at", f"{error}, or a time of day as 07:30"
    if deadline.within is None and not is_fixed and reference is not DeadlineReference.AVERAGE_RUNTIME:
        yield "within", f"is needed with reference {reference.value}, such as 2h"
    if deadline.at_risk is not None and not deadline.at_risk.endswith("%"):
        yield from _risk_faults(deadline, deadline.at_risk)


def _risk_faults(deadline: Deadline, at_risk: str) -> Iterator[tuple[str, str]]:
    try:
        before = parse_duration(at_risk)
    except ValueError as error:
        yield "atRisk", str(error)
        return
    counts = deadline.reference not in (DeadlineReference.FIXED, DeadlineReference.AVERAGE_RUNTIME)
    if counts and deadline.within is not None and before >= deadline.within:
        yield "atRisk", f"is {at_risk} before the deadline, which is no later than what it counts from"


JUDGES: Final = (_names, _events, _templates, _deadlines)
