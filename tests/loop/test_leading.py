"""Replicas of the scheduler: the leader alone decides, writes and records, and the next one goes on from there."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from controller import running
from controller.errors import NotLeading
from controller.metastore.migrate import migrate
from controller.model.action import Kind
from controller.running import hand_over
from controller.simulate.cluster import InMemoryCluster
from tests.loop.leading_cluster import (
    Replica,
    Seat,
    is_refused,
    new_cluster,
    pods,
    run_of_one_task,
    until,
)

NO_WRITES: Final[dict[str, int]] = {}


@pytest.fixture
def cluster() -> InMemoryCluster:
    """An empty cluster."""
    return new_cluster()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A migrated database."""
    migrate(f"sqlite:///{tmp_path / 'slipway.db'}")
    return tmp_path / "slipway.db"


@pytest_asyncio.fixture
async def replica(cluster: InMemoryCluster, file: Path) -> AsyncIterator[Callable[..., Replica]]:
    """Makes replicas on the cluster and the database; all of them end with the test."""
    made: list[Replica] = []

    def start(**words: Any) -> Replica:
        made.append(Replica(cluster, f"sqlite:///{file}", **words))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        await each.end()


def recorded(file: Path) -> dict[str, str]:
    """The runs that have rows, and their states."""
    with sqlite3.connect(file) as database:
        return dict(database.execute("select name, state from dag_runs").fetchall())


async def test_a_standby(cluster: InMemoryCluster, replica: Callable[..., Replica], file: Path) -> None:
    """It knows everything, is ready and alive, and does nothing: no write, no row, no mark that piles up."""
    run_of_one_task(cluster, "r")
    standby = replica()
    await until(lambda: standby.seat is not None and standby.seat.started)
    scheduler = standby.scheduler
    assert (scheduler.not_ready(), scheduler.not_alive()) == (None, None)
    assert scheduler.not_deciding() == "another replica leads"
    assert scheduler.counts()["objects"]["runs"] == 1
    assert scheduler.counts()["election"] == {"role": "standby"}
    assert (standby.kube.writes, recorded(file), bool(scheduler.store.due)) == (NO_WRITES, {}, False)


async def test_a_standby_that_could_not_take_over(replica: Callable[..., Replica]) -> None:
    """It is not ready: at first as it has not seen everything, however long that takes, later without the Lease."""
    standby = replica()
    standby.scheduler.loop.turned_at -= timedelta(hours=1)
    assert standby.scheduler.not_alive() is None
    assert standby.scheduler.not_ready() == "the first lists are not complete"
    assert standby.seat is not None
    assert not standby.seat.started
    await until(lambda: standby.scheduler.synced)
    standby.seat.trouble = "the Lease can't be reached"
    assert standby.scheduler.not_ready() == "the Lease can't be reached"


async def test_a_standby_that_wins(cluster: InMemoryCluster, replica: Callable[..., Replica], file: Path) -> None:
    """It decides on everything at once, and records everything, also what it knew long before."""
    run_of_one_task(cluster, "r")
    standby = replica()
    await until(lambda: standby.scheduler.synced)
    assert standby.seat is not None
    standby.seat.give()
    await until(lambda: pods(cluster) == ["r-t-1"])
    assert (standby.scheduler.not_deciding(), standby.scheduler.counts()["election"]["role"]) == (None, "leader")
    await until(lambda: recorded(file) == {"r": "Running"})


async def test_what_the_last_leader_did_last(cluster: InMemoryCluster, replica: Callable[..., Replica]) -> None:
    """The new leader lists everything anew: what no watch has told it yet is not done a second time."""
    first, second = replica(), replica()
    await until(lambda: first.scheduler.synced and second.scheduler.synced)
    assert first.seat is not None
    assert second.seat is not None
    second.kube.is_deaf = True
    first.seat.give()
    run_of_one_task(cluster, "r")
    first.feed(Kind.DAG)
    first.feed(Kind.DAG_RUN)
    await until(lambda: pods(cluster) == ["r-t-1"])
    first.seat.take_away()
    assert second.scheduler.counts()["objects"]["pods"] == 0
    second.seat.give()
    await until(lambda: second.scheduler.decides)
    assert second.scheduler.counts()["objects"] == {"dags": 1, "runs": 1, "taskRuns": 1, "pods": 1}
    await until(lambda: not second.scheduler.store.due)
    assert [write for write in second.kube.writes if write.startswith("POST")] == []


