"""`kill -9` around every single write of a clear and of a mark: the next controller ends it the same."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.asking import clear, mark
from tests.scenarios.story import Story, fails, succeeds
from tests.scenarios.test_crashes import live_through

Ask = Callable[[Story], None]


def many() -> Story:
    """A run with a failure, settled tasks, a branch and a mapping."""
    lists = [succeeds(output="[1, 2, 3]"), succeeds(output="[4]")]
    story = Story({"a": lists, "f": [fails(), succeeds()]})
    branch = {"cases": [{"when": "size(tasks.a.output) > 2", "follow": ["m"]}], "otherwise": ["o"]}
    more: dict[str, Any] = {"b": {"branch": branch}, "m": {"map": {"over": "{{ tasks.a.output }}"}}, "n": {"noop": {}}}
    more["z"] = {"triggerRule": "all_done"}
    story.dag("a >> b >> [m, o] >> z; f >> n", tasks=more)
    return story


def clears_all(story: Story) -> None:
    """Everything anew: the branch chooses otherwise, so the mapping is not expanded."""
    clear(story)


def clears_mapping(story: Story) -> None:
    """The list becomes shorter."""
    clear(story, "a", "m", "z")


def marks(story: Story) -> None:
    """A failure becomes a success."""
    mark(story, "success", "f")


def marks_run(story: Story) -> None:
    """The run as a whole."""
    mark(story, "success")


async def play(story: Story, ask: Ask, kill: tuple[str, int] | None) -> int:
    """The run, then the request with a kill around one write of what follows; how many writes those are."""
    story.trigger()
    await story.run(None if ask is not marks_run else 1)
    session = story.world.controller.session
    before = session.writes.total()
    if kill is not None:
        session.kill_at = (kill[0], before + kill[1])
    ask(story)
    await live_through(story, None)
    assert story.witness.broken == []
    return session.writes.total() - before


@pytest.mark.parametrize("ask", [clears_all, clears_mapping, marks, marks_run])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_every_write(ask: Ask, when: str) -> None:
    """States, tries and Pods are those of the story without a crash, and the request was carried out once."""
    whole = many()
    writes = await play(whole, ask, None)
    assert writes > 5
    for number in range(1, writes + 1):
        story = many()
        await play(story, ask, (when, number))
        assert story.states() == whole.states(), f"killed {when} write {number}"
        assert sorted(story.pods) == sorted(whole.pods), f"killed {when} write {number}"
        assert len(story.run_status()["requests"]) == 1
        assert "redo" not in story.run_status()
        assert story.world.controller.store.line.holders.total() == 0
