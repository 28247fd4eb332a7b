"""The gate, where several fit: backfills last, priority, long waits for several slots, turns of Dags, date, age."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.decide.gate import decide_gate, refusal
from controller.model.gate import Candidate, GateSnapshot, Kept, PoolUse, Use
from controller.model.metadata import Key
from tests.decide import objects
from tests.decide.objects import NOW, POLICY, after, with_use

POOL = Key("team", "default")
LONG, SHORT = after(-61), after(-59)


def candidate(name: str, dag: str = "etl", **more: Any) -> Candidate:
    """A task of one slot; its Dag has one run."""
    return objects.candidate(Key("team", name), dag=Key("team", dag), run=Key("team", f"{dag}-1"), **more)


def backfilled(of: Candidate) -> Candidate:
    """The same in a run of a backfill."""
    return replace(of, order=(True, *of.order[1:]))


def room(slots: int, used: int = 0, parallelism: int = 32) -> Use:
    """A pool of so many slots."""
    return with_use(pools={POOL: PoolUse("default", slots, used)}, parallelism=parallelism)


def seen(use: Use, *candidates: Candidate, short: tuple[Candidate, ...] = (), **turns: int) -> GateSnapshot:
    """The candidates; `etl=3` says when the Dag had its last turn."""
    numbers = {(POOL, Key("team", dag)): number for dag, number in turns.items()}
    return GateSnapshot(candidates, short=short, turns=numbers, policy=POLICY, next_retry_at=None, use=use)


def order(snapshot: GateSnapshot) -> str:
    """The names of those that may start, in their order."""
    return " ".join(key.name for key in decide_gate(snapshot, NOW).admitted)


def test_one_dag() -> None:
    """Priority, then logical date, then age, then name."""
    tasks = [
        candidate("c", date=after(-9), since=after(-1)),
        candidate("b", date=after(-9), since=after(-2)),
        candidate("a", date=after(-8), since=after(-3)),
        candidate("d", priority=9),
        candidate("e", date=after(-8), since=after(-3)),
    ]
    assert order(seen(room(9), *tasks)) == "d b c a e"


def test_dags_take_turns() -> None:
    """One task each, however many wait and however old they are; a Dag that was served last comes last."""
    big = [candidate(f"a{number}", "big", date=after(-99)) for number in range(4)]
    small = [candidate(f"b{number}", "small") for number in range(2)]
    third = [candidate("c0", "third", date=after(-50))]
    tasks = (*big, *small, *third)
    assert order(seen(room(9), *tasks)) == "a0 c0 b0 a1 b1 a2 a3"
    assert order(seen(room(2), *tasks, big=7, third=6)) == "b0 c0"
    assert order(seen(room(1), *tasks, big=7, third=6, small=8)) == "c0"


def test_priority_goes_before_turns() -> None:
    """Turns are among equals."""
    big = [candidate(f"a{number}", "big", priority=5) for number in range(2)]
    assert order(seen(room(9), *big, candidate("b", "small"), big=9)) == "a0 a1 b"


def test_backfills_come_last() -> None:
    """Whatever their priority."""
    tasks = [backfilled(candidate("a", priority=99)), candidate("b"), backfilled(candidate("c", "other", priority=100))]
    assert order(seen(room(9), *tasks)) == "b c a"


def test_a_dag_whose_head_does_not_fit() -> None:
    """Its next task has the turn instead."""
    full = candidate("a0", "big", per_run=1)
    use = replace(room(9), by_run_task={(Key("team", "big-1"), "a0"): 1})
    assert order(seen(use, full, candidate("a1", "big"), candidate("b0", "small"))) == "a1 b0"


def test_a_limit_that_fills_up_on_the_way() -> None:
    """An instance that was let through counts for those behind it; tasks without a limit are not counted at all."""
    limited = [candidate(f"a{number}", task="t", per_run=2, per_dag=9) for number in range(3)]
    counts: dict[str, Any] = {
        "by_run_task": {(Key("team", "etl-1"), "t"): 0},
        "by_dag_task": {(Key("team", "etl"), "t"): 0},
    }
    snapshot = seen(replace(room(9), **counts), *limited, candidate("b", task="u"))
    assert order(snapshot) == "a0 a1 b"
    assert decide_gate(snapshot, NOW).again


@pytest.mark.parametrize(
    ("slots", "parallelism", "again"),
    [(9, 32, False), (1, 32, True), (9, 1, False), (0, 32, False)],
)
def test_another_look(slots: int, parallelism: int, again: bool) -> None:
    """It is worth one when something was let through, something was not, and there is room in all."""
    snapshot = seen(room(slots, parallelism=parallelism), candidate("a"), candidate("b"))
    assert decide_gate(snapshot, NOW).again is again


# ---- slots that are kept -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("since", "let_through"), [(SHORT, "a b"), (LONG, "")])
def test_a_task_that_needs_several_slots(since: Any, let_through: str) -> None:
    """After a minute what comes free in its pool is kept for it, and smaller tasks wait."""
    wide = candidate("wide", "other", slots=3, since=since)
    assert order(seen(room(4, used=2), candidate("a"), candidate("b"), short=(wide,))) == let_through


def test_the_turn_of_a_task_that_waited_long() -> None:
    """As soon as it fits it goes before all of its priority, also in its own Dag."""
    wide = candidate("wide", slots=3, since=LONG)
    tasks = [candidate("a", "other", date=after(-99)), candidate("b", date=after(-99)), wide]
    assert order(seen(room(4), *tasks, etl=9)) == "wide a"
    assert order(seen(room(4), *tasks, candidate("c", priority=2))) == "c wide"


@pytest.mark.parametrize(
    ("small", "let_through"),
    [
        (candidate("a", priority=2), "a"),
        (candidate("a", priority=1), ""),
        (backfilled(candidate("a", priority=9)), ""),
        (candidate("a", slots=2, since=LONG - timedelta(seconds=1)), "a"),
        (candidate("a", slots=2, since=LONG + timedelta(seconds=1)), ""),
    ],
)
def test_who_may_pass(small: Candidate, let_through: str) -> None:
    """Whoever comes before it by priority, or has waited longer for several slots."""
    wide = candidate("wide", slots=3, since=LONG)
    assert order(seen(room(4, used=2), small, short=(wide,))) == let_through


@pytest.mark.parametrize(
    "wide",
    [
        candidate("wide", slots=5, since=LONG),
        candidate("wide", slots=3, since=LONG, run_limit=0),
        candidate("wide", slots=3, since=LONG, paused="Dag etl"),
        candidate("wide", slots=3, since=LONG, per_dag=0),
    ],
)
def test_nothing_is_kept_in_vain(wide: Candidate) -> None:
    """Not for a task that the pool can never hold, or that could not start anyway."""
    admission = decide_gate(seen(room(4, used=2), candidate("a"), short=(wide,)), NOW)
    assert [key.name for key in admission.admitted] == ["a"]
    assert admission.kept == {}


def test_one_task_at_a_time() -> None:
    """Slots are kept for the first by priority, then by its wait, in whatever order they are seen."""
    wides = (
        candidate("late", slots=3, since=after(-70)),
        candidate("early", slots=3, since=after(-80)),
        candidate("later", slots=3, since=after(-65)),
    )
    admission = decide_gate(seen(room(4, used=2), short=wides), NOW)
    assert {pool: kept.key.name for pool, kept in admission.kept.items()} == {POOL: "early"}
    heavy = candidate("heavy", slots=3, since=after(-61), priority=2)
    admission = decide_gate(seen(room(4, used=2), short=(*wides, heavy)), NOW)
    assert admission.kept[POOL].key.name == "heavy"


def test_a_pool_of_another_task() -> None:
    """Only the pool that falls short is kept."""
    wide = candidate("wide", slots=3, since=LONG, pool="small")
    use = with_use(pools={POOL: PoolUse("default", 9, 0), Key("team", "small"): PoolUse("small", 4, 2)})
    assert order(seen(use, candidate("a"), candidate("b", pool="small"), short=(wide,))) == "a"


def test_what_the_others_read() -> None:
    """The reason names the task that the slots are kept for."""
    kept = Kept(Key("team", "wide"), 3, (False, -1, LONG))
    use = with_use(pools={POOL: PoolUse("default", 4, 2, kept)})
    waiting = refusal(candidate("a"), use, NOW)
    assert waiting is not None
    message = "Slots of pool default are kept for wide, which has waited long for 3"
    assert (waiting.reason, waiting.message) == ("Pool", message)
    assert refusal(candidate("wide", slots=2), use, NOW) is None
