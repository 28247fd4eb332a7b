"""Logs are archived beside the scheduling: a Pod waits for that, and nothing else does."""

import asyncio
from datetime import datetime

from controller.aside import Aside
from controller.errors import Unavailable
from controller.model.action import Action, Kind, ReleasePod
from controller.model.metadata import Key
from controller.model.pod import Pod
from controller.observe.due import Due, Question
from tests.decide.objects import NOW, pod
from tests.loop.test_looks import turns
from tests.scenarios.story import Story, fails, succeeds


class SlowArchive:
    """An archive that takes a log when it is let."""

    def __init__(self, story: Story) -> None:
        self.begun: list[str] = []
        self.let = asyncio.Event()
        story.world.elsewhere.archive_log = self.take

    async def take(self, pod: Pod) -> None:
        """The log, after a while."""
        self.begun.append(pod.meta.name)
        await self.let.wait()


def held(story: Story, name: str) -> bool:
    """Whether our finalizer keeps the Pod."""
    return bool(story.get(Kind.POD, name)["metadata"]["finalizers"])


async def test_an_archive_that_takes_long() -> None:
    """The end of a task is written and the next one runs and ends, while the first Pod is held for its log."""
    story = Story({"a": succeeds(0), "b": succeeds(0)})
    archive = SlowArchive(story)
    story.dag("a >> b")
    story.trigger()
    await turns(story, 200)
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert archive.begun == ["r-a-1", "r-b-1"]
    assert held(story, "r-a-1")
    archive.let.set()
    await story.run()
    assert not held(story, "r-a-1")
    assert not held(story, "r-b-1")


async def test_many_logs() -> None:
    """So many are archived at once, and the others follow; all tasks have ended before the first of them is."""
    story = Story(parallelism=100)
    archive = SlowArchive(story)
    tasks = [f"t{number}" for number in range(60)]
    story.works = {task: succeeds(0) for task in tasks}
    story.dag("; ".join(tasks), concurrency={"maxActiveTasks": 100})
    story.trigger()
    await turns(story, 400)
    assert story.run_status()["state"] == "Success"
    assert len(archive.begun) == 20
    archive.let.set()
    await story.run()
    assert sorted(archive.begun) == sorted(f"r-{task}-1" for task in tasks)
    assert not any(held(story, name) for name in story.pods)


async def test_a_controller_that_is_killed_while_it_archives() -> None:
    """The next one finds the Pod held and archives its log; the task's end stays as it was."""
    story = Story({"a": succeeds(0)})
    archive = SlowArchive(story)
    story.dag("a")
    story.trigger()
    await turns(story, 100)
    assert (archive.begun, held(story, "r-a-1")) == (["r-a-1"], True)
    story.world.restart()
    archive.let.set()
    await story.run()
    assert archive.begun == ["r-a-1", "r-a-1"]
    assert story.states() == {"run": "Success", "a": "Success"}
    assert not held(story, "r-a-1")


async def test_a_pod_that_changes_while_its_log_is_archived() -> None:
    """Its log is read once: a second reading would take the place and the memory of another."""
    story = Story({"a": succeeds(0)})
    archive = SlowArchive(story)
    story.dag("a")
    story.trigger()
    await turns(story, 100)
    pod = Key(story.get(Kind.POD, "r-a-1")["metadata"]["namespace"], "r-a-1")
    story.world.cluster.delete(Kind.POD, pod)
    await turns(story, 100)
    assert archive.begun == ["r-a-1"]
    archive.let.set()
    await story.run()
    assert archive.begun == ["r-a-1"]
    assert story.world.cluster.find(Kind.POD, pod) is None


async def test_a_task_run_that_goes_while_the_log_of_its_pod_is_archived() -> None:
    """Where the release fails then, it is the orphan that is looked at again: nobody asks for the TaskRun any more."""
    of_task, of_orphan = (Due(question, Key("team", "x")) for question in (Question.TASK, Question.ORPHAN))
    let, woken = asyncio.Event(), list[Due]()

    async def fail(action: Action, now: datetime) -> None:
        await let.wait()
        raise Unavailable("the API server is away")

    aside = Aside(fail, lambda: NOW, lambda due, at: woken.append(due))
    release = ReleasePod(pod({}).meta)
    aside.begin(of_task, release)
    aside.begin(of_orphan, release)
    let.set()
    await asyncio.sleep(0.01)
    assert (woken, aside.is_quiet) == ([of_orphan], True)


async def test_a_controller_that_stops_while_it_archives() -> None:
    """Whatever becomes of the log then, the Pod stays held, so that the next controller archives it."""
    story = Story({"a": succeeds(0)})
    archive = SlowArchive(story)
    story.dag("a")
    story.trigger()
    await turns(story, 100)
    await story.world.controller.loop.stop()
    archive.let.set()
    await asyncio.sleep(0.01)
    assert (archive.begun, held(story, "r-a-1")) == (["r-a-1"], True)
    assert story.world.controller.loop.is_quiet


async def test_every_attempt_has_its_log_archived() -> None:
    """Also one that failed and is tried again, and each before its Pod is let go."""
    story = Story({"a": [fails(), succeeds()]})
    seen: list[tuple[str, bool]] = []

    async def look(pod: Pod) -> None:
        seen.append((pod.meta.name, held(story, pod.meta.name)))

    story.world.elsewhere.archive_log = look
    story.dag("a", defaults={"retries": 1, "retryDelay": "1s"})
    story.trigger()
    await story.run()
    assert seen == [("r-a-1", True), ("r-a-2", True)]
