"""Values by reference: what a task wrote to the store, and who may read it."""

import json
import subprocess
from pathlib import Path

import yaml

from controller.model.action import Kind
from tests.scenarios.story import Story, succeeds

DOCS = Path(__file__).parents[2] / "docs" / "dags.md"
REFERENCE = json.dumps({"$artifact": "team/d/r/find/1/files.json"})


def test_the_scripts_in_the_guide(tmp_path: Path) -> None:
    """They do what the guide says: the first writes a file and its key, the second reads the file by that key."""
    blocks = DOCS.read_text(encoding="utf-8").split("```yaml\n")[1:]
    [text] = [block.partition("```")[0] for block in blocks if "SLIPWAY_ARTIFACT_PREFIX" in block.partition("```")[0]]
    find, count = yaml.safe_load(text)
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


async def test_a_mapping_over_a_reference() -> None:
    """The controller opens no store, and says so rather than map over the reference itself."""
    story = Story({"find": succeeds(output=REFERENCE)})
    story.dag("find >> use", tasks={"use": {"map": {"over": "{{ tasks.find.output }}"}}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "find": "Success", "use": "Failed"}
    assert "it refers to an artifact, which only tasks can read" in story.run_status()["notes"]["use"]
