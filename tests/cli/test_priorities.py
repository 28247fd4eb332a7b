"""`slipway priorities`, as other programs call it."""

import json
import subprocess
import sys

import pytest

from tests.cli.calling import slipway

DAG = """
apiVersion: slipway.dev/v1alpha1
kind: Dag
metadata: {name: etl}
spec:
  defaults: {retries: 1}
  tasks:
  - {name: load, noop: {}, dependsOn: [extract, check]}
  - {name: extract, noop: {}, priorityWeight: 3}
  - {name: check, noop: {}, dependsOn: [extract], weightRule: upstream}
"""


def test_json_for_other_programs() -> None:
    """Standard output is one object, in the order of writing, and nothing else."""
    code, out, err = slipway("priorities", "-", "-o", "json", stdin=DAG)
    assert (code, err) == (0, "")
    assert list(json.loads(out).items()) == [("load", 1), ("extract", 5), ("check", 4)]


def test_a_table_for_people() -> None:
    """The first in the queue stands on top."""
    assert slipway("priorities", "-", stdin=DAG).out.splitlines() == [
        "TASK      WEIGHT",
        "extract   5",
        "check     4",
        "load      1",
    ]


def test_an_invalid_manifest() -> None:
    """The exit code is 1 and the faults are on standard error alone."""
    code, out, err = slipway("priorities", "-", "-o", "json", stdin=DAG.replace("[extract]", "[gone]"))
    assert (code, out) == (1, "")
    assert err == "slipway: -: spec.tasks[2].dependsOn: task check depends on gone, which is no task\n"


@pytest.mark.parametrize("words", [(), ("-", "-"), ("-", "-o", "xml"), ("-", "--unknown")])
def test_a_wrong_command_line(words: tuple[str, ...]) -> None:
    """The exit code is 2, and standard output stays empty."""
    code, out, err = slipway("priorities", *words, stdin=DAG)
    assert (code, out) == (2, "")
    assert err


def test_as_a_program_of_its_own() -> None:
    """Exit codes and streams are the same for a program that calls it."""
    program = [sys.executable, "-c", "from controller.cli import main; main()", "priorities", "-", "-o", "json"]
    done = subprocess.run(program, input=DAG, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["extract"], done.stderr) == (0, 5, "")
