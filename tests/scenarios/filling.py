"""Backfills of January, in few words."""

from typing import Any

from controller.model.action import Kind
from controller.simulate.cluster import Raw
from tests.scenarios.story import Story

DAILY: dict[str, Any] = {"schedule": {"cron": "@daily", "start": "2026-01-01T00:00:00Z", "onEnable": "wait"}}


def scheduled(works: Any = None, drawing: str = "a", **dag: Any) -> Story:
    """It is January 20th, 12:00, and the Dag runs daily from tomorrow on."""
    story = Story(works, start="2026-01-20 12:00")
    story.dag(drawing, **{**DAILY, **dag})
    return story


def backfill(story: Story, first: int, last: int, name: str = "b", **spec: Any) -> None:
    """Ask for the days of January."""
    days = {"from": f"2026-01-{first:02}T00:00:00Z", "to": f"2026-01-{last:02}T00:00:00Z"}
    story.apply(Kind.BACKFILL, name, {"dagRef": {"name": "d"}, **days, **spec})


def status(story: Story, name: str = "b") -> Raw:
    """The backfill's status."""
    return dict(story.get(Kind.BACKFILL, name)["status"])


def state(story: Story, name: str = "b") -> tuple[str, str | None, str | None]:
    """Its state, reason and progress."""
    found = status(story, name)
    return found["state"], found.get("reason"), found.get("done")


def runs(story: Story) -> dict[str, str]:
    """Every run's day and state."""
    return {raw["metadata"]["name"][-9:-7]: raw["status"]["state"] for raw in story.cluster.all_of(Kind.DAG_RUN)}


def begun(story: Story) -> list[str]:
    """The days in the order in which their first Pods came."""
    return [pod.split("-")[1][6:8] for pod in story.pods]
