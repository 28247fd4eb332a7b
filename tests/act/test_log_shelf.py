"""Logs that could not be put away: they wait, in a room with walls, and no later log is needed for them to go on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from controller.act.log_shelf import NO_ROOM, PatientShelf
from controller.errors import Unavailable
from controller.model.archive import PodLog
from controller.model.metadata import Key
from tests.decide.objects import NOW

DOWN = Unavailable("the database does not take logs")


@dataclass
class Shelf:
    """Keeps logs in a list, as long as there is no error."""

    error: Exception | None = None
    kept: list[PodLog] = field(default_factory=list)
    asked: int = 0
    poison: str = ""
    """The Pod whose log it can never take."""
    poisoned: Exception = field(default_factory=lambda: RuntimeError("a bug"))
    stalls: bool = False

    async def keep(self, log: PodLog) -> None:
        """Take it."""
        self.asked += 1
        if self.stalls:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        if log.pod_uid == self.poison:
            raise self.poisoned
        self.kept.append(log)

    @property
    def told(self) -> list[tuple[str, str | None]]:
        """The Pods of its logs, and why each is lost."""
        return [(log.pod_uid, log.lost) for log in self.kept]


def log(uid: str, content: bytes = b"x" * 9) -> PodLog:
    """The log of a Pod."""
    return PodLog(Key("team", "r-a-1"), uid, "d", "r", "a", 1, archived_at=NOW, content=content)


async def kept(shelf: PatientShelf, *uids: str, **more: Any) -> None:
    """Offer the shelf a log of each Pod."""
    for uid in uids:
        await shelf.keep(log(uid, **more), asyncio.get_running_loop().time() + 1)


async def until(done: Callable[[], bool]) -> None:
    """Wait for it, a few seconds at most."""
    async with asyncio.timeout(5):
        while not done():  # noqa: ASYNC110 what is waited for tells nobody
            await asyncio.sleep(0.005)


async def emptied(shelf: PatientShelf) -> None:
    """Wait until nothing waits."""
    await until(lambda: not shelf.waiting)


async def test_no_other_log_comes() -> None:
    """Once the shelf is back, those that wait are put away by themselves."""
    shelf = Shelf(DOWN)
    patient = PatientShelf(shelf, again_seconds=0.01)
    await kept(patient, "first", "second")
    await asyncio.sleep(0.05)
    assert (shelf.told, patient.waiting) == ([], 2)
    shelf.error = None
    await emptied(patient)
    assert sorted(shelf.told) == [("first", None), ("second", None)]


async def test_no_room() -> None:
    """What finds none is lost, and that is told in its place one day; room that came free is used again."""
    shelf = Shelf(DOWN)
    patient = PatientShelf(shelf, room=20, again_seconds=0.01)
    for _ in range(2):
        shelf.kept.clear()
        shelf.error = DOWN
        await kept(patient, "first", "second", "third")
        shelf.error = None
        await emptied(patient)
        assert sorted(shelf.told) == [("first", None), ("second", None), ("third", NO_ROOM)]
        assert {each.pod_uid: each.content for each in shelf.kept}["third"] is None


@pytest.mark.parametrize("fault", [DOWN, RuntimeError("a bug")])
async def test_a_log_that_is_never_taken(fault: Exception) -> None:
    """It holds up none of the others."""
    shelf = Shelf(DOWN, poison="bad", poisoned=fault)
    patient = PatientShelf(shelf, again_seconds=0.01)
    await kept(patient, "bad", "first", "second")
    shelf.error = None
    await until(lambda: len(shelf.kept) == 2)
    assert sorted(shelf.told) == [("first", None), ("second", None)]
    await patient.close(0.1)


async def test_a_shelf_that_hangs() -> None:
    """The first Pod waits its time for it, those after it a second at most."""
    loop = asyncio.get_running_loop()
    patient = PatientShelf(Shelf(stalls=True), again_seconds=60)
    await patient.keep(log("first"), loop.time() + 0.05)
    begun = loop.time()
    await patient.keep(log("second"), begun + 30)
    assert loop.time() - begun < 10
    assert patient.waiting == 2
    await patient.close(0.01)


@pytest.mark.parametrize("error", [None, DOWN])
async def test_the_end(error: Exception | None) -> None:
    """What waits is tried once more, and not for ever; nothing is tried afterwards."""
    shelf = Shelf(DOWN)
    patient = PatientShelf(shelf, again_seconds=0.01)
    await kept(patient, "first")
    shelf.error = error
    await patient.close(0.2)
    assert (len(shelf.kept), patient.waiting) == ((1, 0) if error is None else (0, 1))
    asked = shelf.asked
    await asyncio.sleep(0.05)
    assert shelf.asked == asked
