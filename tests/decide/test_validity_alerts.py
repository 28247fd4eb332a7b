"""Alerts and deadlines that could not be meant so: each fault in one sentence, at its place."""

from typing import Any

import pytest

from controller.decide.validity import judge_spec
from controller.model.dag import canonical_json

ALERT = {"name": "on-call", "events": ["runFailed"], "targets": ["chat"]}
DEADLINE = {"name": "soon", "reference": "queuedAt", "within": "1h"}


def faults(alerts: Any = None, deadlines: Any = (), **spec: Any) -> list[str]:
    """What is said of a Dag with these."""
    written = {"tasks": [{"name": "load", "script": "true"}], "deadlines": list(deadlines), **spec}
    if alerts is not None:
        written["alerts"] = alerts
    return [str(fault) for fault in judge_spec(canonical_json(written)).faults]


@pytest.mark.parametrize(
    "alert",
    [
        {},
        {"events": ["taskFailed", "dagInvalid"], "tasks": ["load"]},
        {"title": "{{ dag.name }}: {{ run.state | upper }}", "message": "{{ task.lines }}{{ alert.text }}"},
        {"message": "{{ params.whatever | upper }} since {{ deadline.at }}"},
    ],
)
def test_alerts_that_are_fine(alert: dict[str, Any]) -> None:
    """There is nothing to say of them."""
    assert faults([ALERT | alert]) == []


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ({"events": ["runBroken"]}, "spec.alerts[0].events[0]: 'runBroken' is not one of"),
        ({"events": []}, "spec.alerts[0].events: needs at least one item"),
        ({"targets": []}, "spec.alerts[0].targets: needs at least one item"),
        ({"targets": ["a b"]}, "spec.alerts[0].targets[0]: 'a b' does not match"),
        ({"tasks": ["load"]}, "spec.alerts[0].tasks: goes with taskFailed, taskRetried and taskSucceeded alone"),
        ({"events": ["taskFailed"], "tasks": ["ghost"]}, "spec.alerts[0].tasks[0]: ghost is no task and no group"),
        (
            {"events": ["deadlineMissed"]},
            "spec.alerts[0].events: tells of deadlineMissed, but the Dag has no deadlines",
        ),
        ({"title": "{{ run.nmae }}"}, 'spec.alerts[0].title: "{{ run.nmae }}" can\'t be filled in'),
        ({"title": "{{ tasks.load.output }}"}, 'spec.alerts[0].title: "{{ tasks.load.output }}" uses tasks; known are'),
        ({"message": "{% for x in y %}{% endfor %}"}, "spec.alerts[0].message: "),
    ],
)
def test_an_alert_with_a_fault(alert: dict[str, Any], said: str) -> None:
    """It would never be sent, or not as it is meant."""
    (fault,) = faults([ALERT | alert])
    assert fault.startswith(said)


def test_a_risk_that_no_deadline_has() -> None:
    """An alert about it would never come."""
    alert = ALERT | {"events": ["deadlineAtRisk"]}
    assert faults([alert], [DEADLINE]) == [
        "spec.alerts[0].events: tells of deadlineAtRisk, but no deadline says atRisk"
    ]
    assert faults([alert], [DEADLINE | {"atRisk": "10m"}]) == []


def test_names_that_are_taken() -> None:
    """Alerts and deadlines are told apart by their names."""
    assert faults([ALERT, ALERT], [DEADLINE, DEADLINE]) == [
        "spec.alerts[1].name: on-call is taken by spec.alerts[0]",
        "spec.deadlines[1].name: soon is taken by spec.deadlines[0]",
    ]


def test_nobody_and_the_default() -> None:
    """Both are fine: an empty list opts out."""
    assert faults([]) == faults() == []


@pytest.mark.parametrize(
    "deadline",
    [
        DEADLINE,
        DEADLINE | {"reference": "startedAt", "atRisk": "80%"},
        {"name": "d", "reference": "averageRuntime", "atRisk": "5m"},
        {"name": "d", "reference": "fixed", "at": "07:30", "atRisk": "2d"},
        {"name": "d", "reference": "fixed", "at": "2026-01-31T06:00:00+01:00", "within": "5m"},
    ],
)
def test_deadlines_that_are_fine(deadline: dict[str, Any]) -> None:
    """There is nothing to say of them."""
    assert faults(deadlines=[deadline]) == []


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        ({"reference": "logicalDate"}, "within: is needed with reference logicalDate, such as 2h"),
        ({"reference": "fixed"}, "at: is needed with reference fixed, such as 07:30"),
        ({"reference": "queuedAt", "within": "1h", "at": "07:30"}, "at: goes with reference fixed alone"),
        ({"reference": "fixed", "at": "25:00"}, "at: '25:00' does not match"),
        ({"reference": "fixed", "at": "2026-01-31T06:00"}, "at: '2026-01-31T06:00' is not a time"),
        ({"reference": "queuedAt", "within": "1h", "atRisk": "1h"}, "atRisk: is 1h before the deadline"),
        ({"reference": "queuedAt", "within": "1h", "atRisk": "20000d"}, "atRisk: '20000d' is longer than"),
        ({"reference": "queuedAt", "within": "1h", "atRisk": "0%"}, "atRisk: '0%' does not match"),
        ({"reference": "averageRuntime", "runs": 0}, "runs: "),
        ({"reference": "birthday", "within": "1h"}, "reference: 'birthday' is not one of"),
    ],
)
def test_a_deadline_with_a_fault(deadline: dict[str, Any], said: str) -> None:
    """It could not be worked out."""
    (fault,) = faults(deadlines=[{"name": "d", **deadline}])
    assert fault.startswith(f"spec.deadlines[0].{said}")
