"""Looks of sensors run beside the scheduling."""

import asyncio

from controller.act.perform import Glance
from controller.model.action import Kind, Look
from tests.scenarios.story import Story, succeeds

SENSOR = {"httpSensor": {"url": "http://slow/", "interval": "1s"}}
SEEN = ({"status": 200, "body": "", "json": None}, "")


class SlowWorld:
    """A world that answers when it is let."""

    def __init__(self) -> None:
        self.asked: list[Look] = []
        self.let = asyncio.Event()

    async def look(self, action: Look) -> Glance:
        """What is seen, after a while."""
        self.asked.append(action)
        await self.let.wait()
        return SEEN


async def turns(story: Story, count: int = 100) -> None:
    """Go round so often, whatever is still under way."""
    for _ in range(count):
        story.world.kubelet.work()
        story.world.deliver()
        story.world.controller.loop.turn()
        await asyncio.sleep(0)


def slow(story: Story) -> SlowWorld:
    """Let the story's world be slow."""
    world = SlowWorld()
    story.world.elsewhere.look = world.look  # type: ignore[method-assign]
    return world


async def test_a_look_that_takes_long() -> None:
    """Other tasks go on meanwhile, and no second look is begun for the same attempt."""
    story = Story({"x": succeeds(0), "y": succeeds(0)})
    world = slow(story)
    story.dag("a; x >> y", tasks={"a": SENSOR})
    story.trigger()
    await turns(story)
    assert story.status("y")["state"] == "Success"
    story.world.clock.move_to(story.world.controller.loop.next_at or story.world.clock.now)
    await turns(story)
    assert len(world.asked) == 1
    world.let.set()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "x": "Success", "y": "Success"}


async def test_many_looks() -> None:
    """So many are under way at once, and the others follow."""
    story = Story()
    world = slow(story)
    tasks = {f"s{number}": SENSOR for number in range(60)}
    story.dag("; ".join(tasks), tasks=tasks)
    story.trigger()
    await turns(story, 300)
    assert len(world.asked) == 20
    world.let.set()
    await story.run()
    assert (len(world.asked), story.run_status()["state"]) == (60, "Success")


async def test_a_decision_on_a_look_that_could_not_be_written() -> None:
    """It is looked again, as what was seen is not kept for long."""
    story = Story()
    story.world.elsewhere.answer = lambda look: SEEN
    failures = [True]

    def refuse_once(verb: str, kind: Kind | None) -> None:
        is_end = len(story.world.elsewhere.looks) == 1 and (verb, kind) == ("status", Kind.TASK_RUN)
        if is_end and failures and story.status("a")["state"] == "Deferred":
            failures.pop()
            story.edit(Kind.TASK_RUN, "r-a", why="meanwhile")

    story.world.controller.session.before_write = refuse_once
    story.dag("a", tasks={"a": SENSOR})
    story.trigger()
    await story.run()
    assert (story.states()["run"], failures, len(story.world.elsewhere.looks)) == ("Success", [], 2)
