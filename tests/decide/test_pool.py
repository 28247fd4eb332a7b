"""Pools: what their status says, how often, and what Dags say of the pools they need."""

from typing import Any

import pytest

from controller.decide.dag import decide_dag
from controller.decide.pool import decide_pool, pools_fall_short
from controller.model.action import Decision
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
