"""The heartbeat: one row, whoever beats how often, and no news to anybody who waits for changes."""

import asyncio
from contextlib import closing
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from controller.errors import Unavailable
from controller.metastore.heartbeat import CONTROLLER, Beat, Heart
from controller.metastore.tables import ChangeCounterRow, HeartbeatRow
from controller.pulse import beat_on
from tests.metastore.objects import START
from tests.metastore.recording import RecordingWriter, only_row, rows, until

BEAT = Beat(CONTROLLER, "0.1.0", START, START, ready=True, pending=2, lag_seconds=0.25)


def test_the_last_beat_counts(url: str) -> None:
    """There is one row, which the next beat replaces; the change counter stands still."""
    before = only_row(url, ChangeCounterRow)
    with closing(Heart(url)) as heart:
        heart.beat(BEAT)
        later = replace(BEAT, beat_at=START + timedelta(seconds=10), ready=False)
        heart.beat(later)
    assert only_row(url, HeartbeatRow) == asdict(later)
    assert only_row(url, ChangeCounterRow) == before


def test_a_database_that_is_away() -> None:
    """The beat is lost, and said to be."""
    with closing(Heart("postgresql://slipway@127.0.0.1:1/slipway")) as heart, pytest.raises(Unavailable):
        heart.beat(BEAT)


async def test_a_controller_beats_as_it_is(writer: RecordingWriter) -> None:
    """It says whether it takes up work, at once and not only after the first pause."""
    beating = asyncio.create_task(beat_on(writer.url, writer, lambda: "the first lists are not complete"))
    await asyncio.to_thread(until, lambda: len(rows(writer.url, HeartbeatRow)) == 1)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    row = only_row(writer.url, HeartbeatRow)
    assert (row["component"], row["ready"], row["pending"]) == (CONTROLLER, False, 0)
