"""Stories in which somebody is told of alerts, and what they hear."""

from typing import Any

from controller.model.alerts import SendAlert, Target
from tests.scenarios.story import Story, Works

FAILURES = [{"name": "on-call", "events": ["runFailed"], "targets": ["chat"]}]
OF_TASKS = [{"name": "team", "events": ["taskFailed", "taskRetried"], "targets": ["chat"]}]


def story_with(works: Works | None = None, *targets: str, start: str = "2026-01-01") -> Story:
    """A story in which these targets are there, `chat` without any named."""
    story = Story(works, start=start)
    story.world.elsewhere.targets = {name: Target(name) for name in targets or ("chat",)}
    story.world.restart()
    return story


def heard(story: Story) -> list[str]:
    """The titles of what was sent, in order."""
    return [alert.title.partition("] ")[2] for alert in story.world.elsewhere.alerts]


def sent(story: Story) -> list[SendAlert]:
    """What was sent, in order."""
    return story.world.elsewhere.alerts


def records(story: Story, run: str = "r") -> list[dict[str, Any]]:
    """The alerts in the run's status."""
    found: list[dict[str, Any]] = story.run_status(run)["alerting"]["records"]
    return found
