"""Dags: revision, conditions, cursor and runs. The calendar is the real one."""

from typing import Any

import pytest

from controller.decide.dag import decide_dag
from controller.model.action import CreateRevision, CreateRun, Decision
from controller.model.dag import Dag, canonical_json
from controller.model.names import revision_name
from controller.model.snapshot import DagSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import POLICY, after, dag, kinds, run, told, written

HOUR = 3600
MANUAL = drawn_spec("a >> b")
HOURLY = drawn_spec("a", schedule={"cron": "@hourly"})
CATCHUP = drawn_spec("a", schedule={"cron": "@hourly", "start": told(-2 * HOUR), "catchup": True})


def seen(of: Dag, **more: Any) -> DagSnapshot:
    """A Dag without runs, whose revision exists, watched since 06:00."""
    fields: dict[str, Any] = {
        "dag": of,
        "has_revision": True,
        "active_runs": 0,
        "newest_run": None,
        "status_written_at": None,
        "policy": POLICY,
        "awake_since": after(0),
    }
    return DagSnapshot(**{**fields, **more})


def enabled(spec: dict[str, Any], seconds: float = 0, **status: Any) -> Dag:
    """The Dag, first seen so many seconds after 06:00."""
    return dag(spec, {"enabledAt": told(seconds), **status})


def created(decision: Decision) -> list[str]:
    """The names of the runs that are made."""
    return [action.name for action in decision.actions if isinstance(action, CreateRun)]


def conditions(decision: Decision) -> list[tuple[str, str, str]]:
    """Type, status and reason of each condition that is written."""
    return [(c["type"], c["status"], c["reason"]) for c in written(decision)["conditions"]]


# ---- a Dag without a schedule --------------------------------------------------------------------------------------


def test_a_dag_just_applied() -> None:
    """Its revision is made, and its status says everything in one write."""
    decision = decide_dag(seen(dag(MANUAL), has_revision=False), after(1))
    name = revision_name("etl", canonical_json(MANUAL))
    assert decision.actions[0] == CreateRevision(dag(MANUAL).meta, name, canonical_json(MANUAL))
    assert kinds(decision) == ["CreateRevision", "WriteStatus"]
    patch = written(decision)
    assert conditions(decision) == [("Ready", "True", "Valid"), ("Paused", "False", "Active")]
    assert {field: value for field, value in patch.items() if field != "conditions"} == {
        "observedGeneration": 1,
        "revision": name,
        "taskCount": 2,
    }
    assert decision.wake_at is None


def test_a_dag_seen_again() -> None:
    """With its own writes done there is nothing left to do."""
    patch = written(decide_dag(seen(dag(MANUAL)), after(1)))
    assert decide_dag(seen(dag(MANUAL, patch)), after(60)) == Decision()


def test_a_dag_that_is_going() -> None:
    """Nothing is done."""
    assert decide_dag(seen(dag(HOURLY, deletionTimestamp=told(1)), has_revision=False), after(9999)) == Decision()


def test_an_invalid_dag() -> None:
    """It is not Ready, for all its faults; it gets no revision and no runs, and no next one is promised."""
    spec = drawn_spec("a >> b", schedule={"cron": "never"}, owner=3)
    decision = decide_dag(seen(enabled(spec, nextRun=told(HOUR)), has_revision=False), after(2 * HOUR))
    assert kinds(decision) == ["WriteStatus"]
    assert conditions(decision) == [("Ready", "False", "Invalid"), ("Paused", "False", "Active")]
    message = "spec.owner: input should be a valid string, but it is 3"
    assert written(decision)["conditions"][0]["message"] == message
    assert written(decision)["nextRun"] is None


def test_an_invalid_dag_with_many_faults() -> None:
    """Ten are told, the others counted."""
    spec = drawn_spec("; ".join(f"t{n}" for n in range(14)), {f"t{n}": {"dependsOn": ["gone"]} for n in range(14)})
    message = written(decide_dag(seen(dag(spec)), after(1)))["conditions"][0]["message"]
    assert message.count("gone") == 10
    assert message.endswith("; and 4 more faults")


