"""Pools: what their status says, how often, and what Dags say of the pools they need."""

from typing import Any

import pytest

from controller.decide.dag import decide_dag
from controller.decide.pool import decide_pool, pools_fall_short
from controller.model.action import Decision, Tell
from controller.model.dag import canonical_json
from controller.model.metadata import Key
from controller.model.pool import Pool, parse_pool
from controller.model.snapshot import PoolSnapshot
from tests.decide.dags import conditions, seen
from tests.decide.drawing import drawn_spec
from tests.decide.objects import POLICY, after, dag, meta, told, written


def pool(slots: int, status: dict[str, Any] | None = None, name: str = "etl", **more: Any) -> Pool:
    """A Pool of this name."""
    return parse_pool(meta(name, **more), {"spec": {"slots": slots}, "status": status or {}})


def look(of: Pool, used: int = 0, queued: int = 0, holders: tuple[str, ...] = (), **more: Any) -> PoolSnapshot:
    """The pool, with so many slots taken and tasks waiting."""
    fields = {"status_written_at": None, "policy": POLICY, **more}
    return PoolSnapshot(pool=of, used=used, queued=queued, holders=holders, **fields)


READY: dict[str, Any] = {
    "type": "Ready",
    "status": "True",
    "reason": "InUse",
    "message": "",
    "lastTransitionTime": told(),
    "observedGeneration": 1,
}


def test_a_pool_at_work() -> None:
    """Its status says how full it is, who waits, and who holds slots."""
    decision = decide_pool(look(pool(4), 3, 7, ("r-a", "r-b")), after(0))
    assert written(decision) == {
        "used": 3,
        "queued": 7,
        "holders": ["r-a", "r-b"],
        "observedGeneration": 1,
        "conditions": [READY],
    }


def test_nothing_changed() -> None:
    """Nothing is written."""
    status = {"used": 3, "holders": ["r-a"], "observedGeneration": 1, "conditions": [READY]}
    assert decide_pool(look(pool(4, status), 3, 0, ("r-a",)), after(60)) == Decision()


def test_a_change_soon_after_a_write() -> None:
    """It waits for its turn, three seconds after the last."""
    snapshot = look(pool(4), 1, status_written_at=after(0))
    assert decide_pool(snapshot, after(2)) == Decision(wake_at=after(3))
    assert written(decide_pool(snapshot, after(3)))["used"] == 1


def exhausted(decision: Decision) -> tuple[str, str] | None:
    """Status and reason of condition Exhausted, if it is written."""
    found = [each for each in written(decision).get("conditions", ()) if each["type"] == "Exhausted"]
    return (found[0]["status"], found[0]["reason"]) if found else None


def tells(decision: Decision) -> list[tuple[str, str]]:
    """The Events."""
    return [(action.reason, action.message) for action in decision.actions if isinstance(action, Tell)]


def test_a_pool_that_is_exhausted() -> None:
    """All slots are taken and tasks wait: the condition and one Event say so, and later changes are no news."""
    decision = decide_pool(look(pool(2), 2, 3), after(0))
    assert exhausted(decision) == ("True", "TasksWait")
    assert tells(decision) == [("PoolExhausted", "All 2 slots are taken, and tasks wait")]
    assert decision.wake_at == after(600)
    again = decide_pool(look(pool(2, written(decision)), 2, 9), after(60))
    assert (written(again), tells(again), again.wake_at) == ({"queued": 9}, [], after(600))


@pytest.mark.parametrize(("slots", "used", "queued"), [(2, 2, 0), (3, 2, 1), (-1, 900, 1), (0, 0, 1)])
def test_a_pool_that_is_not(slots: int, used: int, queued: int) -> None:
    """Tasks that wait for something else, and a pool without slots, which is not Ready, are no exhaustion."""
    decision = decide_pool(look(pool(slots), used, queued), after(0))
    assert (exhausted(decision), tells(decision), decision.wake_at) == (None, [], None)


def test_a_pool_that_is_full_now_and_then() -> None:
    """For ten minutes it stays exhausted, whatever comes; then it is not, unless tasks wait, and tells anew."""
    status = written(decide_pool(look(pool(2), 2, 3), after(0)))
    for used, queued in ((0, 0), (2, 5)):
        decision = decide_pool(look(pool(2, status), used, queued), after(599))
        assert (exhausted(decision), tells(decision), decision.wake_at) == (None, [], after(600))
    still = decide_pool(look(pool(2, status), 2, 5), after(600))
    assert (exhausted(still), tells(still), still.wake_at) == (None, [], None)
    calm = decide_pool(look(pool(2, status), 1, 0), after(600))
    assert (exhausted(calm), tells(calm)) == (("False", "NoneWaits"), [])
    anew = decide_pool(look(pool(2, {**status, **written(calm)}), 2, 1), after(700))
    assert (exhausted(anew), len(tells(anew))) == (("True", "TasksWait"), 1)


@pytest.mark.parametrize(
    ("slots", "used", "ready"),
    [
        (4, 4, ("True", "InUse")),
        (-1, 900, ("True", "InUse")),
        (3, 4, ("True", "Shrunk")),
        (0, 0, ("False", "NoSlots")),
        (0, 2, ("False", "NoSlots")),
    ],
)
def test_whether_tasks_may_start(slots: int, used: int, ready: tuple[str, str]) -> None:
    """Ready says so; a pool that was made smaller than what is taken says that too."""
    [condition] = written(decide_pool(look(pool(slots), used), after(0)))["conditions"]
    assert (condition["status"], condition["reason"]) == ready


def test_a_pool_that_goes() -> None:
    """Nothing is written to it any more."""
    assert decide_pool(look(pool(4, deletionTimestamp=told(1)), 3), after(2)) == Decision()


# ---- what Dags say -------------------------------------------------------------------------------------------------

SPEC = drawn_spec(
    "a; b; c; n", {"a": {"pool": "etl", "poolSlots": 3}, "b": {"pool": "etl"}, "n": {"noop": {}, "pool": "none"}}
)


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [
        ([], "Pool etl does not exist"),
        ([pool(3)], ""),
        ([pool(-1)], ""),
        ([pool(2)], "Pool etl has 2 slots, and a task needs 3"),
        ([pool(3), pool(0, name="default")], "Pool default has 0 slots, and a task needs 1"),
        ([pool(0, name="default")], "Pool default has 0 slots, and a task needs 1; pool etl does not exist"),
    ],
)
def test_pools_that_fall_short(pools: list[Pool], sentence: str) -> None:
    """They are missing, or smaller than the largest task; the pool default is there in any case."""
    known = {each.meta.key: each for each in pools}
    assert pools_fall_short(canonical_json(SPEC), "team", known) == sentence


def test_a_spec_that_is_not_valid() -> None:
    """Its pools are not asked for."""
    assert pools_fall_short("{}", "team", {}) == ""


def test_a_dag_without_its_pool() -> None:
    """Condition Pools says so; it is True again once the pool is there, and absent where nothing ever was amiss."""
    missing = decide_dag(seen(dag(SPEC)), after(0))
    assert ("Pools", "False", "TooFewSlots") in conditions(missing)
    known = {Key("team", "etl"): pool(3)}
    status = {"conditions": written(missing)["conditions"]}
    assert ("Pools", "True", "Sufficient") in conditions(decide_dag(seen(dag(SPEC, status), pools=known), after(9)))
    assert "Pools" not in [type_ for type_, _, _ in conditions(decide_dag(seen(dag(SPEC), pools=known), after(0)))]
