"""Every file in examples/ does on the real cluster what its first lines promise."""

import itertools
import json
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.install import ROOT
from tests.e2e.world import World, dag_run

pytestmark = pytest.mark.cluster

EXAMPLES: Final = ROOT / "examples"
_DONE: Final = "Success"

RUNS: Final = {
    "01-download-process-store": ("rides-first", dict.fromkeys(("download", "process", "store", "check"), _DONE)),
    "02-sequential": ("sequential-first", dict.fromkeys(("wake-up", "make-coffee", "go-to-work"), _DONE)),
    "03-parallel": ("parallel-first", dict.fromkeys(("begin", "north", "east", "south", "west", "total"), _DONE)),
    "04-branching": (
        "branching-first",
        {
            "measure": "Failed",
            "publish": "UpstreamFailed",
            "repair": _DONE,
            "celebrate": "Skipped",
            "report": _DONE,
        },
    ),
    "05-retries": ("retries-first", dict.fromkeys(("flaky", "after"), _DONE)),
    "07-params": ("greet-everyone", dict.fromkeys(("by-environment", "by-template"), _DONE)),
    "08-outputs": ("outputs-first", dict.fromkeys(("roll", "judge"), _DONE)),
    "09-pool-and-priority": ("print-shop-first", dict.fromkeys(("open", "flyer", "invoice", "payslip"), _DONE)),
    "10-pod-settings": ("pod-settings-first", {"forecast": _DONE}),
    "11-tasks-without-a-pod": (
        "without-a-pod-first",
        {**dict.fromkeys(("arrived", "settle", "publish-it", "busy", "announce"), _DONE), "whisper": "Skipped"},
    ),
    "12-alerts": ("watched-first", dict.fromkeys(("count", "publish"), _DONE)),
}


@pytest.fixture(scope="module")
def shown(module_world: World) -> World:
    """All examples, applied as the README says."""
    module_world.kubectl("apply", "-f", str(EXAMPLES))
    return module_world


def test_each_example_has_a_test() -> None:
    """No example is left out here."""
    files = {path.stem for path in EXAMPLES.glob("*.yaml")} - {"00-file-server"}
    assert files == {*RUNS, "06-schedule"}


@pytest.mark.parametrize("example", sorted(RUNS))
def test_run_succeeds_with_these_states(shown: World, example: str) -> None:
    """The example's run succeeds, and every task ends as the example says."""
    run, states = RUNS[example]
    ended = shown.ended(run)
    assert ended["status"]["state"] == _DONE, ended["status"]
    assert shown.task_states(run) == states
    assert ended["status"]["tasks"] == f"{len(states)}/{len(states)}"


def test_rides_are_cleaned_summed_and_stored(shown: World) -> None:
    """The stored SQLite file holds the sums of the good lines, and the broken lines were told."""
    shown.ended("rides-first")
    processed = json.loads(shown.task("rides-first", "process")["output"])
    assert processed == {"rows": 23, "broken": 3, "rides": 1386}
    assert json.loads(shown.task("rides-first", "check")["output"]) == {
        "harbour": 506,
        "market": 242,
        "university": 638,
    }
    assert shown.log(shown.task("rides-first", "process")["pod"]).count("left out") == 3


def test_sequential_tasks_do_not_overlap(shown: World) -> None:
    """Each task's Pod is created after the one before it has ended."""
    shown.ended("sequential-first")
    statuses = [shown.task("sequential-first", task) for task in ("wake-up", "make-coffee", "go-to-work")]
    for before, after in itertools.pairwise(statuses):
        assert before["finishedAt"] <= after["startedAt"]


def test_parallel_tasks_overlap(shown: World) -> None:
    """The four tasks in the middle run at the same time."""
    shown.ended("parallel-first")
    statuses = [shown.task("parallel-first", task) for task in ("north", "east", "south", "west")]
    assert max(status["startedAt"] for status in statuses) <= min(status["finishedAt"] for status in statuses)


def test_retries_keep_each_attempt(shown: World) -> None:
    """Two failures and a success are accounted for, and each attempt has its own log."""
    shown.ended("retries-first")
    status = shown.task("retries-first", "flaky")
    assert [(each["number"], each["state"], each.get("exitCode")) for each in status["attempts"]] == [
        (1, "Failed", 1),
        (2, "Failed", 1),
        (3, "Success", 0),
    ]
    assert [shown.log(f"retries-first-flaky-{number}").splitlines()[0] for number in (1, 2, 3)] == [
        "attempt 1",
        "attempt 2",
        "attempt 3",
    ]


def test_schedule_runs_the_latest_slot(shown: World) -> None:
    """run-latest makes one run at once, about a whole weekday in Zurich, and the next one is announced."""
    runs = shown.until("a scheduled run", lambda: shown.listed("dagruns", "slipway.dev/dag=daily-report"))
    assert len(runs) == 1
    spec = runs[0]["spec"]
    assert spec["runType"] == "scheduled"
    assert spec["logicalDate"] == spec["intervalStart"] < spec["intervalEnd"]
    ended = shown.ended(runs[0]["metadata"]["name"])
    assert ended["status"]["state"] == _DONE
    said = shown.log(shown.task(runs[0]["metadata"]["name"], "report")["pod"])
    assert said == f"this run is about {spec['intervalStart']} until {spec['intervalEnd']}\n"
    assert shown.get("dag", "daily-report")["status"]["nextRun"] > spec["intervalEnd"]


def test_params_reach_environment_and_arguments(shown: World) -> None:
    """The run's params arrive, filled in and as variables; a run with a wrong one is refused with a sentence."""
    shown.ended("greet-everyone")
    assert shown.log("greet-everyone-by-environment-1") == "hello everyone\n" * 3
    assert shown.log("greet-everyone-by-template-1") == "hello EVERYONE 3 times\n"
    said = shown.refused(dag_run("greet", "greet-too-often", params={"times": 1000}))
    assert "param times is wrong: 1000 is greater than the maximum of 5" in said


def test_output_is_read_downstream(shown: World) -> None:
    """The JSON of one task stands in its status and in the other's arguments."""
    shown.ended("outputs-first")
    rolled = json.loads(shown.task("outputs-first", "roll")["output"])
    assert rolled["sum"] == sum(rolled["dice"])
    dice = json.dumps(rolled["dice"], separators=(",", ":"))
    assert shown.log("outputs-first-judge-1") == f"a sum of {rolled['sum']} is possible, from {dice}\n"


def test_pool_of_one_slot_goes_by_priority(shown: World) -> None:
    """One task of the pool at a time, the weightiest first."""
    shown.ended("print-shop-first")
    statuses = [shown.task("print-shop-first", task) for task in ("payslip", "invoice", "flyer")]
    for before, after in itertools.pairwise(statuses):
        assert before["finishedAt"] <= after["startedAt"]


def test_pod_has_what_the_example_asks_for(shown: World) -> None:
    """Variables from a ConfigMap and from the Pod's own limit, and the volume as working directory."""
    shown.ended("pod-settings-first")
    output = json.loads(shown.task("pod-settings-first", "forecast")["output"])
    assert output == {"city": "Zurich", "memory": 128 * 1024 * 1024}


def test_example_files_name_no_image_where_the_default_will_do() -> None:
    """Only the file server, which is no task, names an image."""
    naming = [path.name for path in sorted(Path(EXAMPLES).glob("*.yaml")) if "image:" in path.read_text()]
    assert naming == ["00-file-server.yaml"]
