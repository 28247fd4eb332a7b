"""Dags with a schedule: the cursor and the runs that are made. The calendar is the real one."""

from dataclasses import replace
from typing import Any

import pytest

from controller.decide.dag import decide_dag
from controller.model.action import CreateRun
from tests.decide.dags import CATCHUP, HOUR, HOURLY, MANUAL, created, enabled, seen
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, kinds, told, written


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


def test_the_runs_to_come() -> None:
    """Five of them, the first of which is the next; they are worked out anew with the cursor."""
    patch = written(decide_dag(seen(enabled(HOURLY)), after(HOUR)))
    hours = [told(hour * HOUR) for hour in range(2, 7)]
    assert patch["nextRuns"] == [{"logicalDate": hour, "runAfter": hour} for hour in hours]
    assert patch["nextRun"] == hours[0]


def test_the_runs_to_come_stay_while_the_next_one_does() -> None:
    """They are those in the status, whatever they are, until the cursor moves or the spec changes."""
    listed = [{"logicalDate": told(0), "runAfter": told(0)}]
    known: dict[str, Any] = {"lastScheduled": told(HOUR), "nextRun": told(2 * HOUR), "nextRuns": listed}
    same = decide_dag(seen(enabled(HOURLY, observedGeneration=1, **known)), after(HOUR + 60))
    assert "nextRuns" not in written(same)
    edited = decide_dag(seen(enabled(HOURLY, observedGeneration=0, **known)), after(HOUR + 60))
    assert written(edited)["nextRuns"][0]["runAfter"] == told(2 * HOUR)


def test_the_runs_to_come_of_intervals() -> None:
    """Each is due at the end of its interval; fewer are told when the schedule ends."""
    spec = drawn_spec("a", schedule={"cron": "@hourly", "mode": "interval", "end": told(HOUR)})
    patch = written(decide_dag(seen(enabled(spec)), after(1)))
    assert patch["nextRuns"] == [
        {"logicalDate": told(0), "runAfter": told(HOUR)},
        {"logicalDate": told(HOUR), "runAfter": told(2 * HOUR)},
    ]


def test_a_schedule_that_was_edited() -> None:
    """It counts from the edit on, and its fingerprint stands in the status; one never seen before is no edit."""
    daily = drawn_spec("a", schedule={"cron": "0 */2 * * *"})
    known: dict[str, Any] = {"lastScheduled": told(-HOUR), "schedule": "@hourly"}
    unknown = written(decide_dag(seen(enabled(daily, -HOUR, **known)), after(1)))
    assert (len(unknown["timetable"]), "enabledAt" in unknown) == (10, False)
    edited = decide_dag(seen(enabled(daily, -HOUR, **known, timetable="another")), after(1))
    assert (written(edited)["enabledAt"], created(edited)) == (told(1), [])
    paused = replace(enabled(daily, timetable="another", **known), paused=True)
    assert written(decide_dag(seen(paused), after(5)))["enabledAt"] == told(5)


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
