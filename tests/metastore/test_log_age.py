"""Logs that are too old: removed a few at a time, with what they have in an object store, and none that is younger."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from controller import log_keeping
from controller.errors import Unavailable
from controller.kube import Kube
from controller.log_keeping import kept_logs, remove_old, remove_old_logs
from controller.metastore import logs
from controller.metastore.log_rows import AttemptLogRow
from controller.metastore.logs import LogArchive
from controller.settings import Settings
from tests.metastore.recording import rows
from tests.metastore.test_logs import log

DAY = timedelta(days=1)


def ages(url: str) -> list[str]:
    """The Pods whose logs are kept."""
    return sorted(row["pod_uid"] for row in rows(url, AttemptLogRow))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A log store."""
    return f"file://{tmp_path}/logs"


@pytest.fixture
def archive(url: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogArchive]:
    """An archive in a folder, that removes three at once."""
    monkeypatch.setattr(logs, "REMOVED_AT_ONCE", 3)
    with closing(LogArchive(url, folder)) as made:
        yield made


async def fill(archive: LogArchive, now: datetime) -> None:
    """Logs of today and of the five days before."""
    for days in range(6):
        await archive.keep(log(f"age-{days}", archived_at=now - days * DAY))


def files(tmp_path: Path) -> list[str]:
    """What the log store holds, folders included."""
    return sorted(path.name for path in (tmp_path / "logs").rglob("*.gz"))


async def test_old_logs(archive: LogArchive, url: str, tmp_path: Path) -> None:
    """The oldest go first, no more than so many at once, until only those are left that are young enough."""
    now = datetime.now(UTC)
    await fill(archive, now)
    before = now - 1.5 * DAY
    assert await archive.remove_before(before) == 3
    assert ages(url) == ["age-0", "age-1", "age-2"]
    assert [await archive.remove_before(before) for _ in range(2)] == [1, 0]
    assert ages(url) == ["age-0", "age-1"]
    assert files(tmp_path) == ["age-0.log.gz", "age-1.log.gz"]


async def test_an_object_that_is_gone_already(archive: LogArchive, url: str, tmp_path: Path) -> None:
    """A kill between the object and its row leaves a row without one, which goes the next time."""
    await archive.keep(log("old", archived_at=datetime.now(UTC) - DAY))
    next((tmp_path / "logs").rglob("old.log.gz")).unlink()
    assert await archive.remove_before(datetime.now(UTC)) == 1
    assert ages(url) == []


async def test_a_store_that_lets_nothing_go(archive: LogArchive, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row stays, or nobody would know of the object any more."""
    await archive.keep(log("old", archived_at=datetime.now(UTC) - DAY))

    async def refuse(*_: object) -> None:
        raise PermissionError("AccessDenied")

    monkeypatch.setattr("obstore.delete_async", refuse)
    with pytest.raises(Unavailable, match="does not let logs go: AccessDenied"):
        await archive.remove_before(datetime.now(UTC))
    assert ages(url) == ["old"]


async def test_logs_of_another_store(archive: LogArchive, url: str) -> None:
    """After a change of the setting their rows go, too; what lies in the other store is its owner's."""
    await archive.keep(log("old", archived_at=datetime.now(UTC) - DAY))
    with closing(LogArchive(url)) as other:
        assert await other.remove_before(datetime.now(UTC)) == 1
    assert ages(url) == []


async def test_a_database_that_is_away(tmp_path: Path) -> None:
    """It is told as something that may work later."""
    archive = LogArchive(f"sqlite:///{tmp_path}/not-migrated.db")
    with closing(archive), pytest.raises(Unavailable):
        await archive.remove_before(datetime.now(UTC))


async def until_left(url: str, *wanted: str) -> None:
    """Wait until just these are kept."""
    async with asyncio.timeout(10):
        while ages(url) != sorted(wanted):  # noqa: ASYNC110 the database tells nobody
            await asyncio.sleep(0.02)


async def test_round_after_round(archive: LogArchive, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that fails, for whatever reason, is followed by one that does not; what grows old meanwhile goes too."""
    await fill(archive, datetime.now(UTC))
    monkeypatch.setattr(log_keeping, "_PAUSE_SECONDS", 0)
    faults: list[Exception] = [Unavailable("the database is away"), RuntimeError("a bug")]
    remove = archive.remove_before

    async def sometimes(before: datetime) -> int:
        if faults:
            raise faults.pop()
        return await remove(before)

    monkeypatch.setattr(archive, "remove_before", sometimes)
    removing = asyncio.create_task(remove_old(archive, 2.5 * DAY, round_seconds=0.01))
    await until_left(url, "age-0", "age-1", "age-2")
    await archive.keep(log("late", archived_at=datetime.now(UTC) - 9 * DAY))
    await until_left(url, "age-0", "age-1", "age-2")
    removing.cancel()
    with suppress(asyncio.CancelledError):
        await removing


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        ({}, ["age-0", "age-29"]),
        ({"log_archive_days": 10}, ["age-0"]),
        ({"log_archive_days": 10, "log_store": "off"}, ["age-0"]),
        ({"log_archive_days": 0}, ["age-0", "age-29", "age-31"]),
    ],
)
async def test_the_setting(url: str, setting: dict[str, Any], left: list[str]) -> None:
    """Days that a log is kept, 30 unless told, 0 = for ever; also where no new logs are kept any more."""
    with closing(LogArchive(url)) as archive:
        for days in (0, 29, 31):
            await archive.keep(log(f"age-{days}", archived_at=datetime.now(UTC) - days * DAY))
    settings = Settings(database_url=url, **setting)
    async with kept_logs(settings, cast(Kube, None)) as keeper:
        assert (keeper is None) is ("log_store" in setting)
        removing = asyncio.create_task(remove_old_logs(settings, round_seconds=0.01))
        await until_left(url, *left)
        await asyncio.sleep(0.1)
        assert ages(url) == left
        removing.cancel()
        await asyncio.gather(removing, return_exceptions=True)
