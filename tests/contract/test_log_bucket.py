"""Archived logs in a real server that speaks S3: kept, read in pieces, removed, and told where that does not work."""

import asyncio
from pathlib import Path

import pytest

from controller.errors import NotFound, Unavailable
from controller.metastore.log_store import LogStore

pytestmark = pytest.mark.cluster  # it builds the server, once

KEY = "team/etl/etl-1/etl-1-a-1/uid.log.gz"
DATA = bytes(range(256)) * 2000
PATIENCE_SECONDS = 30


async def kept(url: str = "s3://lake/logs") -> LogStore:
    """A store that holds the log, once the server answers."""
    store = LogStore(url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await store.put(KEY, DATA)
            except Unavailable as error:
                if "onnect" not in str(error):
                    raise
            else:
                return store


async def got(store: LogStore, key: str = KEY) -> bytes:
    """All of a log."""
    return b"".join([piece async for piece in store.get(key)])


async def test_a_log_comes_back_as_it_was(bucket: Path) -> None:
    """Under the prefix of the URL, in more than one piece; a second one takes its place."""
    store = await kept()
    assert (bucket / "logs" / KEY).read_bytes() == DATA
    assert await got(store) == DATA
    await store.put(KEY, b"again")
    assert await got(store) == b"again"


async def test_a_log_that_was_removed(bucket: Path) -> None:
    """It is not there any more; to remove it once more is no fault."""
    store = await kept()
    await store.remove([KEY])
    await store.remove([KEY])
    with pytest.raises(NotFound):
        await got(store)


async def test_a_store_that_refuses(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as an outage, which is tried again; the password is not told."""
    await kept()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-password")
    with pytest.raises(Unavailable) as refused:
        await LogStore("s3://lake/logs").put(KEY, DATA)
    assert "another-password" not in str(refused.value)
    with pytest.raises(Unavailable):
        await got(LogStore("s3://lake/logs"))
