"""Which alerts a run notes, sends and ticks off: one decision at a time, on what stands in the status."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from controller.decide.alerts.records import DONE_KEPT, MOST_TRIES, News, noted, worked_off
from controller.decide.run import decide_run
from controller.model.action import Decision, WriteStatus
from controller.model.alerts import (
    MOST_RECORDS,
    Alert,
    AlertEvent,
    Alerting,
    Delivery,
    SendAlert,
    Target,
)
from controller.model.policy import Policy
from controller.model.snapshot import RunSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import Json, after, meta, run, run_snapshot, running, told, written

TARGETS: Final = {"chat": Target("chat"), "mail": Target("mail")}
KEY: Final = "team/etl-1/taskFailed/1-f3d6a5"
OF_TASKS: Final = {"name": "team", "events": ["taskFailed", "taskRetried"], "targets": ["chat"]}
OF_RUNS: Final = {"name": "ends", "events": ["runFailed", "runSucceeded"], "targets": ["chat", "mail"]}


def spec(*alerts: Json, drawing: str = "a; b; c", **more: Any) -> dict[str, Any]:
    """A Dag with these alerts."""
    return {**drawn_spec(drawing), "alerts": list(alerts), **more}


def ended(state: str = "Failed", *ends: tuple[int, str, str], **more: Any) -> dict[str, Any]:
    """A TaskRun's status whose attempts ended so: number, state and fault."""
    attempts = [
        {"number": number, "pod": f"p-{number}", "state": each, "finishedAt": told(9), "reason": "Error"}
        | ({"fault": fault} if fault else {})
        for number, each, fault in ends
    ]
    return {"state": state, "attempts": attempts, **more}


def seen(dag: Json, task_runs: Mapping[str, Json], status: Json | None = None, **more: Any) -> RunSnapshot:
    """The running run with these tasks, and two targets."""
    fields = {"targets": TARGETS, **more}
    return run_snapshot(dag, running(dag, status), task_runs, **fields)


def sends(decision: Decision) -> list[SendAlert]:
    """The alerts that are sent now."""
    return [action for action in decision.actions if isinstance(action, SendAlert)]


def record(**more: Any) -> dict[str, Any]:
    """An alert of team's in the status, as it is noted for task a."""
    base = {"key": KEY, "alert": "team", "event": "taskFailed", "after": told(10), "ends": ["a/1"], "count": 1}
    return {**base, "number": 1, "sent": [], "failed": {}, **more}


FAILED = ended("Failed", (1, "Failed", "Application"))


def test_a_failure_is_noted_and_not_sent_yet() -> None:
    """It is sent once the write stands: only then is the key what it will stay."""
    decision = decide_run(seen(spec(OF_TASKS), {"a": FAILED, "b": {}, "c": {}}), after(10))
    alerting = written(decision)["alerting"]
    assert alerting["told"] == {"1": ["a"]}
    assert alerting["count"] == 1
    assert alerting["records"] == [record(key=alerting["records"][0]["key"])]
    assert alerting["records"][0]["key"].startswith("team/etl-1/taskFailed/1-")
    assert sends(decision) == []


def test_what_stands_is_sent_and_then_ticked_off() -> None:
    """Deciding again while it is on the way sends the same; what came of it is noted."""
    status = {"alerting": {"told": {"1": ["a"]}, "count": 1, "records": [record()]}}
    snapshot = seen(spec(OF_TASKS), {"a": FAILED, "b": {}, "c": {}}, status)
    first, again = (sends(decide_run(snapshot, after(seconds))) for seconds in (11, 12))
    assert [(each.key, each.target) for each in first] == [(KEY, "chat")]
    assert [(each.key, each.target, each.text) for each in again] == [
        (each.key, each.target, each.text) for each in first
    ]
    taken = decide_run(replace(snapshot, deliveries={(KEY, "chat"): Delivery(after(12))}), after(13))
    assert sends(taken) == []
    assert written(taken)["alerting"]["records"] == [record(sent=["chat"], doneAt=told(13))]


@pytest.mark.parametrize(("tries", "wait"), [(1, 10), (2, 20), (3, 40), (6, 300), (16, 300)])
def test_a_target_in_trouble(tries: int, wait: int) -> None:
    """It is tried again in its time, and the decision says when."""
    status = {"alerting": {"told": {"1": ["a"]}, "count": 1, "records": [record()]}}
    trouble = {(KEY, "chat"): Delivery(after(20), "is down", tries)}
    snapshot = seen(spec(OF_TASKS), {"a": FAILED, "b": {}, "c": {}}, status, deliveries=trouble)
    before = decide_run(snapshot, after(20 + wait - 1))
    assert (sends(before), before.wake_at) == ([], after(20 + wait))
    assert len(sends(decide_run(snapshot, after(20 + wait)))) == 1


