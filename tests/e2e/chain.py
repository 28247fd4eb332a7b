"""A run of three tasks, one after the other: something that is at work while Slipway itself is changed."""

from typing import Any, Final

from tests.e2e.pod_database import PodDatabase
from tests.e2e.world import World

_TASKS: Final[list[dict[str, Any]]] = [
    {"name": "first", "script": "sleep 8"},
    {"name": "second", "dependsOn": ["first"], "script": "sleep 8"},
    {"name": "third", "dependsOn": ["second"], "script": "true"},
]
ALL_WELL: Final = {"first": "Success", "second": "Success", "third": "Success"}


def a_chain_at_work(world: World, name: str) -> str:
    """A run whose first task has begun; the rows know it by its name alone, so each has one of its own."""
    world.dag(name, _TASKS)
    run = world.trigger(name, f"{name}-run")
    # Of a task that soon ends, the status need not say that it runs.
    phase = ("get", "pod", f"{run}-first-1", "-o", "jsonpath={.status.phase}", "--ignore-not-found")
    world.until("the first task runs", lambda: world.kubectl(*phase) == "Running")
    return run


def went_well(world: World, database: PodDatabase, run: str) -> None:
    """Every task succeeded, none was begun twice, and the history says so."""
    assert world.ended(run)["status"]["state"] == "Success"
    world.assert_one_pod_per_attempt()
    world.until("the rows are there", lambda: database.states(run) == ALL_WELL, 60)
