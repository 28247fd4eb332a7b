"""What a Dag makes of updates: each is noted once, they gather in its queue, and a run takes all of them."""

from dataclasses import replace
from typing import Any, Final

import pytest

from controller.decide.dag import decide_dag
from controller.model.action import CreateRun, Decision
from controller.model.assets import NOTED_AT_ONCE, Update
from controller.model.dag import Dag, DagStatus
from controller.simulate.patches import merge_patch
from tests.decide.dags import HOURLY, created, enabled, seen
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, kinds, told, written

ALL: Final = drawn_spec("a", schedule={"assets": {"all": ["orders", "rates"]}})
ANY: Final = drawn_spec("a", schedule={"assets": {"any": ["orders", "rates"]}})


def update(task_run: str, *assets: str, attempt: int = 1, seconds: float = 1) -> Update:
    """A TaskRun's success that updated these assets."""
    return Update(f"uid-{task_run}/{attempt}", task_run, attempt, assets, after(seconds))


def waiting(spec: dict[str, Any], **queue: Any) -> Dag:
    """A Dag that has been seen before, and whose queue holds this."""
    fresh = enabled(spec)
    known = settled(fresh, decide_dag(seen(fresh), after(0)))
    return settled(known, None, assets={"waitsFor": ["orders", "rates"], "runs": 0, **queue})


def settled(of: Dag, decision: Decision | None, **more: Any) -> Dag:
    """The Dag once its status is written."""
    patch = {**(written(decision) if decision is not None else {}), **more}
    return replace(of, status=DagStatus.model_validate(merge_patch(of.status.dump(), patch)))


def marker(asset: str, *task_runs: str, count: int | None = None) -> dict[str, Any]:
    """A queued asset, updated by these TaskRuns at 06:00:01."""
    updates = [{"asset": asset, "taskRun": each, "try": 1, "at": told(1)} for each in task_runs]
    return {"count": len(updates) if count is None else count, "updates": updates}


def test_a_dag_seen_for_the_first_time() -> None:
    """It says what it waits for, so that updates from now on are kept for it; no time is its next."""
    patch = written(decide_dag(seen(dag(ALL)), after(1)))
    assert (patch["assets"], patch["schedule"]) == ({"waitsFor": ["orders", "rates"], "runs": 0}, "orders and rates")
    assert not patch.keys() & {"nextRun", "nextRuns", "lastScheduled"}


def test_an_update_of_one_of_two() -> None:
    """It is queued, and the Dag has noted it; there is no run yet."""
    decision = decide_dag(seen(waiting(ALL), updates=(update("p-1-make", "orders", "other"),)), after(2))
    assert kinds(decision) == ["WriteStatus"]
    assert written(decision)["assets"] == {
        "queued": {"orders": marker("orders", "p-1-make")},
        "noted": ["uid-p-1-make/1"],
    }


def test_an_update_that_is_noted_already() -> None:
    """It counts once, however often it is seen."""
    of, updates = waiting(ALL), (update("p-1-make", "orders"),)
    noted = settled(of, decide_dag(seen(of, updates=updates), after(2)))
    assert decide_dag(seen(noted, updates=updates), after(3)).actions == ()


def test_two_updates_of_one_instant() -> None:
    """Neither is lost: what tells them apart is who made them, not when."""
    updates = (update("p-1-make", "orders"), update("p-2-make", "orders"), update("p-2-make", "orders", attempt=2))
    queued = written(decide_dag(seen(waiting(ALL), updates=updates), after(2)))["assets"]["queued"]
    assert (queued["orders"]["count"], [each["try"] for each in queued["orders"]["updates"]]) == (3, [1, 1, 2])