def test_a_paused_dag() -> None:
    """It is valid and gets its revision, but no time is its next."""
    decision = decide_dag(seen(dag({**HOURLY, "paused": True}, {"nextRun": told(9)}), has_revision=False), after(1))
    assert kinds(decision) == ["CreateRevision", "WriteStatus"]
    assert conditions(decision) == [("Ready", "True", "Valid"), ("Paused", "True", "Paused")]
    assert (written(decision)["nextRun"], "enabledAt" in written(decision)) == (None, False)


def test_pausing_makes_no_new_revision() -> None:
    """The revision's name follows from the spec without `paused`."""
    assert dag(HOURLY).spec_json == dag({**HOURLY, "paused": True}).spec_json


# ---- its runs ------------------------------------------------------------------------------------------------------


def test_a_dag_with_runs() -> None:
    """The newest and the number of active ones are told."""
    patch = written(decide_dag(seen(dag(MANUAL), active_runs=2, newest_run=run(status={"state": "Running"})), after(1)))
    assert (patch["activeRuns"], patch["lastRun"], patch["lastState"]) == (2, "etl-1", "Running")


def test_counts_alone_changed() -> None:
    """Their write waits three seconds after the last, and wakes for it."""
    status = written(decide_dag(seen(dag(MANUAL)), after(1)))
    busy = seen(dag(MANUAL, status), active_runs=1, status_written_at=after(10))
    assert decide_dag(busy, after(11)) == Decision((), after(13))
    assert written(decide_dag(busy, after(13))) == {"activeRuns": 1}


def test_a_run_that_was_deleted() -> None:
    """What was told of the last run stays."""
    status = {**written(decide_dag(seen(dag(MANUAL)), after(1))), "lastRun": "etl-1", "lastState": "Success"}
    assert decide_dag(seen(dag(MANUAL, status)), after(9)) == Decision()


# ---- its schedule --------------------------------------------------------------------------------------------------


def test_a_schedule_seen_for_the_first_time() -> None:
    """It is enabled from now on, and waits for its next slot."""
    decision = decide_dag(seen(dag(HOURLY)), after(1))
    patch = written(decision)
    assert (patch["enabledAt"], patch["nextRun"], patch["schedule"]) == (told(1), told(HOUR), "@hourly")
    assert (created(decision), decision.wake_at) == ([], after(HOUR))


def test_a_slot_is_due() -> None:
    """Its run is made before the cursor moves, so that a crash between the two doubles nothing."""
    decision = decide_dag(seen(enabled(HOURLY)), after(HOUR))
    assert kinds(decision) == ["CreateRun", "WriteStatus"]
    create = decision.actions[0]
    assert isinstance(create, CreateRun)
    assert create.name == "etl-20260101t070000"
    assert create.spec.model_dump(mode="json", by_alias=True, exclude_none=True) == {
        "dagRef": {"name": "etl"},
        "runType": "scheduled",
        "runId": "scheduled__2026-01-01T07:00:00+00:00",
        "logicalDate": told(HOUR),
        "intervalStart": told(HOUR),
        "intervalEnd": told(HOUR),
        "params": {},
        "paused": False,
    }
    assert (written(decision)["lastScheduled"], written(decision)["nextRun"]) == (told(HOUR), told(2 * HOUR))
    assert decision.wake_at == after(2 * HOUR)


def test_the_same_slot_again() -> None:
    """The cursor stands behind it."""
    decision = decide_dag(seen(enabled(HOURLY, lastScheduled=told(HOUR))), after(HOUR + 1))
    assert created(decision) == []


