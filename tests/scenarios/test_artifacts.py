"""Values by reference: what a task wrote to the store, and who may read it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from controller.model.action import Kind
from controller.model.artifacts import Reading
from tests.scenarios.story import Story, succeeds

DOCS = Path(__file__).parents[2] / "docs" / "dags.md"
KEY = "team/d/r/find/1/files.json"
REFERENCE = json.dumps({"$artifact": KEY})


def tasks_with(word: str) -> list[dict[str, Any]]:
    """The tasks of the one example in the guide that has the word."""
    blocks = [block.partition("```")[0] for block in DOCS.read_text(encoding="utf-8").split("```yaml\n")[1:]]
    [text] = [block for block in blocks if word in block]
    tasks: list[dict[str, Any]] = yaml.safe_load(text)
    return tasks


def test_the_list_in_the_guide(tmp_path: Path) -> None:
    """The script writes a list that can be mapped over, and its key."""
    output = tmp_path / "output"
    shared = {"PATH": "/usr/bin:/bin", "SLIPWAY_ARTIFACTS": str(tmp_path), "SLIPWAY_OUTPUT": str(output)}
    place = {"SLIPWAY_ARTIFACT_PREFIX": "team/d/r/list/1"}
    script = tasks_with("numbers.json")[0]["script"]
    subprocess.run(["/bin/sh", "-e", "-c", script], env=shared | place, check=True)
    key = json.loads(output.read_text(encoding="utf-8"))["$artifact"]
    assert json.loads((tmp_path / key).read_text(encoding="utf-8")) == list(range(1, 5001))


def test_the_scripts_in_the_guide(tmp_path: Path) -> None:
    """They do what the guide says: the first writes a file and its key, the second reads the file by that key."""
    find, count = tasks_with("rows.txt")
    output = tmp_path / "output"
    shared = {"PATH": "/usr/bin:/bin", "SLIPWAY_ARTIFACTS": str(tmp_path), "SLIPWAY_OUTPUT": str(output)}
    place = {"SLIPWAY_ARTIFACT_PREFIX": "team/d/r/find/1"}
    subprocess.run(["/bin/sh", "-e", "-c", find["script"]], env=shared | place, check=True)
    key = json.loads(output.read_text(encoding="utf-8"))["$artifact"]
    told = subprocess.check_output(["/bin/sh", "-e", "-c", count["script"]], env={**shared, "KEY": key}, text=True)
    assert told.strip() == "100000"


async def test_a_reference_is_handed_on() -> None:
    """A later task finds the key where it finds every output."""
    story = Story({"find": succeeds(output=REFERENCE)})
    shown = {"command": ["cat"], "args": ['{{ tasks.find.output["$artifact"] }}']}
    story.dag("find >> use", tasks={"use": {"script": None, **shown}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "find": "Success", "use": "Success"}
    [pod] = [raw for raw in story.cluster.all_of(Kind.POD) if raw["metadata"]["name"] == "r-use-1"]
    assert pod["spec"]["containers"][0]["args"] == ["team/d/r/find/1/files.json"]


def mapped(window: int = 16) -> Story:
    """Task use maps over what task find has written to the store."""
    story = Story({"find": succeeds(output=REFERENCE)})
    over = {"over": "{{ tasks.find.output }}", "window": window}
    story.dag("find >> use", tasks={"use": {"map": over}})
    story.trigger()
    return story


async def test_a_mapping_over_a_reference() -> None:
    """The controller reads the list once, and maps over its elements."""
    story = mapped()
    story.world.elsewhere.artifact = lambda key: Reading(items=("a", "b"), chars=9, longest=3)
    await story.run()
    assert story.states() == {"run": "Success", "find": "Success", "use[0]": "Success", "use[1]": "Success"}
    assert [story.task_run(f"use-{index}")["spec"]["item"] for index in (0, 1)] == ['"a"', '"b"']
    assert story.world.elsewhere.reads == [KEY]


async def test_an_artifact_that_is_not_there() -> None:
    """The mapped task fails and says so."""
    story = mapped()
    await story.run()
    assert story.states() == {"run": "Failed", "find": "Success", "use": "Failed"}
    told = f"The mapping of use can't be worked out: artifact {KEY} does not exist"
    assert story.run_status()["notes"]["use"] == told


async def test_a_store_that_is_away_for_a_while() -> None:
    """The run says what it waits for, and goes on by itself once the store answers."""
    story = mapped()
    story.world.elsewhere.artifact = lambda key: Reading(trouble="the artifact store can't be read: refused")
    await story.run(60)
    [waiting] = story.run_status()["waitingFor"]
    assert (
        waiting["message"] == f"The mapping of use waits for artifact {KEY}: the artifact store can't be read: refused"
    )
    assert len(story.world.elsewhere.reads) == 4
    story.world.elsewhere.artifact = lambda key: Reading(items=("a",), chars=5, longest=3)
    await story.run()
    assert story.states() == {"run": "Success", "find": "Success", "use[0]": "Success"}
    assert "waitingFor" not in story.run_status()


async def test_a_restart_in_the_middle() -> None:
    """The list is read again for the elements that are left, each of which is the one that it was."""
    story = mapped(window=1)
    story.works["use"] = succeeds(30)
    story.world.elsewhere.artifact = lambda key: Reading(items=("a", "b", "c"), chars=13, longest=3)
    await story.run(40)
    story.world.restart()
    await story.run()
    assert story.states()["run"] == "Success"
    assert [story.task_run(f"use-{index}")["spec"]["item"] for index in range(3)] == ['"a"', '"b"', '"c"']
    assert story.world.elsewhere.reads == [KEY, KEY]


async def test_a_list_that_is_written_later() -> None:
    """Clearing the mapped task reads the store again: the fault of the round before is not kept."""
    story = mapped()
    await story.run()
    story.world.elsewhere.artifact = lambda key: Reading(items=("a",), chars=5, longest=3)
    story.edit(Kind.DAG_RUN, "r", request={"id": "again", "clear": {"tasks": ["use"]}})
    await story.run()
    assert story.states() == {"run": "Success", "find": "Success", "use[0]": "Success"}
