"""Plans: what a task's settings come to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from controller.model.dag import DagSpec
from controller.model.plan import BUILT_IN, Plan, build_plan
from controller.model.task import TaskSettings, TriggerRule, WeightRule


def plan(tasks: list[dict[str, Any]], **spec: Any) -> Plan:
    """The plan of these tasks."""
    return build_plan(DagSpec.model_validate({"tasks": tasks, **spec}))


def test_a_task_that_says_nothing() -> None:
    """It has what the manual calls the defaults."""
    task = plan([{"name": "a", "noop": {}}]).tasks["a"]
    assert (task.name, task.is_at_once) == ("a", True)
    assert (task.trigger_rule, task.retries, task.infrastructure_retries, task.launch_retries) == (
        TriggerRule.ALL_SUCCESS,
        0,
        3,
        3,
    )
    assert (task.retry_delay, task.max_retry_delay, task.launch_timeout) == (
        timedelta(minutes=5),
        timedelta(days=1),
        timedelta(minutes=5),
    )
    assert (task.pool, task.pool_slots, task.weight, task.weight_rule) == ("default", 1, 1, WeightRule.DOWNSTREAM)
    silent = {"image", "env_from", "resources", "timeout", "pod", "service_account_name", "retry_backoff"}
    assert all(getattr(task.settings, name) is None for name in silent)


def test_a_setting_said_in_both_places() -> None:
    """The task's own wins over the Dag's defaults, field by field."""
    tasks: list[dict[str, Any]] = [
        {"name": "a", "command": ["x"], "retries": 0},
        {"name": "b", "command": ["x"], "pool": "own"},
    ]
    found = plan(tasks, defaults={"retries": 5, "pool": "shared", "timeout": "1h"}).tasks
    assert [(task.retries, task.pool, task.settings.timeout) for task in found.values()] == [
        (0, "shared", timedelta(hours=1)),
        (5, "own", timedelta(hours=1)),
    ]


def test_variables_of_both_places() -> None:
    """They are joined by name; the task's own win and keep the place."""
    defaults = {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}
    task = {"name": "a", "noop": {}, "env": [{"name": "C", "value": "3"}, {"name": "A", "value": "9"}]}
    env = plan([task], defaults=defaults).tasks["a"].settings.env or ()
    assert [(variable.name, variable.value) for variable in env] == [("A", "9"), ("B", "2"), ("C", "3")]


def test_a_fragment_in_both_places() -> None:
    """It is one setting like any other: the task's replaces that of the defaults."""
    found = plan([{"name": "a", "noop": {}, "pod": {"x": 1}}], defaults={"pod": {"y": 2}})
    assert found.tasks["a"].settings.pod == {"x": 1}


def test_every_setting_is_resolved() -> None:
    """A setting that is built in is never None, and each has a place in the plan."""
    task = plan([{"name": "a", "noop": {}}]).tasks["a"]
    for name in BUILT_IN.model_fields_set:
        field = "weight" if name == "priority_weight" else name
        assert getattr(task.settings, name) == getattr(BUILT_IN, name)
        assert getattr(task, field, getattr(BUILT_IN, name)) == getattr(BUILT_IN, name)
    assert set(TaskSettings.model_fields) == task.settings.model_fields_set


def test_a_plan() -> None:
    """It has the tasks in the order of writing and their graph."""
    found = plan([{"name": "b", "noop": {}, "dependsOn": ["a"]}, {"name": "a", "noop": {}}])
    assert (list(found.tasks), found.graph.order) == (["b", "a"], ("a", "b"))
    assert replace(found) == found