def test_many_updates_of_one_asset() -> None:
    """The last ten are listed, all are counted."""
    of = waiting(ALL, queued={"orders": marker("orders", *(f"old-{n}" for n in range(8)), count=20)})
    updates = tuple(update(f"p-{n}", "orders", seconds=n) for n in range(5))
    told_of = written(decide_dag(seen(of, updates=updates), after(9)))["assets"]["queued"]["orders"]
    assert told_of["count"] == 25
    assert [each["taskRun"] for each in told_of["updates"]] == [f"old-{n}" for n in range(3, 8)] + [
        f"p-{n}" for n in range(5)
    ]


def test_more_updates_than_one_write_takes() -> None:
    """The others follow once the TaskRuns of these know."""
    updates = tuple(update(f"p-{n:04}", "orders") for n in range(NOTED_AT_ONCE + 1))
    of = waiting(ALL)
    first = settled(of, decide_dag(seen(of, updates=updates), after(2)))
    assert first.status.assets is not None
    assert len(first.status.assets.noted) == NOTED_AT_ONCE
    second = written(decide_dag(seen(first, updates=updates[-1:]), after(3)))["assets"]
    assert (second["noted"], second["queued"]["orders"]["count"]) == ([updates[-1].id], NOTED_AT_ONCE + 1)


def test_the_rule_holds() -> None:
    """The run is settled first, with all that was queued; it is created from what stands in the status, then gone."""
    of = waiting(ALL, queued={"orders": marker("orders", "p-1-make", count=7)})
    settling = decide_dag(seen(of, updates=(update("q-1-make", "rates", seconds=5),)), after(6))
    assert kinds(settling) == ["WriteStatus"]
    made = {"name": "etl-20260101t060006-a1", "at": told(6)}
    updates = [
        {"asset": "orders", "taskRun": "p-1-make", "try": 1, "at": told(1)},
        {"asset": "rates", "taskRun": "q-1-make", "try": 1, "at": told(5)},
    ]
    patch = written(settling)["assets"]
    assert patch == {
        "making": {**made, "updates": updates},
        "runs": 1,
        "queued": None,
        "noted": ["uid-q-1-make/1"],
    }
    ready = settled(of, settling)
    creating = decide_dag(seen(ready), after(7))
    assert kinds(creating) == ["CreateRun", "WriteStatus"]
    [create] = [action for action in creating.actions if isinstance(action, CreateRun)]
    assert create.name == made["name"]
    assert create.spec.model_dump(mode="json", by_alias=True, exclude_none=True) == {
        "dagRef": {"name": "etl"},
        "runType": "asset_triggered",
        "runId": "asset_triggered__2026-01-01T06:00:06+00:00_a1",
        "updates": updates,
        "params": {},
        "paused": False,
    }
    assert written(creating)["assets"]["making"] is None
    assert decide_dag(seen(settled(ready, creating)), after(8)).actions == ()


def test_a_crash_before_the_run_was_accounted_for() -> None:
    """The same run comes out again, whatever was updated meanwhile; that waits for the next one."""
    ready = waiting(ANY, runs=4, making={"name": "etl-20260101t060000-a4", "at": told(0)})
    again = decide_dag(seen(ready, updates=(update("p-2-make", "orders"),)), after(60))
    assert created(again) == ["etl-20260101t060000-a4"]
    assert written(again)["assets"]["queued"]["orders"]["count"] == 1
    following = decide_dag(seen(settled(ready, again)), after(61))
    assert written(following)["assets"]["making"]["name"] == "etl-20260101t060101-a5"


@pytest.mark.parametrize("making", [None, {"name": "etl-x", "at": told(0)}])
def test_a_paused_dag(making: dict[str, Any] | None) -> None:
    """It goes on noting updates, and makes no run of them until it is unpaused."""
    paused = replace(waiting(ANY, making=making), paused=True)
    decision = decide_dag(seen(paused, updates=(update("p-1-make", "orders"),)), after(2))
    assert created(decision) == []
    assert written(decision)["assets"].keys() == {"queued", "noted"}


