"""Replicas that are delayed, frozen, killed and started anew: never may two of them write, and in the end one leads."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.election.network import SPAN, LeaseServer, Permission, Replica, Trip, VirtualLoop

HORIZON: Final = 300.0
"""By then all that goes wrong is long over."""
_DELAYS: Final = st.sampled_from([0.0, 0.01, 1.0, 2.9, 3.1, 6.0, 9.9, 14.5, 30.0])
TRIPS: Final = st.lists(st.builds(Trip, _DELAYS, _DELAYS, st.booleans(), st.booleans()), max_size=25)
TIMES: Final = st.floats(0, 100, allow_nan=False)


@dataclass(frozen=True)
class Life:
    """One replica's."""

    trips: list[Trip] = field(default_factory=list)
    starts_at: float = 0.0
    ends_at: float = HORIZON
    frozen: list[tuple[float, float]] = field(default_factory=list)


def _life() -> st.SearchStrategy[Life]:
    windows = st.lists(st.tuples(TIMES, st.floats(0.1, 40)).map(lambda both: (both[0], both[0] + both[1])), max_size=3)
    return st.builds(Life, TRIPS, TIMES, st.one_of(st.just(HORIZON), TIMES), windows)


@dataclass(frozen=True)
class Story:
    """What came of it, at the horizon."""

    permissions: list[Permission]
    leaders: list[str]
    endings: list[str]
    """Why each replica stopped by itself; empty where it did not."""
    spec: dict[str, Any]
    """Of the Lease."""

    def first(self, identity: str) -> float:
        """When this replica was permitted to write for the first time."""
        return min(each.since for each in self.permissions if each.identity == identity)


def played(*lives: Life, deletions: list[float] | None = None) -> Story:
    """What comes of these lives, one replica each: r0, r1 and so on."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(_play(lives, deletions or []))
    finally:
        loop.close()


async def _play(lives: tuple[Life, ...], deletions: list[float]) -> Story:
    server, permissions = LeaseServer(), list[Permission]()
    server.make_empty()
    replicas = [
        Replica(f"r{number}", server, iter(life.trips), life.frozen, permissions) for number, life in enumerate(lives)
    ]
    works: list[Coroutine[Any, Any, None]] = [
        replica.run(life.starts_at, life.ends_at) for replica, life in zip(replicas, lives, strict=True)
    ]
    running = [asyncio.ensure_future(work) for work in works]
    for at in deletions:
        asyncio.get_running_loop().call_at(at, server.delete)
    await asyncio.sleep(HORIZON - 1)
    leaders = [replica.identity for replica in replicas if replica.leadership.holds]
    endings = [replica.ended for replica in replicas]
    story = Story(list(permissions), leaders, endings, (server.raw or {}).get("spec", {}))
    for each in running:
        if each.done():
            each.result()
    left = asyncio.all_tasks() - {asyncio.current_task()}  # requests that are on their way among them
    for each in left:
        each.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return story


def overlaps(permissions: list[Permission]) -> list[tuple[Permission, Permission]]:
    """Pairs of different replicas whose writes might meet."""
    return [
        (one, other)
        for one, other in combinations(permissions, 2)
        if one.identity != other.identity and max(one.since, other.since) < min(one.until, other.until)
    ]


@settings(max_examples=400, deadline=None)
@given(st.lists(_life(), min_size=2, max_size=4), st.lists(TIMES, max_size=2))
def test_never_two(lives: list[Life], deletions: list[float]) -> None:
    """Whatever is delayed, lost, frozen or deleted: the writes of one have ended before another one's begin."""
    assert overlaps(played(*lives, deletions=deletions).permissions) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(_life(), min_size=1, max_size=3), st.lists(TIMES, max_size=2))
def test_one_in_the_end(lives: list[Life], deletions: list[float]) -> None:
    """Once nothing goes wrong any more, a replica that is left leads."""
    assert len(played(*lives, Life(starts_at=150), deletions=deletions).leaders) == 1


