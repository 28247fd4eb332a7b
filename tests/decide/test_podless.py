"""A task without a Pod: when it begins, what it says, how it ends, and when it is looked at again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.model.action import Decision, Look, Url
from controller.model.outside import Foretold, Outside
from controller.model.states import TaskState
from controller.model.taskrun import Verdict
from tests.decide.asking import asked, begun, decided, saw
from tests.decide.objects import after, kinds, told, written
from tests.decide.tasks import attempts

HTTP = {"httpSensor": {"url": "http://h/", "interval": "20s", "timeout": "10m"}}
WAIT = {"wait": {"for": "90s"}}
OK = {"status": 200, "body": "", "json": {"rows": 3}}
BAD = {"status": 500, "body": "", "json": None}


def ended_as(patch: dict[str, Any]) -> tuple[str, str]:
    """The state and the reason that are written."""
    return patch["state"], patch["reason"]


# ---- begin and end -------------------------------------------------------------------------------------------------


def test_the_first_look() -> None:
    """The beginning is written, and the look begun with it."""
    decision = decided(asked(HTTP), 5)
    assert kinds(decision) == ["WriteStatus", "Look"]
    assert written(decision) == {
        "state": "Deferred",
        "try": 1,
        "startedAt": told(5),
        "waitingFor": [{"reason": "Http", "message": "Waiting for http://h/", "since": told(5)}],
    }
    look = decision.actions[1]
    assert isinstance(look, Look)
    assert (look.attempt, look.at, decision.wake_at) == (1, Url("http://h/", {}), after(25))


def test_the_run_times_out_first() -> None:
    """It is looked at again at the runTimeout, if nothing else is due before."""
    assert decided(asked(WAIT, dag={"runTimeout": "1m"}), 0).wake_at == after(60)
    waits = {**attempts(1), "state": "UpForRetry", "retryAt": told(300)}
    assert decided(asked(HTTP, waits, dag={"runTimeout": "1m"}), 30).wake_at == after(60)


def test_a_retry_that_waits_for_its_time() -> None:
    """Nothing is done before, and then the next attempt begins."""
    status = {**attempts(1), "state": "UpForRetry", "retryAt": told(300)}
    assert decided(asked(HTTP, status), 299) == Decision(wake_at=after(300))
    assert written(decided(asked(HTTP, status), 300))["try"] == 2


def test_paused_before_it_begins() -> None:
    """It says so once the wait is worth a write; one that has begun goes on."""
    paused = Outside(paused="Dag etl")
    assert decided(asked(WAIT, outside=paused), 1).wake_at == after(2)
    patch = written(decided(asked(WAIT, outside=paused), 2))
    assert (patch["state"], patch["waitingFor"][0]["message"]) == ("Queued", "Dag etl is paused")
    assert ended_as(written(decided(asked(WAIT, begun("Time"), paused), 90))) == ("Success", "TimeCame")


def test_the_run_ends() -> None:
    """What has begun ends with it; what has not is skipped, and no attempt is counted."""
    cancelled: dict[str, Any] = {"of": {"cancel": "graceful"}}
    patch = written(decided(asked(HTTP, begun(), **cancelled), 9))
    assert (*ended_as(patch), len(patch["attempts"])) == ("Failed", "Cancelled", 1)
    patch = written(decided(asked(HTTP, **cancelled), 9))
    assert (*ended_as(patch), "attempts" in patch) == ("Skipped", "Cancelled", False)


def test_a_template_that_can_not_be_filled_in() -> None:
    """The task fails for good, in one sentence."""
    snapshot = asked({"wait": {"until": "{{ run.nothing }}"}}, task={"retries": 3})
    assert ended_as(written(decided(snapshot, 0))) == ("Failed", "TemplateError")
    patch = written(decided(asked({"wait": {"until": "soon"}}), 0))
    assert patch["message"].startswith("until is 'soon', which is no time")


def test_a_wait_until_a_time() -> None:
    """Templates are filled in."""
    snapshot = asked({"wait": {"until": "{{ run.intervalEnd }}"}}, of={"logicalDate": told(100)})
    assert decided(snapshot, 0).wake_at == after(100)


@pytest.mark.parametrize(
    ("status", "say"),
    [
        ({}, "Waiting for http://h/: it answered 500"),
        ({"reason": "Other", "since": 29}, "Waiting for http://h/: it answered 500"),
        ({"since": 10}, None),
        ({"message": "Waiting for http://h/: it answered 500"}, None),
    ],
)
def test_what_it_waits_for_is_told_again(status: dict[str, Any], say: str | None) -> None:
    """At once for another reason; for another sentence 30 s after the last write; never twice the same."""
    decision = decided(asked(HTTP, begun(**status), saw(30, BAD)), 30)
    assert written(decision).get("waitingFor", [{"message": None}])[0]["message"] == say
    assert decision.wake_at == (after(40) if status == {"since": 10} else after(50))


def test_a_wait_that_was_never_told() -> None:
    """It is told now."""
    status = {**begun(), "waitingFor": []}
    assert written(decided(asked(HTTP, status, saw(0, None, "refused")), 5))["waitingFor"][0]["reason"] == "Http"


# ---- sensors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expect", "values", "trouble"),
    [
        ("status == 200", OK, None),
        ("json.rows == 3 && size(params) == 0 && dag.name == 'etl'", OK, None),
        ("status == 200", BAD, "it answered 500"),
        ("json.rows == 3", BAD, "expression 'json.rows == 3' can't be worked out: No such overload"),
        ("status", OK, "expect gives '200', not true or false"),
    ],
)
def test_what_is_seen_and_what_is_wanted(expect: str, values: dict[str, Any], trouble: str | None) -> None:
    """True is a success; anything else is why the task still waits."""
    sensor = {"httpSensor": {**HTTP["httpSensor"], "expect": expect}}
    patch = written(decided(asked(sensor, begun(since=-60), saw(0, values)), 1))
    if trouble is None:
        assert (patch["state"], patch["output"]) == ("Success", '{"status":200}')
    else:
        assert patch["waitingFor"][0]["message"].startswith(f"Waiting for http://h/: {trouble}")


@pytest.mark.parametrize(
    ("expect", "values", "holds"),
    [
        ("json.all(x, json.exists(y, x == y))", {**OK, "json": [1] * 100}, True),
        ("json.all(x, json.exists(y, x == y))", {**OK, "json": [1] * 2000}, False),
        ("json.a.all(x, json.a.exists(y, x == y))", {**OK, "json": {"a": [[1] * 2000]}}, False),
        ("json.all(x, x == 1)", {**OK, "json": [1] * 30_000}, True),
        ("body.split(',').all(x, body.split(',').exists(y, x == y))", {**OK, "body": "," * 2000}, False),
    ],
)
def test_loops_over_much_data(expect: str, values: dict[str, Any], holds: bool) -> None:
    """They are not worked out, as nothing else would be scheduled for as long as they take."""
    sensor = {"httpSensor": {**HTTP["httpSensor"], "expect": expect}}
    patch = written(decided(asked(sensor, begun(since=-60), saw(0, values)), 1))
    if holds:
        assert patch["state"] == "Success"
    else:
        assert patch["waitingFor"][0]["message"].endswith("too much was found for the loops in expect")


def test_the_time_between_two_looks() -> None:
    """The next look is one interval after the last one began, whether that saw anything or not."""
    for values in (BAD, None):
        assert kinds(decided(asked(HTTP, begun(), saw(0, values)), 19)) == []
        assert kinds(decided(asked(HTTP, begun(), saw(0, values)), 20)) == ["Look"]


def test_a_sight_that_was_judged_already() -> None:
    """What was told stays told."""
    assert decided(asked(HTTP, begun(), saw(0, None)), 60).actions[0] == decided(asked(HTTP, begun()), 60).actions[-1]
    assert written(decided(asked(HTTP, begun(), saw(0, None)), 60)) == {}


def test_a_sight_of_an_earlier_attempt() -> None:
    """It does not count."""
    status = {**attempts(1), **begun(), "try": 2}
    assert kinds(decided(asked(HTTP, status, saw(50, OK, attempt=1)), 51)) == ["WriteStatus", "Look"]
    assert kinds(decided(asked(HTTP, status, saw(50, OK, attempt=2)), 51)) == ["WriteStatus"]


@pytest.mark.parametrize(
    ("soft", "sight", "end"),
    [
        (False, saw(599, BAD), ("Failed", "http://h/ was not as wanted within 10m: it answered 500")),
        (True, saw(599, None), ("Skipped", "http://h/ was not as wanted within 10m")),
        (False, saw(599, OK), ("Success", "http://h/ is as wanted")),
    ],
)
def test_time_is_up(soft: bool, sight: Outside, end: tuple[str, str]) -> None:
    """Final, without a retry; but what was seen in the last moment counts."""
    sensor = {"httpSensor": {**HTTP["httpSensor"], "softFail": soft}}
    patch = written(decided(asked(sensor, begun(), sight, task={"retries": 2}), 600))
    assert (patch["state"], patch["message"]) == end


def test_a_sensor_by_default() -> None:
    """A look a minute, for a week."""
    sensor = {"httpSensor": {"url": f"http://h/{'x' * 300}"}}
    assert decided(asked(sensor, begun()), 60).wake_at == after(120)
    week = 7 * 24 * 3600
    assert decided(asked(sensor, begun(), saw(week - 30, BAD)), week - 20).wake_at == after(week)
    message = written(decided(asked(sensor, begun()), week))["message"]
    assert message.endswith("x… was not as wanted within 7d")


def test_an_object_that_is_not_there() -> None:
    """The expression sees null, so an end can be waited for; otherwise that is what is told."""
    sensor = {"apiVersion": "v1", "resource": "pods", "name": "p"}
    gone = saw(0, {"object": None}, "it does not exist")
    patch = written(decided(asked({"resourceSensor": {**sensor, "expect": "object == null"}}, begun(), gone), 1))
    assert (patch["state"], patch["output"]) == ("Success", '{"name":"p"}')
    wants = {"resourceSensor": {**sensor, "expect": "object.status.phase == 'Running'"}}
    patch = written(decided(asked(wants, begun(), gone), 40))
    assert patch["waitingFor"][0]["message"] == "Waiting for pods/p: it does not exist"
    patch = written(decided(asked(wants, begun(), saw(0, {"object": {"status": {"phase": "Pending"}}})), 40))
    assert patch["waitingFor"][0]["message"] == "Waiting for pods/p: it is not as wanted yet"


# ---- in a simulation -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "state", "end"),
    [
        (HTTP, TaskState.SUCCESS, "Success"),
        (HTTP, TaskState.SKIPPED, "Skipped"),
        (HTTP, TaskState.FAILED, "Failed"),
        ({"triggerDag": {"dag": "x"}}, TaskState.FAILED, "UpForRetry"),
    ],
)
def test_an_end_that_is_foretold(kind: dict[str, Any], state: TaskState, end: str) -> None:
    """It comes in its time; a failure is tried again where the kind does so."""
    foretold = Outside(foretold=Foretold(state, timedelta(seconds=5)))
    snapshot = asked(kind, begun("Foretold"), foretold, task={"retries": 1})
    assert (kinds(decided(snapshot, 4)), decided(snapshot, 4).wake_at) == ([], after(5))
    assert written(decided(snapshot, 5))["state"] == end


# ---- told otherwise ------------------------------------------------------------------------------------------------


def test_a_mark_of_what_is_at_work() -> None:
    """The attempt ends as told and is kept in the account."""
    snapshot = asked(HTTP, begun())
    marked = snapshot.task_run.spec.model_copy(update={"verdict": Verdict.SUCCESS, "round": 1})
    patch = written(decided(replace(snapshot, task_run=replace(snapshot.task_run, spec=marked)), 9))
    assert (patch["state"], patch["attempts"][0]["number"], patch["round"]) == ("Success", 1, 1)
