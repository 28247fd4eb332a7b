"""`slipway simulate`, as other programs call it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.cli.calling import slipway

DAG = """
apiVersion: slipway.dev/v1alpha1
kind: Dag
metadata: {name: etl}
spec:
  schedule: {cron: "0 6 * * *"}
  params: {day: {type: string, default: mon}}
  defaults: {retries: 1, retryDelay: 30s, pool: etl}
  tasks:
  - {name: load, command: [load], args: ["{{ tasks.extract.output.rows }}", "{{ params.day }}"], dependsOn: [extract]}
  - {name: extract, script: "true"}
  - {name: tidy, noop: {}, dependsOn: [load], triggerRule: all_done}
"""


def simulate(outcomes: str, *more: str, dag: str = DAG) -> Any:
    """The JSON that is printed."""
    code, out, err = slipway("simulate", "-", "--outcomes", outcomes, "-o", "json", *more, stdin=dag)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_everything_goes_well() -> None:
    """Tasks that are not named succeed; templates, params, pools and the schedule need nothing."""
    assert simulate("{}") == {
        "run": "success",
        "tasks": {"load": "success", "extract": "success", "tidy": "success"},
        "timeline": [
            {"at": 0, "task": "extract", "try": 1, "state": "running"},
            {"at": 1, "task": "extract", "try": 1, "state": "success"},
            {"at": 1, "task": "load", "try": 1, "state": "running"},
            {"at": 2, "task": "load", "try": 1, "state": "success"},
            {"at": 2, "task": "tidy", "try": 0, "state": "success"},
        ],
    }


def test_a_run_that_fails() -> None:
    """A short list repeats its last outcome, a retry waits its real delay, and the exit code is still 0."""
    answer = simulate('{"extract": ["failed"], "load": "skipped"}')
    assert answer["run"] == "success"
    assert answer["tasks"] == {"load": "upstream_failed", "extract": "failed", "tidy": "success"}
    assert [(moment["at"], moment["task"], moment["state"]) for moment in answer["timeline"]] == [
        (0, "extract", "running"),
        (1, "extract", "up_for_retry"),
        (31, "extract", "running"),
        (32, "extract", "failed"),
        (32, "load", "upstream_failed"),
        (32, "tidy", "success"),
    ]


def test_one_outcome_for_each_attempt() -> None:
    """The second attempt may do better."""
    answer = simulate('{"extract": ["failed", "success"], "load": ["skipped"]}')
    assert (answer["run"], answer["tasks"]["load"]) == ("success", "skipped")


def test_durations() -> None:
    """An attempt lasts as long as it is told to, within the task's timeout."""
    dag = DAG.replace("script:", "timeout: 60s, script:")
    answer = simulate("{}", "--durations", '{"extract": 100, "load": 2.5}', dag=dag)
    assert answer["tasks"]["extract"] == "failed"
    assert answer["timeline"][1] == {"at": 60, "task": "extract", "try": 1, "state": "up_for_retry"}


def test_a_run_that_fails_as_a_whole() -> None:
    """A failed leaf fails the run."""
    assert simulate('{"load": "failed"}', dag=DAG.replace("all_done", "all_success"))["run"] == "failed"


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        ("{", "--outcomes: is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "--outcomes: is not a JSON object with tasks as names"),
        ('{"load": "good"}', '--outcomes: load: "good" is not one of success, failed, skipped'),
        ('{"load": []}', "--outcomes: load: the list is empty"),
        ('{"nix": "failed"}', "--outcomes: the Dag has no task nix"),
    ],
)
def test_outcomes_that_can_not_be_read(outcomes: str, message: str) -> None:
    """Exit code 2, and one line says what is wrong."""
    assert slipway("simulate", "-", "--outcomes", outcomes, stdin=DAG) == (2, "", f"slipway: {message}\n")


def test_an_invalid_dag() -> None:
    """Exit code 1, and the faults as `validate` tells them."""
    code, out, err = slipway("simulate", "-", stdin=DAG.replace("dependsOn: [load]", "dependsOn: [nix]"))
    assert (code, out) == (1, "")
    assert "task tidy depends on nix, which is no task" in err


def test_a_task_that_never_starts() -> None:
    """The answer is what it waits for, as an error."""
    dag = DAG.replace("pool: etl", "poolSlots: 500")
    code, out, err = slipway("simulate", "-", stdin=dag)
    assert (code, out) == (1, "")
    assert err == "slipway: task extract never starts: The task needs 500 slots, but pool default has 128 in all\n"


def test_a_table_for_people() -> None:
    """The timeline, each task's end, and the run's."""
    out = slipway("simulate", "-", "--outcomes", '{"extract": "failed"}', stdin=DAG).out.splitlines()
    assert out[:2] == ["SECOND   TASK      TRY   STATE", "0        extract   1     running"]
    assert out[-1] == "The run ends as success."


def test_no_cluster_is_thought_of() -> None:
    """The command loads no client, no database and no logger."""
    program = "import sys; from controller.cli import main; main()"
    checks = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
    done = subprocess.run(
        [sys.executable, "-c", checks + program, "simulate", "-"], input=DAG, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert not loaded & {"aiohttp", "kopf", "kubernetes", "sqlalchemy", "structlog", "rich"}
    assert "pydantic" in loaded


ALERTED = """
apiVersion: slipway.dev/v1alpha1
kind: Dag
metadata: {name: etl}
spec:
  alerts:
  - {name: on-call, events: [runFailed], targets: [pager, mail]}
  - {name: team, events: [taskRetried, deadlineMissed], targets: [chat]}
  deadlines: [{name: soon, reference: queuedAt, within: 3s}]
  tasks: [{name: a, script: "true", retries: 1, retryDelay: 10s}]
"""


def test_alerts() -> None:
    """Who would be told of what, and when; a Dag without alerts has no such word."""
    told = simulate('{"a": "failed"}', dag=ALERTED)["alerts"]
    assert [(each["at"], each["event"], each["targets"]) for each in told] == [
        (1, "taskRetried", ["chat"]),
        (3, "deadlineMissed", ["chat"]),
        (12, "runFailed", ["pager", "mail"]),
    ]
    table = slipway("simulate", "-", "--outcomes", '{"a": "failed"}', stdin=ALERTED).out
    assert "12       on-call   runFailed        pager, mail" in table
    assert simulate("{}", dag=ALERTED)["alerts"] == []
