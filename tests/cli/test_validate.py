"""`slipway validate`, as other programs call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import slipway

DAG: dict[str, Any] = {
    "apiVersion": "slipway.dev/v1alpha1",
    "kind": "Dag",
    "metadata": {"name": "etl"},
    "spec": {"tasks": [{"name": "a", "noop": {}}, {"name": "b", "noop": {}, "dependsOn": ["a"]}]},
}
CYCLE = DAG | {
    "metadata": {"name": "ring"},
    "spec": {"tasks": [{"name": "a", "noop": {}, "dependsOn": ["b"]}, {"name": "b", "noop": {}, "dependsOn": ["a"]}]},
}


@pytest.fixture
def valid(tmp_path: Path) -> str:
    """A file with a valid Dag."""
    path = tmp_path / "valid.json"
    path.write_text(json.dumps(DAG))
    return str(path)


@pytest.fixture
def invalid(tmp_path: Path) -> str:
    """A file with a Dag in a circle and another with two faults."""
    path = tmp_path / "invalid.yaml"
    faulty = DAG | {"spec": {"tasks": [{"name": "A"}], "x": 1}}
    path.write_text("\n---\n".join(json.dumps(dag) for dag in (CYCLE, faulty)).replace("{", " {", 1))
    return str(path)


def test_a_valid_file(valid: str) -> None:
    """It says so, and the exit code is 0."""
    assert slipway("validate", valid) == (0, f"{valid}: Dag etl is valid, with 2 tasks\n", "")


def test_an_invalid_file(invalid: str) -> None:
    """One line for each fault on standard error, and the exit code is 1."""
    code, out, err = slipway("validate", invalid)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"{invalid}: spec.tasks: the tasks form a cycle: a -> b -> a",
        f"{invalid}: spec.tasks[0].name: 'A' does not match ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        f"{invalid}: spec.x: is not a field that exists here",
    ]


def test_several_files(valid: str, invalid: str) -> None:
    """Each is judged, and one fault among them is enough for exit code 1."""
    code, out, err = slipway("validate", valid, "gone.yaml", invalid, valid)
    assert (code, out.count("is valid"), len(err.splitlines())) == (1, 2, 4)
    assert "gone.yaml: can't be read: No such file or directory" in err.splitlines()


def test_standard_input() -> None:
    """`-` reads it."""
    assert slipway("validate", "-", stdin=json.dumps(DAG)) == (0, "-: Dag etl is valid, with 2 tasks\n", "")
    assert slipway("validate", "-", stdin="") == (
        1,
        "",
        "-: holds no manifest of kind Dag and apiVersion slipway.dev/v1alpha1\n",
    )


@pytest.mark.parametrize("words", [(), ("--strict", "x.yaml")])
def test_a_wrong_command_line(words: tuple[str, ...]) -> None:
    """The exit code is 2, and standard output stays empty."""
    code, out, err = slipway("validate", *words)
    assert (code, out) == (2, "")
    assert err


def test_as_a_program_of_its_own(valid: str, invalid: str) -> None:
    """Exit codes and streams are the same for a program that calls it."""
    program = [sys.executable, "-c", "from controller.cli import main; main()", "validate"]
    done = subprocess.run([*program, valid, invalid], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout.splitlines()), len(done.stderr.splitlines())) == (1, 1, 3)
