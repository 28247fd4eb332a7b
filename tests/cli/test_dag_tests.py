"""`slipway test`, as users call it."""

import json
from pathlib import Path
from xml.etree import ElementTree as XML

import pytest

from tests.cli.calling import slipway

DAG = """
apiVersion: slipway.dev/v1alpha1
kind: Dag
metadata: {name: etl}
spec:
  defaults: {retries: 1, retryDelay: 10s}
  tasks:
  - {name: find, script: "true"}
  - {name: load, script: "true", dependsOn: [find], map: {over: "{{ tasks.find.output }}"}}
  - {name: tidy, script: "true", dependsOn: [load], triggerRule: all_done}
"""
TEST = """
apiVersion: slipway.dev/v1alpha1
kind: DagTest
metadata: {name: etl}
spec:
  dag: etl.yaml
  cases:
  - name: all is well
    outputs: {find: [a, b]}
    expect: {run: success, tasks: {load: success, "load[1]": success}, order: [find, "load[0]", tidy], within: 3s}
  - name: one element fails
    outputs: {find: [a, b]}
    outcomes: {load: {1: failed}}
    expect: {run: success, tasks: {load: failed, "load[0]": success}, attempts: {load: 2, "load[0]": 1, tidy: 1}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A Dag, its tests, and a file that is none of both."""
    (tmp_path / "etl.yaml").write_text(DAG)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "etl.yaml").write_text(TEST.replace("dag: etl", "dag: ../etl"))
    return tmp_path


def test_cases_that_pass(folder: Path) -> None:
    """A line for each case, exit code 0; a folder is searched for tests, and what holds none is passed over."""
    file = folder / "tests" / "etl.yaml"
    lines = f"ok    {file}: etl: all is well\nok    {file}: etl: one element fails\n2 cases, 0 failed\n"
    assert slipway("test", str(file)) == (0, lines, "")
    assert slipway("test", str(folder)) == (0, lines, "")


def test_a_case_that_fails(folder: Path) -> None:
    """Every difference in one line, exit code 1; the other cases are run all the same."""
    file = folder / "tests" / "etl.yaml"
    expect = (
        "{run: failed, tasks: {tidy: skipped, 'load[7]': success}, order: [tidy, find, nobody], "
        "attempts: {find: 2}, within: 2s}"
    )
    dag = DAG + "  - {name: nobody, noop: {}, dependsOn: [tidy]}\n"
    (folder / "etl.yaml").write_text(dag)
    text = file.read_text()
    file.write_text(text[: text.index("expect:")] + f"expect: {expect}\n")
    code, out, _ = slipway("test", str(file))
    assert code == 1
    assert out.splitlines()[1:] == [
        "        run: expected failed, got success",
        "        tasks.tidy: expected skipped, got success",
        "        tasks.load[7]: expected success, got none",
        "        order: nobody never began",
        "        order: expected tidy first, but find began at 0 s, tidy at 2 s",
        "        attempts.find: expected 2, got 1",
        "        within: expected 2s, took 3s",
        "1 case, 1 failed",
    ]


def test_results_for_programs(folder: Path) -> None:
    """JSON on standard output, and JUnit's XML in a file."""
    file = folder / "tests" / "etl.yaml"
    file.write_text(file.read_text().replace("run: success, tasks: {load: success,", "run: failed, tasks: {"))
    report = folder / "junit.xml"
    code, out, err = slipway("test", str(file), "-o", "json", "--junit", str(report))
    answer = json.loads(out)
    assert (code, err, answer["passed"], answer["failed"]) == (1, "", 1, 1)
    assert answer["cases"][0] == {
        "file": str(file),
        "test": "etl",
        "case": "all is well",
        "passed": False,
        "differences": ["run: expected failed, got success"],
    }
    suite = XML.parse(report).getroot()[0]  # noqa: S314 our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["all is well", "one element fails"]
    assert suite[0][0].get("message") == "run: expected failed, got success"


def test_the_dag_in_the_same_file() -> None:
    """Then the test names none."""
    code, out, _ = slipway("test", "-", stdin=f"{DAG}---{TEST.replace('  dag: etl.yaml', '')}")
    assert (code, out.splitlines()[-1]) == (0, "2 cases, 0 failed")


def test_a_run_that_never_ends() -> None:
    """It is a case that fails, and says what the run waits for."""
    dag = DAG.replace("retries: 1", "poolSlots: 500")
    code, out, _ = slipway("test", "-", stdin=f"{dag}---{TEST.replace('  dag: etl.yaml', '')}")
    assert code == 1
    assert "the run never ends: task find never starts: The task needs 500 slots" in out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("run: success", "run: good", "DagTest etl: spec.cases[0].expect.run: "),
        ("name: one element fails", "name: all is well", "DagTest etl: two cases are called all is well"),
        ("tasks: {load: success,", "tasks: {nix: success,", "DagTest etl: case all is well: the Dag has no task nix"),
        ("outcomes: {load", "outcomes: {find", "DagTest etl: case one element fails: find[1]: task find is not mapped"),
        ("metadata: {name: etl}", "metadata: {}", "a DagTest has no metadata.name"),
        ("kind: DagTest", "kind: Other", "holds no DagTest"),
        ("dag: ../etl.yaml", "dag: nix.yaml", "nix.yaml: can't be read: No such file or directory"),
        ("cases:", "cases: [", "is not YAML: "),
    ],
)
def test_a_file_that_can_not_be_used(folder: Path, old: str, new: str, message: str) -> None:
    """Exit code 2 and one line; what the other files hold is run."""
    good, bad = folder / "tests" / "etl.yaml", folder / "tests" / "bad.yaml"
    bad.write_text(good.read_text().replace(old, new, 1))
    code, out, err = slipway("test", str(bad), str(good))
    assert (code, out.splitlines()[-1]) == (2, "2 cases, 0 failed")
    assert message in err
    assert len(err.splitlines()) == 1


def test_the_example() -> None:
    """It passes, and `kubectl apply -f examples` does not meet it, as it lies in a folder of its own."""
    assert slipway("test", str(Path(__file__).parents[2] / "examples")).code == 0
