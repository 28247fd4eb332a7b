"""What a user is told of assets in a Dag that can't be."""

from typing import Any

import pytest

from tests.decide.judged import faults, task


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (task(updates=["a", "b", "a"]), "spec.tasks[0].updates[2]: a is named twice"),
        (task(updates=["a b"]), "spec.tasks[0].updates[0]: 'a b' does not match"),
        (task(updates="a"), "spec.tasks[0].updates: must be a list, but it is 'a'"),
        (task(updates=[f"a{n}" for n in range(101)]), "spec.tasks[0].updates: has more than 100 items"),
        (
            task(command=None, branch={"cases": [{"when": "true", "follow": []}]}, updates=["a"]),
            "spec.tasks[0].updates: task a only chooses what goes on: let a task behind it update assets",
        ),
        (
            task(command=None, shortCircuit={"when": "true"}, updates=["a"]),
            "spec.tasks[0].updates: task a only chooses what goes on: let a task behind it update assets",
        ),
        (task() | {"schedule": {"assets": ["a"]}}, "spec.schedule.assets: must be an object, but it is ['a']"),
        (task() | {"schedule": {"assets": {"all": []}}}, "spec.schedule.assets.all: needs at least one item"),
        (task() | {"schedule": {"assets": {"both": ["a"]}}}, "spec.schedule.assets.both: is not a field"),
        (task() | {"schedule": {"assets": {"any": [{"a": 1}]}}}, "spec.schedule.assets.any[0]: {'a': 1} is neither"),
        (task() | {"schedule": {"assets": {}}}, "spec.schedule.assets: {} is neither a name nor a rule"),
        (task() | {"schedule": {"start": "2026-01-01T00:00:00Z"}}, "spec.schedule: needs one of cron, crons and every"),
        (
            task() | {"schedule": {"assets": {"any": ["a"]}}, "params": {"day": {"type": "string"}}},
            "spec.params.day",
        ),
    ],
)
def test_assets_that_can_not_be(spec: dict[str, Any], told: str) -> None:
    """One sentence, at the field that its user has to change."""
    [message] = faults(spec)
    assert message.startswith(told)


def test_assets_that_nobody_updates() -> None:
    """A Dag may wait for assets before there is a task that updates them."""
    assert faults(task(updates=["s3://lake/a?b=c"]) | {"schedule": {"assets": {"all": ["x", {"any": ["y"]}]}}}) == []
    assert faults(task(command=None, noop={}, updates=["a"])) == []
