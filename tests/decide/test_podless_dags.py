"""Tasks without a Pod that look at other Dags and their runs, and those that ask people."""

from dataclasses import replace
from typing import Any

import pytest

from controller.decide.task.podless.dag_sensor import MOST_SLOTS, Span
from controller.model.approval import parse_approval
from controller.model.dagrun import parse_dag_run
from controller.model.outside import OtherRun, Outside
from controller.model.states import TaskState
from controller.model.timestamps import parse_time
from tests.decide.asking import Json, asked, begun, decided, other
from tests.decide.objects import after, kinds, meta, revision, told, written

X: Json = {"tasks": [{"name": "t", "script": "true"}]}
DAY = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
HOURLY: Json = {**X, "schedule": {"every": "1h", "start": DAY[0]}}
SENSOR: Json = {"dagSensor": {"dag": "x", "states": ["Success", "Skipped"], "failOn": ["Failed"]}}


def span(text: str) -> Span:
    """`3` is an instant, `3-5` an interval, in hours of the day."""
    first, _, last = text.partition("-")
    return Span(*(parse_time(f"2026-01-01T{int(hour):02}:00:00Z") for hour in (first, last or first)))


def x_run(state: str, hour: int = 0, counts: Json | None = None, **status: Any) -> OtherRun:
    """A run of Dag x about this hour."""
    spec = {"dagRef": {"name": "x"}, "logicalDate": f"2026-01-01T{hour:02}:00:00Z"}
    found = parse_dag_run(meta(f"x-{hour}"), {"spec": spec, "status": {"state": state, **status}})
    return OtherRun(found, None, {TaskState(name): count for name, count in (counts or {}).items()})


def sensing(spec: Json | None, *runs: OtherRun, sensor: Json | None = None, **of: Any) -> Any:
    """What is decided a minute after the sensor began, about the first of January."""
    outside = Outside(dag=None if spec is None else other(spec), runs=runs)
    about = {"intervalStart": DAY[0], "intervalEnd": DAY[1], **of}
    return decided(asked({"dagSensor": {**SENSOR["dagSensor"], **(sensor or {})}}, begun("Dag"), outside, of=about), 60)


# ---- dagSensor -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "has", "is_in"),
    [
        ("0-4", "0", True, False),
        ("0-4", "3", True, False),
        ("0-4", "4", False, False),
        ("0-4", "1-2", True, False),
        ("0-4", "0-4", True, True),
        ("0-4", "3-5", False, False),
        ("1-2", "0-4", False, True),
        ("3", "3", True, True),
        ("3", "2", False, False),
        ("3", "3-5", True, True),
        ("3", "1-3", False, True),
        ("3", "4-5", False, False),
    ],
)
def test_about_the_same_time(mine: str, theirs: str, has: bool, is_in: bool) -> None:
    """Instants and intervals within, and the one around."""
    assert (span(mine).has(span(theirs)), span(mine).is_in(span(theirs))) == (has, is_in)


@pytest.mark.parametrize(
    ("spec", "runs", "trouble"),
    [
        (None, (), "Dag x does not exist"),
        ({"tasks": []}, (), "Dag x is not valid"),
        (X, (), "there is no run, and no slot of its schedule, about the same time"),
        (X, (x_run("Running"),), "1 of 1 have not arrived, the first is about 2026-01-01T00:00:00Z"),
        (HOURLY, (x_run("Success"),), "23 of 24 have not arrived, the first is about 2026-01-01T01:00:00Z"),
        ({**X, "schedule": {"every": "1h", "start": "2026-02-01T00:00:00Z"}}, (), "there is no run, and no slot"),
        ({**X, "schedule": {**HOURLY["schedule"], "end": "2026-01-01T02:00:00Z"}}, (), "3 of 3 have not arrived"),
    ],
)
def test_what_is_missing(spec: Json | None, runs: tuple[OtherRun, ...], trouble: str) -> None:
    """It is told, and looked at again in a minute at the latest."""
    decision = sensing(spec, *runs)
    assert written(decision)["waitingFor"][0]["message"].startswith(f"Waiting for runs of Dag x: {trouble}")
    assert decision.wake_at == after(120)


def test_all_have_arrived() -> None:
    """One run for each slot is enough, and runs between the slots play no part."""
    between = x_run("Failed")
    at_half = between.run.spec.model_copy(update={"logical_date": parse_time("2026-01-01T00:30:00Z")})
    runs = [x_run("Success", hour) for hour in range(24)]
    decision = sensing(HOURLY, replace(between, run=replace(between.run, spec=at_half)), x_run("Failed", 3), *runs)
    assert (written(decision)["state"], written(decision)["output"]) == ("Success", '{"runs":24}')


def test_runs_without_a_date() -> None:
    """They are about no time."""
    spec = {"dagRef": {"name": "x"}, "intervalStart": DAY[0], "intervalEnd": DAY[1]}
    found = parse_dag_run(meta("x"), {"spec": spec, "status": {"state": "Success"}})
    assert written(sensing(X, OtherRun(found, None, {})))["waitingFor"]


def test_an_offset() -> None:
    """The other runs are about an earlier time."""
    decision = sensing(X, x_run("Success", 6), sensor={"offset": "18h"}, intervalStart=DAY[1], intervalEnd=DAY[1])
    assert written(decision)["state"] == "Success"