async def test_a_leader_that_lost_it(cluster: InMemoryCluster, replica: Callable[..., Replica]) -> None:
    """Whatever it still decides, none of it reaches the cluster, and it is told to end."""
    leader = replica()
    await until(lambda: leader.scheduler.synced)
    assert leader.seat is not None
    alarms: list[str] = []
    leader.seat.leadership.on_refusal = lambda: alarms.append("refused")
    leader.seat.give()
    await until(lambda: leader.scheduler.decides)
    leader.seat.take_away()
    before = dict(leader.kube.writes)
    run_of_one_task(cluster, "r")
    leader.feed(Kind.DAG)
    leader.feed(Kind.DAG_RUN)
    await until(lambda: alarms)
    assert is_refused(leader)
    assert (leader.kube.writes, pods(cluster)) == (before, [])


async def test_without_other_replicas(cluster: InMemoryCluster, replica: Callable[..., Replica], file: Path) -> None:
    """Without a Lease the one replica decides as soon as it has seen everything."""
    run_of_one_task(cluster, "r")
    only = replica(seat=None)
    await until(lambda: pods(cluster) == ["r-t-1"])
    await until(lambda: recorded(file) == {"r": "Running"})
    assert only.scheduler.counts()["election"] is None
    assert {each.lists for each in only.scheduler.informers} == {1}


async def test_an_end_in_good_order(cluster: InMemoryCluster, replica: Callable[..., Replica], file: Path) -> None:
    """The Lease is released once nothing is on its way any more and every row is written."""
    run_of_one_task(cluster, "r")
    leader = replica()
    await until(lambda: leader.scheduler.synced)
    assert leader.seat is not None
    leader.kube.answers.clear()
    leader.seat.give()
    await until(lambda: leader.kube.writes.total() > 0)
    ending = asyncio.create_task(hand_over(leader.scheduler))
    await until(lambda: is_refused(leader))
    assert leader.seat.steps == []
    leader.kube.answers.set()
    await ending
    assert leader.seat.steps == ["released"]
    assert list(recorded(file)) == ["r"]


async def test_an_end_with_a_request_that_is_never_answered(
    cluster: InMemoryCluster, replica: Callable[..., Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Lease is left to expire, as the write may still be done."""
    monkeypatch.setattr(running, "IDLE_SECONDS", 0.05)
    run_of_one_task(cluster, "r")
    leader = replica()
    await until(lambda: leader.scheduler.synced)
    assert leader.seat is not None
    leader.kube.answers.clear()
    leader.seat.give()
    await until(lambda: leader.kube.writes.total() > 0)
    await hand_over(leader.scheduler)
    assert leader.seat.steps == ["left to expire"]


class KopfThread:
    """Stands in for kopf, which needs a server."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""


class Died(BaseException):
    """The process has ended here."""


async def test_the_process_of_a_leader_that_lost_it(
    cluster: InMemoryCluster, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends at once with a code that is not 0, before anything of an ordinary end."""
    seat = Seat()
    replica = Replica(cluster, f"sqlite:///{file}", seat)
    codes: list[tuple[int, bool]] = []

    def die(code: int) -> None:
        codes.append((code, replica.scheduler.decides and seat.steps == []))
        raise Died

    monkeypatch.setattr("os._exit", die)
    kopf_thread: Any = KopfThread()
    process = asyncio.create_task(running._run_parts(replica.scheduler, kopf_thread))
    await until(lambda: seat.started)
    seat.give()
    await until(lambda: replica.scheduler.decides)
    seat.ended.set_exception(NotLeading("the Lease was not renewed for 10 s"))
    with pytest.raises(Died):
        await process
    assert codes == [(1, True)]
