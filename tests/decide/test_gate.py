"""The gate: waiting tasks and the use of every limit -> who may have a Pod, and why the others may not."""

from typing import Any

import pytest

from controller.decide.gate import decide_gate, refusal
from controller.model.gate import Candidate, GateSnapshot, PoolUse, Use
from controller.model.metadata import Key
from tests.decide import objects
from tests.decide.objects import NOW, POLICY, after, with_use


def candidate(name: str, run: str = "r1", pool: str = "default", **more: Any) -> Candidate:
    """A waiting task of one slot."""
    return objects.candidate(Key("team", name), run=Key("team", run), pool=pool, **more)


def pools(**free: int | tuple[int | None, int]) -> dict[Key, PoolUse]:
    """`x=3`: 3 slots, all free; `x=(3, 2)`: 2 of them used; None slots: no such pool."""
    pairs = {name: size if isinstance(size, tuple) else (size, 0) for name, size in free.items()}
    return {Key("team", name): PoolUse(name, slots, used) for name, (slots, used) in pairs.items()}


def seen(use: Use, *candidates: Candidate, **more: Any) -> GateSnapshot:
    """The candidates in a world where no Dag has had a turn."""
    fields: dict[str, Any] = {"short": (), "turns": {}, "policy": POLICY, "next_retry_at": None, "use": use}
    return GateSnapshot(candidates, **{**fields, **more})


def admitted(use: Use, *candidates: Candidate) -> str:
    """The names of those that may start."""
    return " ".join(key.name for key in decide_gate(seen(use, *candidates), NOW).admitted)


ROOM = with_use(pools=pools(default=128))

REFUSED = {
    "its time has not come": (
        candidate("a", retry_at=after(1)),
        ROOM,
        "RetryAt",
        "Waiting for the time of the next attempt",
    ),
    "the Dag is paused": (candidate("a", paused="Dag etl"), ROOM, "Paused", "Dag etl is paused"),
    "the run is full": (
        candidate("a", run_limit=2),
        with_use(by_run={Key("team", "r1"): 2}),
        "TaskLimit",
        "The run has 2 active tasks, its maxActiveTasks",
    ),
    "the task is full in its run": (
        candidate("a", per_run=2, per_dag=9),
        with_use(by_run_task={(Key("team", "r1"), "a"): 2}),
        "TaskInstanceLimit",
        "Task a is active 2 times in the run, its maxActivePerRun",
    ),
    "the task is full in its Dag": (
        candidate("a", per_dag=2),
        with_use(by_dag_task={(Key("team", "etl"), "a"): 3}),
        "TaskInstanceLimit",
        "Task a is active 2 times in the Dag's runs, its maxActivePerDag",
    ),
    "the pool is full": (
        candidate("a"),
        with_use(pools=pools(default=(4, 4))),
        "Pool",
        "Waiting for 1 of 4 slots in pool default",
    ),
    "too few slots are free": (
        candidate("a", slots=3),
        with_use(pools=pools(default=(4, 2))),
        "Pool",
        "Waiting for 3 of 4 slots in pool default",
    ),
    "the pool is too small": (
        candidate("a", slots=5),
        with_use(pools=pools(default=(4, 0))),
        "Pool",
        "The task needs 5 slots, but pool default has 4 in all",
    ),
    "the pool has no slots": (
        candidate("a"),
        with_use(pools=pools(default=0)),
        "Pool",
        "The task needs 1 slots, but pool default has 0 in all",
    ),
    "there is no such pool": (
        candidate("a", pool="x"),
        with_use(pools=pools(x=(None, 0))),
        "Pool",
        "Pool x does not exist",
    ),
    "the cluster is full": (
        candidate("a"),
        with_use(total=2, parallelism=2),
        "Parallelism",
        "2 tasks run in all, as many as parallelism allows",
    ),
    "everything at once": (
        candidate("a", retry_at=after(1), paused="The run", run_limit=0),
        with_use(total=9, parallelism=2, pools=pools(default=(None, 0))),
        "RetryAt",
        "Waiting for the time of the next attempt",
    ),
}


@pytest.mark.parametrize(("of", "use", "reason", "message"), REFUSED.values(), ids=REFUSED)
def test_a_limit_is_reached(of: Candidate, use: Use, reason: str, message: str) -> None:
    """The first limit in its way is the reason that the user reads."""
    waiting = refusal(of, use, NOW)
    assert waiting is not None
    assert (waiting.reason, waiting.message) == (reason, message)


@pytest.mark.parametrize(
    ("of", "use"),
    [
        (candidate("a"), ROOM),
        (candidate("a", retry_at=NOW), ROOM),
        (candidate("a", slots=4), with_use(pools=pools(default=4))),
        (candidate("a", slots=500), with_use(pools=pools(default=(-1, 9000)))),
        (candidate("a"), with_use(total=31)),
        (candidate("a", per_run=2, per_dag=9), with_use(by_run_task={(Key("team", "r1"), "a"): 1})),
        (candidate("a"), with_use(by_run_task={(Key("team", "r1"), "a"): 99})),
        (candidate("a", run_limit=2), with_use(by_run={Key("team", "r1"): 1, Key("team", "r2"): 99})),
    ],
)
def test_there_is_room(of: Candidate, use: Use) -> None:
    """Limits are inclusive, and the limits of others do not count."""
    assert refusal(of, use, NOW) is None


def test_the_head_does_not_fit() -> None:
    """Those behind it start all the same."""
    use = with_use(pools=pools(default=(4, 2), gone=(None, 0)))
    tasks = [candidate("big", slots=3), candidate("lost", pool="gone"), candidate("paused", paused="Dag etl")]
    assert admitted(use, *tasks, candidate("b"), candidate("c"), candidate("d")) == "b c"


def test_limits_fill_up_as_tasks_are_let_through() -> None:
    """Each one takes its part of all limits before the next is judged."""
    names = "abcdef"
    assert admitted(with_use(parallelism=4, total=1), *map(candidate, names)) == "a b c"
    assert admitted(ROOM, *(candidate(name, run_limit=2) for name in names)) == "a b"
    assert admitted(ROOM, *(candidate(name, run=f"r{name}", run_limit=1) for name in names)) == "a b c d e f"
    assert admitted(with_use(pools=pools(default=5)), *(candidate(name, slots=2) for name in names)) == "a b"


def test_several_slots_and_single_ones() -> None:
    """The order of the queue holds among those that fit."""
    use = with_use(pools=pools(default=5))
    tasks = [candidate("a", slots=2), candidate("b", slots=4), candidate("c"), candidate("d", slots=2)]
    assert admitted(use, *tasks) == "a c d"


def test_pools_of_two_namespaces() -> None:
    """A name means the pool of the task's own namespace."""
    other = objects.candidate(Key("other", "b"))
    use = with_use(pools={**pools(default=(1, 1)), Key("other", "default"): PoolUse("default", 1, 0)})
    assert admitted(use, candidate("a"), other) == "b"


def test_nobody_waits() -> None:
    """The gate asks to be opened again when the next retry joins the queue."""
    admission = decide_gate(seen(ROOM, next_retry_at=after(60)), NOW)
    assert (admission.admitted, admission.wake_at) == ((), after(60))
