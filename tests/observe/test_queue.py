"""The queue: who could be next, and how little is looked at to know it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from controller.model.metadata import Key
from controller.observe.lanes import Entry, Place
from controller.observe.queue import Queue

NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)


def entry(name: str, pool: str = "default", slots: int = 1, dag: str = "d", run: str = "r", **more: Any) -> Entry:
    """A waiting task, made `age` seconds ago; `limited` names the task where it has a limit of its own."""
    made = NOW - timedelta(seconds=more.get("age", 0))
    limited = more.get("limited")
    place = Place("team", pool, slots, Key("team", dag), Key("team", run), limited, 1 if limited else None, None)
    key = Key("team", name)
    return Entry(key, place, name, (False, -more.get("priority", 1), NOW, made, key), made, more.get("retry_at"))


@dataclass
class Room:
    """As much room as told, and a count of the questions."""

    tasks: int = 32
    slots: dict[str, int] = field(default_factory=dict)
    """By pool; 128 where nothing is told."""
    paused: frozenset[str] = frozenset()
    """Dags."""
    full: frozenset[str] = frozenset()
    """Runs, and tasks with limits of their own."""
    turns: dict[str, int] = field(default_factory=dict)
    """By Dag."""
    asked: Counter[str] = field(default_factory=Counter)

    def left(self) -> int:
        """How many tasks may start in all."""
        return self.tasks

    def free(self, pool: Key) -> int:
        """How many slots of the pool are free."""
        self.asked["pool"] += 1
        return self.slots.get(pool.name, 128)

    def is_open(self, dag: Key) -> bool:
        """Whether tasks of the Dag may start at all."""
        self.asked["dag"] += 1
        return dag.name not in self.paused

    def turn(self, pool: Key, dag: Key) -> int:
        """When the Dag last took slots of the pool."""
        self.asked["turn"] += 1
        return self.turns.get(dag.name, 0)

    def in_place(self, place: Place) -> int:
        """How many tasks the place could take."""
        self.asked["place"] += 1
        if place.run.name in self.full or place.task in self.full:
            return 0
        return 1 if place.task else 16


def waiting(*entries: Entry) -> Queue:
    """A queue of these."""
    queue = Queue()
    for each in entries:
        assert queue.put(each)
    return queue


def heads(queue: Queue, room: Room | None = None) -> tuple[str, str]:
    """The names of those that could start, in order; and of those that only lack slots."""
    found, short = queue.heads(room or Room())
    found.sort(key=lambda each: each.order)
    return " ".join(each.key.name for each in found), " ".join(each.key.name for each in short)


MANY = [
    entry("a", age=1),
    entry("b", age=2),
    entry("c", priority=2, run="r2"),
    entry("w", slots=3, priority=5),
    entry("p", pool="etl", dag="e", run="q", age=9),
    entry("l", limited="l"),
    entry("m", limited="l"),
]


@pytest.mark.parametrize(
    ("room", "first"),
    [
        (Room(), ("w c p b a l", "")),
        (Room(tasks=1), ("w c p", "")),
        (Room(slots={"default": 0}), ("p", "")),
        (Room(slots={"default": 2}), ("c p b", "w")),
        (Room(slots={"etl": -3}), ("w c b a l", "")),
        (Room(paused=frozenset("d")), ("p", "")),
        (Room(full=frozenset({"r"})), ("c p", "")),
        (Room(full=frozenset({"l"})), ("w c p b a", "")),
        (Room(slots={"default": 2}, full=frozenset({"r"})), ("c p", "")),
    ],
)
def test_who_could_be_next(room: Room, first: tuple[str, str]) -> None:
    """What is full is passed over, and what lacks only slots is told apart."""
    assert heads(waiting(*MANY), room) == first
    assert heads(waiting(*reversed(MANY)), room) == first


def test_a_task_that_leaves() -> None:
    """The next one of its place is the head, and an empty place is gone."""
    queue = waiting(*MANY)
    for name in "wbcp":
        queue.remove(Key("team", name))
        queue.remove(Key("team", name))
    assert heads(queue) == ("a l", "")
    assert (len(queue), queue.waiting_in(Key("team", "default")), queue.waiting_in(Key("team", "etl"))) == (3, 3, 0)
    assert sorted(key.name for key in queue) == ["a", "l", "m"]


def test_a_task_that_waits_for_its_time() -> None:
    """It joins when that has come; another time told meanwhile counts instead."""
    queue = waiting(entry("a", retry_at=NOW + timedelta(seconds=9)), entry("b", retry_at=NOW + timedelta(seconds=5)))
    assert (heads(queue), queue.waiting_in(Key("team", "default"))) == (("", ""), 0)
    assert queue.put(entry("b", retry_at=NOW + timedelta(seconds=20)))
    assert not queue.put(entry("b", retry_at=NOW + timedelta(seconds=20)))
    assert queue.release(NOW + timedelta(seconds=5)) == NOW + timedelta(seconds=9)
    assert queue.release(NOW + timedelta(seconds=9)) == NOW + timedelta(seconds=20)
    assert heads(queue) == ("a", "")
    queue.remove(Key("team", "b"))
    assert queue.release(NOW + timedelta(seconds=60)) is None


def test_news_of_a_pool() -> None:
    """Each change of who is ready in it is told."""
    told: list[str] = []
    queue = Queue(lambda pool: told.append(pool.name))
    queue.put(entry("a"))
    queue.put(entry("p", pool="etl", retry_at=NOW))
    queue.release(NOW)
    queue.remove(Key("team", "a"))
    assert told == ["default", "etl", "default"]


FULL = {
    "one full pool": ([entry(f"b{n}", pool="etl", dag=f"d{n % 50}", run=f"r{n}") for n in range(5000)], {"etl": 0}),
    "one paused Dag": ([entry(f"b{n}", dag="paused", run=f"r{n}") for n in range(5000)], {}),
    "one full run": ([entry(f"b{n}", dag="x", run="full") for n in range(5000)], {}),
    "one full task": ([entry(f"b{n}", dag="x", limited="full") for n in range(5000)], {}),
    "wide tasks": (
        [entry(f"b{n}", pool="etl", slots=4, dag=f"d{n % 5}", run=f"r{n}") for n in range(5000)],
        {"etl": 3},
    ),
}


@pytest.mark.parametrize(("blocked", "slots"), FULL.values(), ids=FULL)
def test_thousands_that_can_not_start(blocked: list[Entry], slots: dict[str, int]) -> None:
    """5,000 blocked tasks beside 50 that may start are passed over with a few questions, not one for each."""
    room = Room(tasks=1, slots=slots, paused=frozenset({"paused"}), full=frozenset({"full"}))
    free = [entry(f"f{n}", dag="free", run="free", age=n) for n in range(50)]
    assert heads(waiting(*blocked, *free), room)[0] == "f49"
    assert room.asked.total() <= 20


def test_thousands_of_runs_that_may_start() -> None:
    """As many are looked at as could start now, not all that wait."""
    room = Room(tasks=3)
    assert heads(waiting(*(entry(f"f{n:04}", run=f"r{n}") for n in range(5000))), room)[0] == "f0000 f0001 f0002"
    assert room.asked.total() <= 10


def test_whose_turn_could_come() -> None:
    """Of many Dags only so many are given as could start, the higher priority first and then the longest ago."""
    queue = waiting(*(entry(f"t{n}", dag=f"d{n}", run=f"r{n}", priority=1 + (n == 7)) for n in range(9)))
    room = Room(tasks=3, turns={f"d{n}": 9 - n for n in range(8)})
    assert heads(queue, room)[0] == "t7 t6 t8"
    assert heads(queue, Room(tasks=32))[0] == "t7 t0 t1 t2 t3 t4 t5 t6 t8"


def test_a_task_that_left_and_came_back_before_its_time() -> None:
    """It is counted once."""
    queue = waiting(entry("a", retry_at=NOW + timedelta(seconds=5)))
    queue.remove(Key("team", "a"))
    queue.put(entry("a", retry_at=NOW + timedelta(seconds=5)))
    queue.release(NOW + timedelta(seconds=5))
    assert queue.waiting_in(Key("team", "default")) == 1
    queue.remove(Key("team", "a"))
    assert queue.waiting_in(Key("team", "default")) == 0