def test_no_room_for_a_run() -> None:
    """While maxActiveRuns are active the updates gather, and one run answers for all of them."""
    spec = {**ANY, "concurrency": {"maxActiveRuns": 2}}
    of = waiting(spec, queued={"orders": marker("orders", "p-1-make")})
    assert "assets" not in written(decide_dag(seen(of, active_runs=2), after(2)))
    assert "making" in written(decide_dag(seen(of, active_runs=1), after(2)))["assets"]


def test_updates_that_make_no_run_yet() -> None:
    """Their write waits for its turn, as their TaskRuns keep them until then; one that makes a run does not."""
    of, updates = waiting(ALL), (update("p-1-make", "orders"),)
    soon = decide_dag(seen(of, updates=updates, status_written_at=after(1)), after(2))
    assert (soon.actions, soon.wake_at) == ((), after(4))
    both = (*updates, update("q-1-make", "rates"))
    assert kinds(decide_dag(seen(of, updates=both, status_written_at=after(1)), after(2))) == ["WriteStatus"]


def test_ids_that_nobody_asks_for_any_more() -> None:
    """They go with the next write, and make one of their own once they are many."""
    few = waiting(ALL, noted=[f"old/{n}" for n in range(99)])
    assert decide_dag(seen(few), after(2)).actions == ()
    update_ = update("p-1-make", "orders")
    assert written(decide_dag(seen(few, updates=(update_,)), after(2)))["assets"]["noted"] == [update_.id]
    many = waiting(ALL, noted=[f"old/{n}" for n in range(100)])
    assert written(decide_dag(seen(many), after(2)))["assets"] == {"noted": None}


def test_an_asset_that_is_waited_for_no_more() -> None:
    """Its updates are dropped with it; those of the others stay."""
    of = waiting(
        drawn_spec("a", schedule={"assets": {"all": ["rates", "prices"]}}),
        queued={"orders": marker("orders", "p-1"), "rates": marker("rates", "q-1")},
    )
    patch = written(decide_dag(seen(of), after(2)))["assets"]
    assert patch == {"waitsFor": ["prices", "rates"], "queued": {"orders": None}}


def test_a_schedule_without_assets_any_more() -> None:
    """Nothing is left of the queue."""
    of = replace(waiting(ALL, queued={"orders": marker("orders", "p-1")}), spec_json=dag(HOURLY).spec_json)
    assert written(decide_dag(seen(of), after(2)))["assets"] is None


def test_a_dag_at_fault() -> None:
    """As a paused one it keeps what was updated, for the assets that it waited for when it was valid."""
    broken = drawn_spec("a", schedule={"assets": {"all": ["orders", 3]}})
    of = replace(waiting(ALL), spec_json=dag(broken).spec_json)
    patch = written(decide_dag(seen(of, updates=(update("p-1-make", "orders"),)), after(2)))
    assert patch["assets"]["queued"]["orders"]["count"] == 1
    assert "waitsFor" not in patch["assets"]


def test_a_time_or_assets() -> None:
    """A run comes for either, and one does not take the other's part."""
    spec = drawn_spec("a", schedule={"cron": "@hourly", "assets": {"all": ["orders", "rates"]}})
    of = settled(waiting(spec, queued={"orders": marker("orders", "p-1")}), None)
    slot = decide_dag(seen(of), after(3600))
    assert created(slot) == ["etl-20260101t070000"]
    assert "assets" not in written(slot)
    both = decide_dag(seen(of, updates=(update("q-1", "rates"),)), after(3600))
    assert created(both) == ["etl-20260101t070000"]
    assert written(both)["assets"]["making"]["name"] == "etl-20260101t070000-a1"
    assert of.status.schedule == "@hourly or orders and rates"


def test_a_slot_takes_the_last_room() -> None:
    """The assets' run waits until there is room again."""
    spec = drawn_spec(
        "a", schedule={"cron": "@hourly", "assets": {"any": ["orders", "rates"]}}, concurrency={"maxActiveRuns": 1}
    )
    of = waiting(spec, queued={"orders": marker("orders", "p-1")})
    assert "assets" not in written(decide_dag(seen(of), after(3600)))