@pytest.mark.parametrize(
    ("task", "event"),
    [
        (ended("Failed", (1, "Failed", "Application")), "taskFailed"),
        (ended("Failed", (1, "Failed", "Infrastructure"), (2, "Failed", "Launch")), "taskFailed"),
        (ended("UpForRetry", (1, "Failed", "Application")), "taskRetried"),
        (ended("Running", (1, "Failed", "Application")), "taskRetried"),
        (ended("Failed", (1, "Failed", "Cancelled")), None),
        (ended("Success", (1, "Failed", "Application")), None),  # marked, before anybody had looked
        (ended("Skipped", (1, "Skipped", "")), None),
        (ended("Success", (1, "Success", "")), None),
        ({"state": "Failed"}, None),  # marked
    ],
)
def test_what_an_end_is(task: Json, event: str | None) -> None:
    """The last attempt of a task that failed for good, or one that is followed; what a person or the run did, not."""
    decision = decide_run(seen(spec(OF_TASKS), {"a": task, "b": {}, "c": {}}), after(10))
    records = written(decision).get("alerting", {}).get("records", [])
    assert [each["event"] for each in records if each["ends"][-1].endswith(f"/{len(task.get('attempts', []))}")] == (
        [event] if event else []
    )


def test_successes_are_told_to_those_who_ask() -> None:
    """Nobody else pays for them."""
    task = {"a": ended("Success", (1, "Success", "")), "b": {}, "c": {}}
    alert = {"name": "s", "events": ["taskSucceeded"], "targets": ["chat"]}
    assert written(decide_run(seen(spec(alert), task), after(10)))["alerting"]["records"][0]["event"] == "taskSucceeded"
    assert "alerting" not in written(decide_run(seen(spec(OF_TASKS), task), after(10)))


def test_a_task_that_failed_before_it_had_a_task_run() -> None:
    """It is told once, with the run's note; cleared, and failed once more, it is told again."""
    status = {"settled": {"failed": ["a"]}, "notes": {"a": "no list"}, "counts": {"Failed": 1}}
    dag = spec(OF_TASKS)
    first = written(decide_run(seen(dag, {"b": {}, "c": {}}, status), after(10)))["alerting"]
    assert (first["told"], first["records"][0]["ends"]) == ({"0": ["a"]}, ["a/0"])
    again = decide_run(seen(dag, {"b": {}, "c": {}}, {**status, "alerting": first}), after(11))
    assert "alerting" not in written(again)
    assert "a: no list" in sends(again)[0].text
    cleared = {"alerting": first, "settled": {}}
    snapshot = seen(dag, {"a": {}, "b": {}, "c": {}}, cleared)
    assert "alerting" not in written(decide_run(snapshot, after(12)))
    failed = decide_run(seen(dag, {"a": FAILED, "b": {}, "c": {}}, cleared), after(12))
    assert written(failed)["alerting"]["told"] == {"0": None, "1": ["a"]}


def test_an_end_is_news_by_all_that_changed_or_by_everything() -> None:
    """Looking only at what changed finds the same ends."""
    tasks = {"a": FAILED, "b": FAILED, "c": {}}
    whole = seen(spec(OF_TASKS), tasks)
    part = replace(whole, changed=frozenset({"b", "a", "gone"}))
    assert written(decide_run(whole, after(10)))["alerting"] == written(decide_run(part, after(10)))["alerting"]


def test_the_end_of_a_run_notes_it_by_the_same_write() -> None:
    """So it is noted exactly when it ends; what gathered is sent with it."""
    gathering = record(after=told(50), event="taskRetried", key="k")
    status = {"alerting": {"told": {"1": ["a"]}, "count": 1, "records": [gathering]}}
    dag = spec(OF_TASKS, OF_RUNS, drawing="a")
    decision = decide_run(seen(dag, {"a": FAILED}, status), after(10))
    (write,) = [action for action in decision.actions if isinstance(action, WriteStatus)]
    assert write.patch["state"] == "Failed"
    records = write.patch["alerting"]["records"]
    assert [(each["event"], each["after"]) for each in records] == [("taskRetried", told(10)), ("runFailed", told(10))]


def test_a_run_that_has_ended_is_left_alone() -> None:
    """Its end is no news, nor are those of its tasks, whatever alerts there are."""
    dag = spec(OF_TASKS, OF_RUNS)
    status = {"state": "Failed", "finishedAt": told(5), "deadlines": [{"name": "gone", "at": told(900)}]}
    decision = decide_run(seen(dag, {"a": FAILED}, status), after(10))
    assert sends(decision) == []
    assert "alerting" not in written(decision)


def test_a_revision_that_is_not_seen() -> None:
    """Nothing is told before it is known what."""
    watched = running(spec(OF_RUNS), {"alerting": {"records": [record()]}})
    snapshot = run_snapshot(spec(OF_RUNS), watched, {}, revision=None, targets=TARGETS)
    decision = decide_run(snapshot, after(10))
    assert (sends(decision), written(decision)) == ([], {"observedGeneration": 1})