def test_the_check_itself() -> None:
    """It sees two who may write at once."""
    both = [Permission("a", 0, 14), Permission("b", 13.9, 20)]
    assert overlaps(both) == [(both[0], both[1])]
    assert overlaps([Permission("a", 0, 14), Permission("b", 14, 20)]) == []
    assert overlaps([Permission("a", 0, 14), Permission("a", 3, 20)]) == []


def test_a_leader_that_is_killed() -> None:
    """The standby leads one Lease after it saw the last renewal, with the one change of hands counted."""
    silence = [Trip(loses_request=True)] * 99
    story = played(Life([*[Trip()] * 10, *silence]), Life(starts_at=1))
    last = max(each.until for each in story.permissions if each.identity == "r0") - SPAN.writes_end
    assert SPAN.seconds <= story.first("r1") - last <= SPAN.seconds + SPAN.retry + 0.5
    assert story.spec["leaseTransitions"] == 1


def test_a_leader_that_ends_in_good_order() -> None:
    """The standby leads after its next look."""
    assert 0 <= played(Life(ends_at=50), Life(starts_at=1)).first("r1") - 50 <= SPAN.retry + 0.5


def test_a_leader_that_can_not_reach_the_api_server() -> None:
    """It ends at its deadline, and says why."""
    story = played(Life([*[Trip()] * 10, *[Trip(loses_request=True)] * 99]))
    assert story.endings == ["the Lease space/slipway was not renewed for 10 s: no answer"]


def test_a_leader_that_was_frozen_for_longer_than_its_lease() -> None:
    """Thawed, it may write nothing, and it ends."""
    story = played(Life(frozen=[(30, 60)]), Life(starts_at=1))
    assert (story.leaders, [bool(ending) for ending in story.endings]) == (["r1"], [True, False])
    assert [each for each in story.permissions if each.identity == "r0" and each.until > 30 + SPAN.writes_end] == []


def test_answers_that_are_lost() -> None:
    """A renewal that was stored, and of which the leader does not hear, costs it nothing."""
    story = played(Life([Trip()] * 5 + [Trip(loses_answer=True), *[Trip()] * 4] * 10))
    assert (story.leaders, story.spec["leaseTransitions"]) == (["r0"], 0)
    assert len(story.permissions) > 100


def test_a_win_that_is_not_heard_of() -> None:
    """The standby finds itself in the Lease, and leads without waiting for itself."""
    looks = [Trip()] * 8
    story = played(Life([*looks, Trip(loses_answer=True)]))
    assert story.leaders == ["r0"]
    assert story.first("r0") - SPAN.seconds < SPAN.answer + 2 * SPAN.retry
    assert played(Life()).first("r0") - SPAN.seconds < 0.5


def test_a_lease_that_somebody_deletes() -> None:
    """Its leader makes it again, and nobody takes over."""
    story = played(Life(), Life(starts_at=1), deletions=[20.0, 40.0])
    assert (story.leaders, {each.identity for each in story.permissions}) == (["r0"], {"r0"})


def test_a_lease_that_is_not_there_at_first() -> None:
    """Its maker leads after the wait that keeps a leader safe who may have lost the one before."""
    story = played(Life(), deletions=[0.0])
    assert 0 <= story.first("r0") - SPAN.remake - SPAN.seconds <= 0.5
    assert story.spec["holderIdentity"] == "r0"


def test_a_lease_that_is_missed_late() -> None:
    """Who saw long ago that there is none, and is heard only after it was made, led by and deleted, does not lead."""
    standby = [Trip(back=0.0), *[Trip(there=0.0, back=3.1)] * 30]
    story = played(Life(frozen=[(0, 20)]), Life(standby), deletions=[0.0, 85.0])
    assert overlaps(story.permissions) == []


def test_a_maker_that_ends_before_it_leads() -> None:
    """The next one does not take its Lease at once."""
    story = played(Life(ends_at=12), Life(starts_at=1), deletions=[0.0])
    assert story.first("r1") >= SPAN.remake + SPAN.seconds


def test_an_answer_that_takes_long() -> None:
    """The permission counts from when the renewal was sent, as others may have seen it at once."""
    story = played(Life([Trip(), *[Trip(there=0, back=2.5)] * 200]))
    assert {round(each.until - each.since, 3) for each in story.permissions} == {SPAN.writes_end - 2.5}
