"""`slipway simulate` beyond plain Dags: mapped tasks, branches, params, outputs, pools, and spans of a schedule."""

import json
from typing import Any

import pytest

from tests.cli.calling import slipway

DAG = """
apiVersion: slipway.dev/v1alpha1
kind: Dag
metadata: {name: shop}
spec:
  schedule: {cron: "0 6 * * *", start: "2026-01-01T00:00:00Z", catchup: true}
  concurrency: {maxActiveRuns: 1}
  params: {fast: {type: boolean, default: false}}
  defaults: {retryDelay: 30s}
  tasks:
  - {name: find, script: "true"}
  - {name: load, script: "true", dependsOn: [find], map: {over: "{{ tasks.find.output }}"}, pool: db, retries: 1}
  - name: choose
    dependsOn: [load]
    triggerRule: all_done
    branch: {cases: [{when: "params.fast", follow: [quick]}], otherwise: [slow]}
  - {name: quick, script: "true", dependsOn: [choose]}
  - {name: slow, wait: {for: 1m}, dependsOn: [choose]}
---
apiVersion: slipway.dev/v1alpha1
kind: Pool
metadata: {name: db}
spec: {slots: 2}
"""
FOUND = ("--outputs", '{"find": [1, 2, 3]}')


def simulate(*words: str) -> Any:
    """The JSON that is printed."""
    code, out, err = slipway("simulate", "-", "-o", "json", *words, stdin=DAG)
    assert (code, err) == (0, "")
    return json.loads(out)


def moments(answer: Any, task: str) -> list[tuple[float, int, str]]:
    """What becomes of one instance, and when."""
    return [(each["at"], each["try"], each["state"]) for each in answer["timeline"] if each["task"] == task]


def test_a_mapped_task() -> None:
    """Each element has its own attempts; the pool of the file holds one back, and the worst end is the task's."""
    answer = simulate(*FOUND, "--outcomes", '{"load": {"1": "failed"}}')
    assert answer["tasks"]["load"] == "failed"
    assert answer["instances"] == {"load[0]": "success", "load[1]": "failed", "load[2]": "success"}
    assert moments(answer, "load[1]") == [
        (1, 1, "running"),
        (2, 1, "up_for_retry"),
        (32, 2, "running"),
        (33, 2, "failed"),
    ]
    assert moments(answer, "load[2]") == [(2, 1, "running"), (3, 1, "success")]


def test_one_outcome_for_all_and_another_for_one() -> None:
    """An instance may be named too; what is not said of it is as said of its task."""
    answer = simulate(*FOUND, "--outcomes", '{"load": "skipped", "load[0]": "success"}', "--durations", '{"load": 5}')
    assert answer["instances"] == {"load[0]": "success", "load[1]": "skipped", "load[2]": "skipped"}
    assert moments(answer, "load[0]")[-1] == (6, 1, "success")


def test_no_elements() -> None:
    """A mapped task without elements is skipped as a whole, and has no instances."""
    answer = simulate("--outputs", '{"find": []}')
    assert (answer["tasks"]["load"], answer["instances"]) == ("skipped", {})


@pytest.mark.parametrize(
    ("params", "quick", "slow"), [("{}", "skipped", "success"), ('{"fast": true}', "success", "skipped")]
)
def test_a_branch(params: str, quick: str, slow: str) -> None:
    """It is decided from the params, as in a real run."""
    answer = simulate(*FOUND, "--params", params)
    assert (answer["tasks"]["quick"], answer["tasks"]["slow"]) == (quick, slow)


def test_a_wait() -> None:
    """It waits on the virtual clock, whatever is said of its duration."""
    answer = simulate(*FOUND, "--durations", '{"slow": 5}')
    assert moments(answer, "slow") == [(3, 1, "deferred"), (63, 1, "success")]


def test_a_span() -> None:
    """The schedule's runs, caught up from its start and one after the other, each to its end."""
    answer = simulate(*FOUND, "--from", "2026-01-02T12:00:00Z", "--to", "2026-01-03T06:00:00Z")
    assert [(run["name"], run["logicalDate"], run["created"], run["started"]) for run in answer["runs"]] == [
        ("shop-20260101t060000", "2026-01-01T06:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T12:00:00Z"),
        ("shop-20260102t060000", "2026-01-02T06:00:00Z", "2026-01-02T12:01:03Z", "2026-01-02T12:01:03Z"),
        ("shop-20260103t060000", "2026-01-03T06:00:00Z", "2026-01-03T06:00:00Z", "2026-01-03T06:00:00Z"),
    ]
    assert {run["run"] for run in answer["runs"]} == {"success"}
    assert answer["runs"][2]["ended"] == "2026-01-03T06:01:03Z"


def test_a_span_for_people() -> None:
    """A line for each run and a bar for each task."""
    words = ("--from", "2026-01-03T05:00:00Z", "--to", "2026-01-03T06:00:00Z", "--outcomes", '{"find": ["failed"]}')
    lines = slipway("simulate", "-", *words, stdin=DAG.replace("catchup: true", "catchup: false")).out.splitlines()
    assert lines == [
        "shop-20260103t060000   success   2026-01-03T06:00:00Z   1m1s",
        f"  find     failed            |x{' ' * 49}|",
        f"  load     upstream_failed   |!{' ' * 49}|",
        f"  choose   success           |!{' ' * 49}|",
        f"  quick    skipped           |!{' ' * 49}|",
        f"  slow     success           |{'~' * 50}|",
    ]


