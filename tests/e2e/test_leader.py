"""Two controllers and one Lease: whatever happens to the leader, the other one goes on where it stood."""

import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.api_proxy import proxied
from tests.e2e.local_controller import LocalController
from tests.e2e.replicas import Replicas, replicas_in
from tests.e2e.world import World, pool

pytestmark = pytest.mark.cluster

SLOTS: Final = 2
TASKS: Final = 6
PROGRESS_SECONDS: Final = 25
"""From the leader's death to the next Pod."""
HANDOVER_SECONDS: Final = 5
"""From the signal to the leader until the standby leads."""
QUICK_SECONDS: Final = 9
"""The length of the Lease where the promised time is not what is looked at."""


@pytest.fixture
def replicas(world: World, stopped: None, tmp_path: Path) -> Iterator[Replicas]:
    """Controllers `one` and `two`, of which one leads."""
    with replicas_in(world, tmp_path, QUICK_SECONDS) as found:
        found.start("one")
        found.start("two")
        yield found


def begin(world: World, seconds: int = 4) -> None:
    """A run whose tasks take turns in a narrow pool, two of them at work."""
    world.apply(pool("narrow", SLOTS))
    tasks: list[dict[str, Any]] = [
        {"name": f"t{number}", "script": f"sleep {seconds}", "pool": "narrow"} for number in range(TASKS)
    ]
    world.dag("wide", tasks)
    world.trigger("wide", "wide-run")
    world.until("two tasks are at work", lambda: len(pods(world)) >= SLOTS)


def pods(world: World) -> list[str]:
    """The names of all Pods there are."""
    return [pod["metadata"]["name"] for pod in world.listed("pods")]


def other(replicas: Replicas, leader: LocalController) -> LocalController:
    """The one that does not lead."""
    return next(each for each in replicas.all.values() if each is not leader)


def assert_ended_well(world: World) -> None:
    """Every task has ended well in its one Pod, the pool was never too full, and no slot is lost."""
    assert world.ended("wide-run")["status"]["state"] == "Success"
    assert set(world.task_states("wide-run").values()) == {"Success"}
    world.assert_one_pod_per_attempt()
    lives = [(created_at(pod), ended_at(pod)) for pod in world.listed("pods")]
    assert len(lives) == TASKS
    at_once = [sum(begin <= other_begin < end for begin, end in lives) for other_begin, _ in lives]
    assert max(at_once) <= SLOTS
    world.until("no slot is taken", lambda: world.get("pool", "narrow")["status"]["used"] == 0, 30)


def created_at(pod: dict[str, Any]) -> datetime:
    """When the API server stored it."""
    return datetime.fromisoformat(pod["metadata"]["creationTimestamp"])


def ended_at(pod: dict[str, Any]) -> datetime:
    """When its container ended; a slot is free a moment later at the soonest."""
    state = pod["status"]["containerStatuses"][0]["state"]
    return datetime.fromisoformat(state["terminated"]["finishedAt"])


def test_leader_killed_in_the_middle_of_a_run(world: World, stopped: None, tmp_path: Path) -> None:
    """The standby makes the next Pod within 25 s; no task runs twice, no slot is lost, the limit holds throughout."""
    with replicas_in(world, tmp_path) as replicas:
        replicas.start("one")
        replicas.start("two")
        leader = replicas.leader()
        begin(world)
        before = set(pods(world))
        leader.kill()
        killed_at = time.monotonic()
        world.until("the standby goes on", lambda: set(pods(world)) - before, PROGRESS_SECONDS)
        assert time.monotonic() - killed_at <= PROGRESS_SECONDS
        assert replicas.leader() is not leader
        assert_ended_well(world)
        assert replicas.lease()["leaseTransitions"] == 1


def test_leader_frozen_for_longer_than_its_lease(world: World, replicas: Replicas) -> None:
    """Thawed, it ends without a single write, and the run is the other one's."""
    leader = replicas.leader()
    begin(world)
    leader.signal(signal.SIGSTOP)
    frozen_at = time.time()
    try:
        world.until("the standby leads", other(replicas, leader).leads, PROGRESS_SECONDS)
    finally:
        leader.signal(signal.SIGCONT)
    thawed_at = time.time()
    assert leader.until_ended(10) == 1
    assert "the leadership is lost" in leader.log()
    assert_ended_well(world)
    assert replicas.writes_of(leader.name, thawed_at) == []
    assert replicas.writes_of(leader.name, 0) != []
    assert replicas.writes_of(other(replicas, leader).name, frozen_at) != []


def test_leader_cut_off_from_the_api_server(world: World, stopped: None, tmp_path: Path) -> None:
    """It ends by itself before the standby leads, though nobody told it that it is cut off."""
    with replicas_in(world, tmp_path, QUICK_SECONDS) as replicas, proxied(*replicas.api_server()) as proxy:
        leader = replicas.start("one", f"https://{proxy.address}")
        world.until("the first one leads", leader.leads, 30)
        standby = replicas.start("two")
        standby.until_ready()
        begin(world)
        proxy.cut()
        cut_at = time.time()
        assert leader.until_ended(15) == 1
        assert "was not renewed for 6 s" in leader.log()
        assert not standby.leads()
        world.until("the standby leads", standby.leads, PROGRESS_SECONDS)
        assert_ended_well(world)
        assert replicas.writes_of("one", cut_at + 1) == []


def test_leader_that_is_told_to_end(world: World, replicas: Replicas) -> None:
    """It hands over in a few seconds, as in a rollout, and ends well."""
    leader = replicas.leader()
    begin(world)
    leader.signal(signal.SIGTERM)
    told_at = time.monotonic()
    world.until("the standby leads", other(replicas, leader).leads, HANDOVER_SECONDS)
    assert time.monotonic() - told_at <= HANDOVER_SECONDS
    assert leader.until_ended(20) == 0
    assert_ended_well(world)
    assert replicas.lease()["leaseTransitions"] == 1


def test_leaders_killed_again_and_again(world: World, stopped: None, tmp_path: Path) -> None:
    """Each time the other one takes over, and the end is as if nobody had been killed."""
    with replicas_in(world, tmp_path, lease_seconds=5) as replicas:
        replicas.start("one")
        replicas.start("two")
        begin(world, seconds=8)
        for _ in range(4):
            leader = replicas.leader()
            leader.kill()
            replicas.start(leader.name)
        assert_ended_well(world)
        assert replicas.lease()["leaseTransitions"] == 4


def test_standby_that_is_killed(world: World, replicas: Replicas) -> None:
    """Nobody notices, and it wrote nothing in its life."""
    leader = replicas.leader()
    begin(world)
    standby = other(replicas, leader)
    standby.kill()
    assert_ended_well(world)
    assert replicas.leader() is leader
    assert replicas.writes_of(standby.name, 0) == []