def test_more_slots_than_can_be_meant() -> None:
    """The sensor fails for good."""
    decision = sensing({**X, "schedule": {"every": "30s", "start": DAY[0]}})
    assert written(decision)["reason"] == "TooManySlots"
    assert f"{MOST_SLOTS:,}" in written(decision)["message"]


def test_a_failure_that_counts() -> None:
    """It is told about which time."""
    patch = written(sensing(HOURLY, x_run("Failed", 5)))
    assert (patch["reason"], patch["message"]) == (
        "RunFailed",
        "Runs of Dag x about 2026-01-01T05:00:00Z ended as failOn says",
    )


@pytest.mark.parametrize(
    ("counts", "status", "end"),
    [
        ({}, {}, None),
        ({"Running": 1}, {}, None),
        ({"Success": 1}, {}, "Success"),
        ({"Skipped": 1}, {}, "Success"),
        ({"UpstreamFailed": 1}, {}, "Failed"),
        ({"Success": 2}, {"expansions": {"t": 3}}, None),
        ({"Success": 2, "Running": 1}, {"expansions": {"t": 3}}, None),
        ({"Success": 2, "Skipped": 1}, {"expansions": {"t": 3}}, "Success"),
        ({"Success": 2, "Failed": 1}, {"expansions": {"t": 3}}, None),
        ({"Skipped": 1}, {"expansions": {"t": 0}}, "Success"),
    ],
)
def test_a_task_in_a_run(counts: Json, status: Json, end: str | None) -> None:
    """All its instances have to have ended as wanted, as many as the mapping makes."""
    mapped = {"tasks": [{"name": "t", "script": "true", **({"map": {"over": [1]}} if status else {})}]}
    found = replace(x_run("Running", 0, counts, **status), revision=revision(mapped))
    patch = written(sensing(mapped, found, sensor={"task": "t"}))
    assert patch.get("state") == end


def test_a_task_that_does_not_exist() -> None:
    """It is told."""
    patch = written(sensing(X, x_run("Success"), sensor={"task": "u"}))
    assert patch["waitingFor"][0]["message"] == "Waiting for task u of Dag x: Dag x has no task u"


# ---- triggerDag ----------------------------------------------------------------------------------------------------


def triggering(trigger: Json, outside: Outside, status: Json | None = None, seconds: float = 5) -> Any:
    """What is decided of a task that makes a run of Dag x."""
    return decided(asked({"triggerDag": {"dag": "x", **trigger}}, status, outside), seconds)


def test_a_run_is_made_before_that_is_written() -> None:
    """So a run that is missing later was deleted."""
    decision = triggering({}, Outside(dag=other(X)))
    assert (kinds(decision), decision.wake_at) == (["CreateRun"], after(35))
    decision = triggering({}, Outside(dag=other(X), triggered=x_run("Queued").run))
    assert written(decision)["waitingFor"][0]["message"] == "Waiting for run x-0 of Dag x"
    assert written(triggering({}, Outside(dag=other(X)), begun("Run")))["reason"] == "RunDeleted"
    assert kinds(triggering({}, Outside(dag=other(X)), begun("DagMissing"))) == ["CreateRun"]


def test_a_logical_date_that_is_none() -> None:
    """The task fails for good, in one sentence."""
    patch = written(triggering({"logicalDate": "{{ dag.name }}"}, Outside(dag=other(X))))
    assert patch["message"].startswith("logicalDate is 'etl', which is no time")


# ---- approval ------------------------------------------------------------------------------------------------------


def test_questions_of_several_attempts() -> None:
    """The one of the attempt at work counts; those before it are closed, with what became of them."""
    spec = {
        **{field: {"name": "n"} for field in ("dagRef", "dagRunRef", "taskRunRef")},
        **{"task": "a", "message": "?", "options": ["approve"]},
    }
    asked_first = parse_approval(meta("etl-1-a-1"), {"spec": {**spec, "try": 1, "answer": "approve"}})
    asked_then = parse_approval(meta("etl-1-a-2"), {"spec": {**spec, "try": 2}})
    cleared = {"number": 1, "pod": "", "state": "Failed", "reason": "Cleared", "finishedAt": told()}
    status = {**begun("Approval", "Approval etl-1-a-2 waits for one of approve"), "attempts": [cleared], "try": 2}
    outside = Outside(approvals=(asked_first, asked_then))
    decision = decided(asked({"approval": {"message": "?", "options": ["approve"]}}, status, outside), 9)
    assert written(decision) == {
        "state": "Closed",
        "finishedAt": told(9),
        "message": "The task ended as Failed: Cleared",
    }


def test_a_question_whose_task_was_settled_without_an_attempt() -> None:
    """It is closed, and there is nothing to say of it."""
    spec = {
        **{field: {"name": "n"} for field in ("dagRef", "dagRunRef", "taskRunRef")},
        **{"task": "a", "message": "?", "options": ["approve"], "try": 1},
    }
    outside = Outside(approvals=(parse_approval(meta("etl-1-a-1"), {"spec": spec}),))
    decision = decided(asked({"approval": {"message": "?"}}, {"state": "Skipped"}, outside), 9)
    assert written(decision) == {"state": "Closed", "finishedAt": told(9)}
