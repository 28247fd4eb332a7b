"""Installations that keep little: a story whose controller deletes what has had its time."""

from dataclasses import replace
from datetime import timedelta

from controller.model.action import Kind
from controller.model.retention import Limit, Limits
from controller.observe.history import IsRecorded
from controller.observe.snapshots import Snapshots
from tests.scenarios.story import Story, Works

DAY = 86_400


def keeping(works: Works | None = None, *, most: int | None = 1, start: str = "2026-01-01") -> Story:
    """A story in which so many runs of each state are kept."""
    story = Story(works, start=start)
    limit = Limit(most)
    limits = Limits(limit, limit)
    story.world.policy = replace(story.world.policy, resources=limits, keep_revisions_for=timedelta(hours=1))
    story.world.restart()
    return story


def recorded_if(story: Story, is_recorded: IsRecorded) -> None:
    """From the next controller on, this says which objects the metastore has committed."""
    policy = story.world.policy
    story.world.take = lambda store, awake_since: Snapshots(store, policy, awake_since, is_recorded)
    story.world.restart()


def remember_runs(story: Story) -> list[str]:
    """The names of all runs that are ever created, in order."""
    names: list[str] = []

    def see(kind: Kind, type_: str, raw: dict[str, dict[str, str]]) -> None:
        if (kind, type_) == (Kind.DAG_RUN, "ADDED"):
            names.append(raw["metadata"]["name"])

    story.cluster.watchers.append(see)
    return names
