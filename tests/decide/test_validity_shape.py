"""Validity: what the models refuse, as the whole list of sentences that the user reads."""

from typing import Any

import pytest

from controller.model.task import TriggerRule
from tests.decide.judged import TASK, faults, task

LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

SHAPES: dict[str, tuple[Any, list[str]]] = {
    "nothing": ({}, ["spec.tasks: is required"]),
    "no tasks": ({"tasks": []}, ["spec.tasks: needs at least one item"]),
    "tasks as a map": (
        {"tasks": {"a": TASK}},
        ["spec.tasks: must be a list, but it is {'a': {'command': ['true'], 'name': 'a'}}"],
    ),
    "an unknown field": (
        {**task(), "task": 1, "tasksX": 2},
        ["spec.task: is not a field that exists here", "spec.tasksX: is not a field that exists here"],
    ),
    "a field in Python's spelling": (
        task(depends_on=[]) | {"run_timeout": "1h"},
        [
            "spec.tasks[0].depends_on: is not a field that exists here",
            "spec.run_timeout: is not a field that exists here",
        ],
    ),
    "an unknown field within": (
        {**task(), "schedule": {"cron": "@daily", "zone": "UTC", "dst": {"hole": "shift"}}},
        [
            "spec.schedule.dst.hole: is not a field that exists here",
            "spec.schedule.zone: is not a field that exists here",
        ],
    ),
    "a name that is no label": (task(name="A_b"), [f"spec.tasks[0].name: 'A_b' does not match {LABEL}"]),
    "a name that is too long": (
        task(name="a" * 64),
        ["spec.tasks[0].name: string should have at most 63 characters, but it is '" + "a" * 58 + "…"],
    ),
    "no name": ({"tasks": [{"noop": {}}]}, ["spec.tasks[0].name: is required"]),
    "two tasks, both wrong": (
        {"tasks": [{**TASK, "x": 1}, {"name": "b", "image": 3}]},
        [
            "spec.tasks[0].x: is not a field that exists here",
            "spec.tasks[1].image: input should be a valid string, but it is 3",
        ],
    ),
    "a number as text": (task(retries="2"), ["spec.tasks[0].retries: input should be a valid integer, but it is '2'"]),
    "a number out of bounds": (
        task(retries=-1),
        ["spec.tasks[0].retries: input should be greater than or equal to 0, but it is -1"],
    ),
    "a backoff as text": (
        task(retryBackoff="2"),
        ["spec.tasks[0].retryBackoff: input should be a valid number, but it is '2'"],
    ),
    "text as a boolean": (
        {**task(), "schedule": {"cron": "@daily", "catchup": "yes"}},
        ["spec.schedule.catchup: input should be a valid boolean, but it is 'yes'"],
    ),
    "a duration that is none": (
        task(timeout="90"),
        ["spec.tasks[0].timeout: '90' is not a duration: write a whole number and s, m, h or d, such as 90s or 6h"],
    ),
    "a duration that is a number": (
        task(timeout=90),
        ["spec.tasks[0].timeout: is not a duration: write text such as 90s or 6h"],
    ),
    "a time without an offset": (
        {**task(), "schedule": {"cron": "@daily", "start": "2026-01-01T00:00:00"}},
        ["spec.schedule.start: '2026-01-01T00:00:00' is not a time: write it as 2026-01-31T06:00:00Z"],
    ),
    "a time before the year 1": (
        {**task(), "schedule": {"cron": "@daily", "start": "0001-01-01T00:00:00+05:00"}},
        ["spec.schedule.start: '0001-01-01T00:00:00+05:00' is before the year 1 or after 9999 in UTC"],
    ),
    "a trigger rule that is none": (
        task(triggerRule="all_sucess"),
        [
            "spec.tasks[0].triggerRule: 'all_sucess' is not one of "
            + ", ".join(f"'{rule}'" for rule in list(TriggerRule)[:-1])
            + " or 'always'"
        ],
    ),
    "a quantity that is a fraction": (
        task(resources={"limits": {"cpu": 0.5}}),
        [
            "spec.tasks[0].resources.limits.cpu: is not a quantity: write a whole number, "
            "or text such as '0.5', 500m or 1Gi"
        ],
    ),
    "a pod fragment that is text": (
        task(pod="x"),
        ["spec.tasks[0].pod: must be an object, but it is 'x'"],
    ),
    "a command that is text": (
        {"tasks": [{"name": "a", "command": "true"}]},
        ["spec.tasks[0].command: must be a list, but it is 'true'"],
    ),
    "a schedule that is text": (
        {**task(), "schedule": "@daily"},
        ["spec.schedule: must be an object, but it is '@daily'"],
    ),
    "too many tags": ({**task(), "tags": ["x"] * 51}, ["spec.tags: has more than 50 items"]),
    "too large": (
        task(args=["x" * 1_000_001]),
        ["spec: is 1,000,056 bytes as JSON, more than 1,000,000: move scripts into images, or split the Dag"],
    ),
}


@pytest.mark.parametrize(("spec", "told"), SHAPES.values(), ids=SHAPES)
def test_a_shape_that_is_wrong(spec: Any, told: list[str]) -> None:
    """Every fault is told, with its path."""
    assert faults(spec) == told


@pytest.mark.parametrize("spec", [3, "text", [], None, True])
def test_a_spec_that_is_no_object(spec: Any) -> None:
    """That is one fault, at the spec itself."""
    assert [fault.split(",")[0] for fault in faults(spec)] == ["spec: must be an object"]
