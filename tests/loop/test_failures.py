"""Actions that fail: what the world will sort out is tried again, a bug of ours sets one question aside."""

from datetime import datetime
from itertools import pairwise

import pytest

from controller.errors import Conflict, Unavailable
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.snapshot import RunSnapshot
from controller.observe.snapshots import Snapshots
from tests.scenarios.story import SPACE, Story, fails


class Trouble:
    """Fails the first writes of one sort, and counts all of them."""

    def __init__(self, story: Story, verb: str, kind: Kind | None, error: Exception, times: int) -> None:
        self.at: list[datetime] = []
        self._clock = story.world.clock
        self._trouble = (verb, kind, error, times)
        story.world.controller.session.before_write = self._see

    def _see(self, verb: str, kind: Kind | None) -> None:
        wanted, of_kind, error, times = self._trouble
        if (verb, kind) == (wanted, of_kind):
            self.at.append(self._clock.now)
            if len(self.at) <= times:
                raise error

    @property
    def gaps(self) -> list[float]:
        """Seconds between the tries."""
        return [(later - earlier).total_seconds() for earlier, later in pairwise(self.at)]


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        ("create", Kind.REVISION),
        ("status", Kind.DAG),
        ("status", Kind.DAG_RUN),
        ("patch", Kind.DAG_RUN),
        ("create", Kind.TASK_RUN),
        ("create", Kind.POD),
        ("status", Kind.TASK_RUN),
    ],
)
@pytest.mark.parametrize("error", [Unavailable("no answer"), Conflict("changed meanwhile")])
async def test_a_write_that_fails_five_times(verb: str, kind: Kind, error: Exception) -> None:
    """Each write is tried again, ever more slowly, and the run ends as if nothing had been."""
    story = Story()
    Trouble(story, verb, kind, error, times=5)
    story.dag("a >> b")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert story.pods == ["r-a-1", "r-b-1"]


async def test_how_long_the_loop_waits() -> None:
    """0.2 s after the first failure, twice as long after each."""
    story = Story()
    trouble = Trouble(story, "create", Kind.REVISION, Unavailable("no answer"), times=4)
    story.dag("a")
    story.trigger()
    await story.run()
    assert trouble.gaps == [0.2, 0.4, 0.8, 1.6]


async def test_an_api_server_that_says_when_to_come_back() -> None:
    """It is not asked before."""
    story = Story()
    trouble = Trouble(story, "create", Kind.REVISION, Unavailable("429", retry_after_seconds=7.0), times=1)
    story.dag("a")
    story.trigger()
    await story.run()
    assert trouble.gaps == [7.0]


async def test_an_event_that_can_not_be_published() -> None:
    """Nobody waits for it: the task ends all the same."""
    story = Story({"a": fails()})
    Trouble(story, "event", None, Unavailable("no answer"), times=99)
    story.dag("a")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}


async def test_a_finalizer_that_can_not_be_taken_off() -> None:
    """Nobody waits for it, and it is tried again until it works."""
    story = Story()
    Trouble(story, "patch", Kind.POD, Unavailable("no answer"), times=9)
    story.dag("a")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.get(Kind.POD, "r-a-1")["metadata"]["finalizers"] == []


class Broken(Snapshots):
    """A bug of ours that one run meets."""

    def of_run(self, key: Key) -> RunSnapshot | None:
        """Fails for one run."""
        if key == Key(SPACE, "bad"):
            raise RuntimeError("a bug")
        return super().of_run(key)


async def test_a_bug_that_one_run_meets() -> None:
    """That run is set aside and asked again now and then; the others go on."""
    story = Story()
    story.world.take = lambda store, awake_since: Broken(store, story.world.policy, awake_since)
    story.world.restart()
    story.dag("a", name="unlucky")
    story.dag("a")
    story.trigger("bad", dag="unlucky")
    story.trigger("good")
    await story.run(600)
    assert story.states("good") == {"run": "Success", "a": "Success"}
    assert story.states("bad") == {"run": "Queued"}


async def test_a_bug_in_an_action() -> None:
    """It is tried again ever more slowly, at most once a minute in the end."""
    story = Story()
    trouble = Trouble(story, "create", Kind.TASK_RUN, RuntimeError("a bug"), times=99)
    story.dag("a")
    story.dag("b", name="other")
    story.trigger()
    await story.run(600)
    assert trouble.gaps[-1] == 60
    assert len(trouble.at) < 20


async def test_an_event_is_told_once() -> None:
    """Though the task is looked at again, one end is one Event."""
    story = Story({"a": fails()})
    story.dag("a")
    story.trigger()
    await story.run()
    story.world.resync()
    await story.run()
    story.world.restart()
    await story.run()
    assert sorted(story.told()) == [("r", "RunFailed"), ("r-a", "TaskFailed")]
