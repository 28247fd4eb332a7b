"""`slipway diff`: what changed in a Dag since a run began, or between two runs."""

import pytest

from controller.cli.diff import Asked, difference
from controller.errors import SlipwayError
from controller.model.action import Kind
from controller.simulate.session import Session
from tests.scenarios.story import SPACE, Story


async def diff(story: Story, run: str, other: str | None = None) -> str:
    """The text that is printed."""
    return await difference(Session(story.cluster), Asked(run, other, None, None), SPACE)


async def changed() -> Story:
    """A Dag that is changed between two runs, and paused, which is no change."""
    story = Story()
    story.dag("a", tasks={"a": {"script": "echo one\necho two\n"}})
    story.trigger("r1")
    await story.run(10)
    story.dag("a >> b", tasks={"a": {"script": "echo one\necho three\n"}}, paused=False)
    story.trigger("r2")
    await story.run(10)
    return story


async def test_against_the_dag_as_it_is_now() -> None:
    """A unified diff of the specs, with the run's revision and its date in the head."""
    lines = (await diff(await changed(), "r1")).splitlines()
    assert lines[0].startswith("--- dagrun/r1 d-")
    assert lines[0].endswith(" of 2026-01-01T00:00:00Z")
    assert lines[1] == "+++ dag/d as it is now"
    assert lines[3:] == [
        " - name: a",
        "   script: |",
        "     echo one",
        "-    echo two",
        "+    echo three",
        "+- dependsOn:",
        "+  - a",
        "+  name: b",
        "+  script: 'true'",
    ]


async def test_two_runs() -> None:
    """The first is what was, the second what is."""
    story = await changed()
    lines = (await diff(story, "r2", "r1")).splitlines()
    assert lines[0].startswith("--- dagrun/r2 ")
    assert lines[1].startswith("+++ dagrun/r1 ")
    assert "+    echo two" in lines


async def test_no_difference() -> None:
    """Nothing is printed; a pause is none."""
    story = await changed()
    story.edit(Kind.DAG, "d", paused=True)
    assert await diff(story, "r2") == ""
    assert await diff(story, "r1", "r1") == ""


async def test_what_is_not_there() -> None:
    """One sentence says what."""
    story = await changed()
    with pytest.raises(SlipwayError, match="there is no run x in namespace team"):
        await diff(story, "x")
    revision = story.run_status("r1")["revision"]
    story.delete(Kind.REVISION, revision)
    with pytest.raises(SlipwayError, match=f"revision {revision} of run r1 is gone"):
        await diff(story, "r1")
    story.trigger("r3", dag="nowhere")
    await story.run(10)
    with pytest.raises(SlipwayError, match="run r3 is not pinned to a revision of its Dag yet"):
        await diff(story, "r3")
