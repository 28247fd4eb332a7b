"""Reads of a real server that speaks S3: what the controller leans on there, and nothing that it only hopes for."""

import asyncio
from pathlib import Path

import pytest

from controller.act.artifacts import MOST_BYTES, StoredArtifacts
from controller.model.action import ReadArtifact
from controller.model.artifacts import Reading
from tests.decide.objects import run

pytestmark = pytest.mark.cluster  # it builds the server, once

KEY = "team/etl/etl-1/a/1/files.json"
PATIENCE_SECONDS = 30


async def read(url: str = "s3://lake/slipway", key: str = KEY) -> Reading:
    """What a read brings, once the server answers."""
    store = StoredArtifacts(url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = await store.read(ReadArtifact(run().meta, 0, key))
            if not found.trouble or "onnect" not in found.trouble:
                return found


def keep(bucket: Path, text: str) -> None:
    """An object under the key and the store's prefix."""
    file = bucket / "slipway" / KEY
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


async def test_a_list(bucket: Path) -> None:
    """It is found under the prefix of the URL."""
    keep(bucket, '[1, "é"]')
    assert await read() == Reading(items=(1, "é"), chars=9, longest=3)


async def test_nothing_is_there(bucket: Path) -> None:
    """A key that is missing is a fault; a bucket that is missing is trouble, as somebody may still make it."""
    keep(bucket, "[]")
    assert await read(key=f"{KEY}2") == Reading(fault="does not exist")
    assert (await read("s3://sea/slipway")).trouble.startswith("the artifact store can't be read: ")


async def test_too_much(bucket: Path) -> None:
    """It is not even fetched."""
    keep(bucket, "[" + " " * MOST_BYTES + "]")
    assert await read() == Reading(fault="is larger than 4 MiB, the most that the controller reads")


async def test_wrong_credentials(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is trouble that an operator can end, and the password is not told."""
    keep(bucket, "[]")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-password")
    found = await read()
    assert found.trouble.startswith("the artifact store can't be read: ")
    assert "another-password" not in found.trouble
