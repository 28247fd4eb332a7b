"""A running scheduler -> its heartbeat in the metastore, every ten seconds, off the scheduling path."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from controller import __version__
from controller.errors import Unavailable
from controller.metastore.heartbeat import BEAT_SECONDS, CONTROLLER, Beat, Heart
from controller.metastore.writer import MetastoreWriter


async def beat_on(url: str, writer: MetastoreWriter, not_ready: Callable[[], str | None]) -> None:
    """Beat until cancelled; while the database is away nothing is said, and that says it."""
    heart = Heart(url)
    started_at = datetime.now(UTC)
    try:
        while True:
            told = Beat(
                component=CONTROLLER,
                version=__version__,
                started_at=started_at,
                beat_at=datetime.now(UTC),
                ready=not_ready() is None,
                pending=writer.pending,
                lag_seconds=round(writer.lag, 3),
            )
            with suppress(Unavailable):
                await asyncio.to_thread(heart.beat, told)
            await asyncio.sleep(BEAT_SECONDS)
    finally:
        heart.close()