def test_links() -> None:
    """Where the UI's address is known, an alert leads to the run, or to its one task."""
    policy = Policy(default_task_image="i", alerts_url="https://ui.example.com/")

    def link(ends: list[str], task: str = "a") -> str:
        status = {"alerting": {"told": {"1": ["x"]}, "records": [record(ends=ends, count=len(ends))]}}
        snapshot = seen(spec(OF_TASKS), {task: FAILED, "c": {}}, status, policy=policy)
        (sent,) = sends(decide_run(replace(snapshot, changed=frozenset()), after(11)))
        return next(line for line in sent.text.splitlines() if line.startswith("Look: ")).removeprefix("Look: ")

    assert link(["a/1"]) == "https://ui.example.com/runs/team/etl-1/tasks/a"
    assert link(["m[3]/1"]) == "https://ui.example.com/runs/team/etl-1/tasks/m?index=3"
    assert link(["a/1", "b/1"]) == "https://ui.example.com/runs/team/etl-1"


def test_what_the_run_is_about() -> None:
    """The logical date and the description are told."""
    of = running(spec(OF_TASKS, description="Loads orders"), {"alerting": {"records": [record()]}})
    of = replace(of, spec=of.spec.model_copy(update={"logical_date": after(0)}))
    snapshot = run_snapshot(spec(OF_TASKS, description="Loads orders"), of, {"a": FAILED}, targets=TARGETS)
    (sent,) = sends(decide_run(snapshot, after(11)))
    assert f"Logical date: {told(0)}\nAbout the Dag: Loads orders\n" in sent.text


def test_an_attempt_that_is_not_listed_any_more() -> None:
    """The alert still says whose it was."""
    status = {"alerting": {"told": {"9": ["a"]}, "records": [record(ends=["a/7"])]}}
    (sent,) = sends(decide_run(seen(spec(OF_TASKS), {"a": FAILED, "b": {}, "c": {}}, status), after(11)))
    assert "a, attempt 7: for an unknown reason" in sent.text


@pytest.mark.parametrize("alerts", [{}, {"alerts": []}])
def test_a_run_that_nobody_is_told_of(alerts: Json) -> None:
    """The step stays the very same."""
    dag = {**drawn_spec("a"), **alerts}
    decision = decide_run(seen(dag, {"a": FAILED}), after(10))
    assert "alerting" not in written(decision)
    assert sends(decision) == []


def test_an_unreadable_run_that_has_ended() -> None:
    """It stays as it is, and what is open is still sent."""
    dag = spec(OF_TASKS)
    of = running(dag, {"state": "Failed", "finishedAt": told(5), "alerting": {"records": [record()]}})
    snapshot = run_snapshot(dag, replace(of, unreadable="what?"), {}, targets=TARGETS)
    assert len(sends(decide_run(snapshot, after(11)))) == 1


def test_an_unreadable_run_that_has_not() -> None:
    """It fails, and that is told as any failure."""
    dag = spec(OF_RUNS)
    snapshot = run_snapshot(dag, replace(run({}, {}), unreadable="what?"), {}, targets=TARGETS)
    assert written(decide_run(snapshot, after(11)))["alerting"]["records"][0]["event"] == "runFailed"


# ---- the outbox ------------------------------------------------------------------------------------------------------

_ABOUT: Final = meta("etl-1")
_ALERT: Final = Alert(name="team", events=(AlertEvent.RUN_FAILED,), targets=("chat",))


def test_an_outbox_never_grows_without_end() -> None:
    """Of what is done the last ones stay, and the last of each kind; never more than the status holds."""
    alerting, now = Alerting(), after(0)
    for number in range(200):
        now += timedelta(seconds=1)
        alerting = noted(alerting, _ABOUT, [News("team", AlertEvent.RUN_FAILED)], now)
        key = alerting.records[-1].key
        deliveries = {(key, "chat"): Delivery(now)}
        alerting = worked_off(alerting, frozenset({key}), {"team": _ALERT}, deliveries, now).alerting
        assert alerting.count == number + 1
    assert len(alerting.records) == DONE_KEPT + 1
    assert alerting.records[-1].number == 200
    for _ in range(200):
        alerting = noted(alerting, _ABOUT, [News("team", AlertEvent.RUN_FAILED)], now)
    assert len(alerting.records) == MOST_RECORDS


def test_an_alert_that_is_not_known_any_more() -> None:
    """It is done with: there is nobody to send it to."""
    alerting = noted(Alerting(), _ABOUT, [News("gone", AlertEvent.RUN_FAILED)], after(0))
    outbox = worked_off(alerting, frozenset({alerting.records[0].key}), {}, {}, after(1))
    assert (outbox.sendings, outbox.alerting.records[0].done_at) == ((), after(1))


def test_a_target_is_given_up() -> None:
    """After the last try, in words that fit; the other one is not concerned."""
    both = Alert(name="team", events=(AlertEvent.RUN_FAILED,), targets=("chat", "mail", "chat"))
    alerting = noted(Alerting(), _ABOUT, [News("team", AlertEvent.RUN_FAILED)], after(0))
    key = alerting.records[0].key
    deliveries = {(key, "chat"): Delivery(after(5), "x" * 5000, MOST_TRIES)}
    outbox = worked_off(alerting, frozenset({key}), {"team": both}, deliveries, after(6))
    assert [(target, len(why)) for _, target, why in outbox.given_up] == [("chat", 1024)]
    assert [sending.target for sending in outbox.sendings] == ["mail"]
    assert outbox.alerting.records[0].done_at is None