def test_a_span_without_a_run() -> None:
    """A sentence, and exit code 0."""
    dag = DAG.replace("catchup: true", "catchup: false")
    words = ("--from", "2026-01-03T07:00:00Z", "--to", "2026-01-03T08:00:00Z")
    assert slipway("simulate", "-", *words, stdin=dag) == (0, "The schedule makes no run in this time.\n", "")


def test_a_span_with_runs_that_never_end() -> None:
    """They are printed as they stand, with what they wait for."""
    dag = DAG.replace("slots: 2", "slots: 0")
    words = (*FOUND, "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T12:00:00Z")
    told = "task load[0] never starts: The task needs 1 slots, but pool db has 0 in all"
    assert slipway("simulate", "-", *words, stdin=dag).out.splitlines()[-1] == f"Not all runs end: {told}."
    answer = json.loads(slipway("simulate", "-", *words, "-o", "json", stdin=dag).out)
    assert (answer["neverEnds"], [run["run"] for run in answer["runs"]]) == (told, ["running"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--params", '{"x": 1}'), "--params: param x is not one of the Dag's params (fast)"),
        (("--params", '{"fast": 1}'), "--params: param fast is wrong: 1 is not of type 'boolean'"),
        (("--params", "[]"), "--params: is not a JSON object with params as names"),
        (("--outputs", '{"nix": 1}'), "--outputs: the Dag has no task nix"),
        (("--durations", '{"find": "long"}'), '--durations: find: "long" is not a number of seconds'),
        (
            ("--outcomes", '{"find": {"0": "failed"}}'),
            "--outcomes: find[0]: task find is not mapped, so it has no elements",
        ),
        (
            ("--outcomes", '{"load": {"a": "failed"}}'),
            '--outcomes: load: "a" is not the place of an element, such as 0',
        ),
        (
            ("--outcomes", '{"load[a]": "failed"}'),
            '--outcomes: "load[a]" is neither a task nor an instance such as load[3]',
        ),
        (("--from", "2026-01-01T00:00:00Z"), "--from and --to go together"),
        (("--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"), "--to lies before --from"),
        (("--from", "now", "--to", "now"), "--from: 'now' is not a time: write it as 2026-01-31T06:00:00Z"),
        (
            (
                "--from",
                "2026-01-01T00:00:00Z",
                "--to",
                "2026-01-01T00:00:00Z",
                "--logical-date",
                "2026-01-01T00:00:00Z",
            ),
            "--logical-date is about one run, and --from about many",
        ),
    ],
)
def test_words_that_can_not_be_used(words: tuple[str, ...], message: str) -> None:
    """Exit code 2, and one line says what is wrong."""
    assert slipway("simulate", "-", *words, stdin=DAG) == (2, "", f"slipway: {message}\n")


def test_a_span_of_a_dag_without_a_schedule() -> None:
    """Exit code 2: there is nothing to simulate."""
    dag = "\n".join(line for line in DAG.splitlines() if "schedule:" not in line)
    words = ("--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z")
    assert slipway("simulate", "-", *words, stdin=dag) == (2, "", "slipway: --from: the Dag has no schedule\n")


def test_a_param_that_must_be_given() -> None:
    """Only where it decides how the run goes: a plain Dag needs no values."""
    dag = "\n".join(line for line in DAG.splitlines() if "schedule:" not in line).replace(", default: false", "")
    told = "--params: param fast has no default, and decides how the run goes: give it a value"
    assert slipway("simulate", "-", stdin=dag) == (2, "", f"slipway: {told}\n")
    assert slipway("simulate", "-", stdin=dag.replace("params.fast", "1 > 2")).code == 0


def test_a_pool_that_can_not_be_read() -> None:
    """Exit code 1: the file is at fault."""
    dag = DAG.replace("slots: 2", "slots: many")
    assert slipway("simulate", "-", stdin=dag) == (1, "", "slipway: -: Pool db: spec is not the spec of a Pool\n")


def test_the_logical_date_of_one_run() -> None:
    """Expressions see it, and the clock begins there."""
    dag = DAG.replace("{for: 1m}", '{until: "{{ run.logicalDate }}"}')
    words = (*FOUND, "--logical-date", "2026-05-01T00:00:00Z", "-o", "json")
    code, out, err = slipway("simulate", "-", *words, stdin=dag)
    assert (code, err) == (0, "")
    assert moments(json.loads(out), "slow") == [(3, 1, "success")]


def test_a_mapping_over_the_artifact_store() -> None:
    """A list that is too large for an output is given as an artifact; an artifact that is not there fails the task."""
    items = json.dumps({"find": {"$artifact": list(range(2000))}})
    answer = simulate("--outputs", items)
    assert answer["tasks"]["load"] == "success"
    assert len(answer["instances"]) == 2000
    lost = simulate("--outputs", '{"find": {"$artifact": "default/lost.json"}}')
    assert (lost["tasks"]["load"], lost["run"]) == ("failed", "success")
