"""What people ask of runs: clear and mark, in few words."""

from typing import Any

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import Raw
from tests.scenarios.story import SPACE, Story


def clear(story: Story, *tasks: str, run: str = "r", id_: str = "1", **how: Any) -> None:
    """Clear the tasks, or for none of them the whole run; `cancel=None` takes spec.cancel away in the same patch."""
    _ask(story, run, id_, {"tasks": list(tasks), **how}, "clear")


def mark(story: Story, state: str, *tasks: str, run: str = "r", id_: str = "1", **how: Any) -> None:
    """Mark the tasks, or for none of them the run."""
    _ask(story, run, id_, {"state": state, "tasks": list(tasks), **how}, "mark")


def answer(story: Story, run: str = "r") -> Raw:
    """The newest entry of the run's list of requests."""
    return dict(story.run_status(run)["requests"][-1])


def touched(story: Story, run: str = "r") -> list[str]:
    """The tasks that the newest request touched."""
    return list(answer(story, run).get("tasks", []))


def verdicts(story: Story) -> dict[str, str]:
    """What each TaskRun is told."""
    return {raw["metadata"]["name"]: raw["spec"].get("verdict", "Run") for raw in story.cluster.all_of(Kind.TASK_RUN)}


def _ask(story: Story, run: str, id_: str, what: dict[str, Any], verb: str) -> None:
    operations: list[dict[str, Any]] = [{"op": "remove", "path": "/spec/cancel"}] if "cancel" in what else []
    what.pop("cancel", None)
    request = {"id": id_, "by": "ada", "dryRun": what.pop("dryRun", False), verb: what}
    # A merge would keep fields of the request before.
    story.cluster.patch_json(
        Kind.DAG_RUN, Key(SPACE, run), [*operations, {"op": "add", "path": "/spec/request", "value": request}]
    )
