"""Archived logs: kept once for each Pod, in the database or in an object store, and never lost by coming twice."""

import gzip
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from controller.errors import NotFound, Unavailable
from controller.metastore.log_rows import AttemptLogRow
from controller.metastore.log_store import LogStore
from controller.metastore.logs import LogArchive, kept_log, packed_content
from controller.metastore.queries import open_session
from controller.model.archive import PodLog
from controller.model.metadata import Key
from tests.decide.objects import NOW
from tests.metastore.recording import only_row, rows

TEXT = b"one\n\x00\xff\ntwo\n" * 1000
EVENT = {"type": "Warning", "reason": "BackOff", "message": "nul \x00", "count": 2, "first": None, "last": None}


def log(uid: str = "u1", content: bytes | None = TEXT, **more: object) -> PodLog:
    """The log of the first attempt of task a."""
    made = PodLog(Key("team", "r-a-1"), uid, "d", "r", "a", 1, archived_at=NOW, content=content)
    return replace(made, **more)  # type: ignore[arg-type]


async def collected(pieces: AsyncIterator[bytes]) -> bytes:
    """All of it."""
    return b"".join([piece async for piece in pieces])


async def test_a_log_in_the_database(url: str) -> None:
    """It is compressed, and found by its Pod with every byte that the task wrote."""
    with closing(LogArchive(url)) as archive:
        await archive.keep(log(left_out=7, reason="Error"))
    with open_session(url) as session:
        found = kept_log(session, "team", "r-a-1", "u1")
        assert found is not None
        assert (found.size, found.left_out, found.reason, found.place) == (len(TEXT), 7, "Error", None)
        packed = packed_content(session, "team", "u1")
    assert packed is not None
    assert len(packed) < len(TEXT) // 10
    assert gzip.decompress(packed) == TEXT


async def test_a_pod_without_a_log(url: str) -> None:
    """Its reason and its Events are kept."""
    with closing(LogArchive(url)) as archive:
        await archive.keep(log(content=None, reason="ImagePullBackOff", lost=None, events=(EVENT,)))
    with open_session(url) as session:
        found = kept_log(session, "team", "r-a-1", "u1")
    assert found is not None
    assert (found.size, found.reason) == (None, "ImagePullBackOff")
    assert [(each["reason"], each["count"]) for each in found.events] == [("BackOff", 2)]


async def test_a_log_that_comes_again(url: str) -> None:
    """After a restart the newer one stays; a loss does not replace what was kept, but a log replaces a loss."""
    with closing(LogArchive(url)) as archive:
        await archive.keep(log(content=None, lost="the node went"))
        await archive.keep(log())
        await archive.keep(log(content=None, lost="the Pod was gone"))
        await archive.keep(log(content=TEXT + b"three"))
    row = only_row(url, AttemptLogRow)
    assert (row["size"], row["lost"]) == (len(TEXT) + 5, None)
    assert gzip.decompress(row["content"]) == TEXT + b"three"


@pytest.mark.parametrize("in_folder", [False, True])
async def test_a_log_that_breaks_off_the_second_time(url: str, tmp_path: Path, in_folder: bool) -> None:
    """A whole log stays as it is, in a log store too; of two that broke off the newer one does."""
    store = f"file://{tmp_path}/logs"
    with closing(LogArchive(url, store if in_folder else "metastore")) as archive:
        await archive.keep(log(content=b"one", lost="the node went"))
        await archive.keep(log(content=b"one\ntwo", lost="the node went"))
        assert only_row(url, AttemptLogRow)["size"] == 7
        await archive.keep(log())
        await archive.keep(log(content=b"one", lost="the node went"))
    row = only_row(url, AttemptLogRow)
    assert (row["size"], row["lost"]) == (len(TEXT), None)
    packed = await collected(LogStore(store).get(row["place"])) if in_folder else row["content"]
    assert gzip.decompress(packed) == TEXT


async def test_pods_of_one_name(url: str) -> None:
    """A run that was deleted and made anew has logs of its own; without a uid the newest is found."""
    with closing(LogArchive(url)) as archive:
        await archive.keep(log("new", b"new", archived_at=NOW + timedelta(hours=1)))
        await archive.keep(log("old", b"old"))
    assert len(rows(url, AttemptLogRow)) == 2
    with open_session(url) as session:
        found = {uid: kept_log(session, "team", "r-a-1", uid) for uid in ("old", "new", None, "other")}
        assert kept_log(session, "other-team", "r-a-1", None) is None
    assert [each.pod_uid if each else None for each in found.values()] == ["old", "new", "new", None]


async def test_a_log_in_a_folder(url: str, tmp_path: Path) -> None:
    """The row says where, and holds no content."""
    store = f"file://{tmp_path}/logs"
    with closing(LogArchive(url, store)) as archive:
        await archive.keep(log())
        await archive.keep(log("u2", None, lost="the node went"))
    first, second = rows(url, AttemptLogRow)
    assert (first["content"], first["place"]) == (None, "team/d/r/r-a-1/u1.log.gz")
    assert (second["content"], second["place"], second["lost"]) == (None, None, "the node went")
    assert gzip.decompress((tmp_path / "logs" / first["place"]).read_bytes()) == TEXT
    assert gzip.decompress(await collected(LogStore(store).get(first["place"]))) == TEXT


async def test_a_pod_that_lacks_labels(url: str, tmp_path: Path) -> None:
    """Its log has a place all the same, as no part of one may be empty."""
    with closing(LogArchive(url, f"file://{tmp_path}/logs")) as archive:
        await archive.keep(log(dag="", run=""))
    assert only_row(url, AttemptLogRow)["place"] == "team/_/_/r-a-1/u1.log.gz"


async def test_a_row_that_no_database_takes(url: str) -> None:
    """It is told as a bug: a log that waited for the database to take it would wait for ever."""
    with closing(LogArchive(url)) as archive, pytest.raises(IntegrityError):
        await archive.keep(log(task=None))


async def test_an_object_store() -> None:
    """What was put is got back, also in place of an older one; what is not there is told as that."""
    store = LogStore("memory:///")
    await store.put("a/b.gz", b"old")
    await store.put("a/b.gz", b"x" * 200_000)
    assert await collected(store.get("a/b.gz")) == b"x" * 200_000
    with pytest.raises(NotFound):
        await collected(store.get("a/c.gz"))


async def test_a_store_that_takes_nothing(url: str, tmp_path: Path) -> None:
    """It is told as something that may work later, and there is no row that points nowhere."""
    (tmp_path / "file").write_text("no folder")
    archive = LogArchive(url, f"file://{tmp_path}/file/logs")
    with closing(archive), pytest.raises(Unavailable, match="the log store does not take logs"):
        await archive.keep(log())
    assert rows(url, AttemptLogRow) == []


async def test_a_database_that_is_away(tmp_path: Path) -> None:
    """It is told as something that may work later."""
    archive = LogArchive(f"sqlite:///{tmp_path}/not-migrated.db")
    with closing(archive), pytest.raises(Unavailable, match="the database does not take logs"):
        await archive.keep(log())