def test_the_clock_went_back() -> None:
    """The cursor does not."""
    decision = decide_dag(seen(enabled(HOURLY, lastScheduled=told(3 * HOUR))), after(HOUR))
    assert created(decision) == []
    assert "lastScheduled" not in written(decision)


def test_an_interval_has_ended() -> None:
    """The run is about the interval's start and is due at its end."""
    spec = drawn_spec("a", schedule={"cron": "@hourly", "mode": "interval"})
    create = decide_dag(seen(enabled(spec)), after(HOUR)).actions[0]
    assert isinstance(create, CreateRun)
    assert (create.spec.logical_date, create.spec.interval_end) == (after(0), after(HOUR))
    assert create.spec.run_id == "scheduled__2026-01-01T07:00:00+00:00"


@pytest.mark.parametrize(
    ("active", "names"),
    [
        (0, ["etl-20260101t040000", "etl-20260101t050000"]),
        (1, ["etl-20260101t040000"]),
        (2, []),
        (5, []),
    ],
)
def test_catching_up(active: int, names: list[str]) -> None:
    """Runs are made, the oldest first, while maxActiveRuns leaves room."""
    spec = {**CATCHUP, "concurrency": {"maxActiveRuns": 2}}
    assert created(decide_dag(seen(enabled(spec), active_runs=active), after(1))) == names


def test_catching_up_goes_on() -> None:
    """The next look begins behind the cursor; a slot that is due already is not waited for."""
    spec = {**CATCHUP, "concurrency": {"maxActiveRuns": 1}}
    full = decide_dag(seen(enabled(spec, lastScheduled=told(-2 * HOUR)), active_runs=1), after(1))
    assert (created(full), full.wake_at) == ([], None)
    assert written(full)["nextRun"] == told(-HOUR)
    free = decide_dag(seen(enabled(spec, lastScheduled=told(-2 * HOUR))), after(1))
    assert created(free) == ["etl-20260101t050000"]


def test_the_controller_was_down() -> None:
    """By default the latest missed slot is run; `none` drops them, `all` keeps them."""
    last, now, back = told(HOUR), after(4 * HOUR + 60), after(4 * HOUR + 30)
    spec = {
        policy: drawn_spec("a", schedule={"cron": "@hourly", "missedRuns": policy})
        for policy in ("latest", "none", "all")
    }
    found = {
        policy: created(decide_dag(seen(enabled(spec[policy], lastScheduled=last), awake_since=back), now))
        for policy in spec
    }
    assert found == {
        "latest": ["etl-20260101t100000"],
        "none": [],
        "all": ["etl-20260101t080000", "etl-20260101t090000", "etl-20260101t100000"],
    }


def test_a_pause_counts_as_not_looking() -> None:
    """Slots that passed while the Dag was paused are missed ones, although the controller was up."""
    spec = drawn_spec("a", schedule={"cron": "@hourly", "missedRuns": "none"})
    paused = {
        "type": "Paused",
        "status": "True",
        "reason": "Paused",
        "lastTransitionTime": told(HOUR + 1),
    }
    of = enabled(spec, lastScheduled=told(HOUR), conditions=[paused])
    assert created(decide_dag(seen(of), after(3 * HOUR + 1))) == []


def test_a_schedule_that_has_ended() -> None:
    """No next run is promised, and nothing wakes."""
    spec = drawn_spec("a", schedule={"cron": "@hourly", "end": told(HOUR)})
    decision = decide_dag(seen(enabled(spec, lastScheduled=told(HOUR), nextRun=told(HOUR))), after(2 * HOUR))
    assert (created(decision), decision.wake_at, written(decision)["nextRun"]) == ([], None, None)


def test_a_schedule_that_was_taken_away() -> None:
    """The status tells of none any more."""
    decision = decide_dag(seen(enabled(MANUAL, schedule="@hourly", nextRun=told(HOUR))), after(1))
    assert (written(decision)["schedule"], written(decision)["nextRun"]) == (None, None)
