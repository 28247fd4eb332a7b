"""Settings -> who archives the logs of Pods while the scheduler runs, and who removes logs that are too old."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from controller.act.logs import LogKeeper, LogLimits
from controller.errors import SlipwayError
from controller.kube import Kube
from controller.log import Logger
from controller.metastore.logs import LogArchive
from controller.settings import Settings

_ROUND_SECONDS: Final = 3600.0
_PAUSE_SECONDS: Final = 0.2
"""Between two batches, so that who writes rows and new logs has its turn."""

_log = Logger(__name__)


@asynccontextmanager
async def kept_logs(settings: Settings, kube: Kube) -> AsyncIterator[LogKeeper | None]:
    """The keeper of logs; None where the settings want none."""
    if settings.log_store == "off":
        yield None
        return
    archive = LogArchive(settings.database_url, settings.log_store)
    keeper = LogKeeper(kube, archive, LogLimits(1024 * settings.log_archive_kib, settings.log_archive_seconds))
    try:
        yield keeper
    finally:
        await keeper.close()
        await asyncio.to_thread(archive.close)


async def remove_old_logs(settings: Settings, round_seconds: float = _ROUND_SECONDS) -> None:
    """Remove what is older than the settings say until cancelled, also where no logs are kept any more."""
    age = timedelta(days=settings.log_archive_days)
    if not age:
        return
    archive = LogArchive(settings.database_url, settings.log_store)
    try:
        await remove_old(archive, age, round_seconds)
    finally:
        await asyncio.to_thread(archive.close)


async def remove_old(archive: LogArchive, age: timedelta, round_seconds: float) -> None:
    """Remove logs that are older, round after round until cancelled; what can't be removed is tried in the next one."""
    while True:
        await asyncio.sleep(round_seconds)
        removed = 0
        try:
            while batch := await archive.remove_before(datetime.now(UTC) - age):
                removed += batch
                await asyncio.sleep(_PAUSE_SECONDS)
        except SlipwayError as error:
            _log.warning("old logs stay for now", error=str(error))
        except Exception:  # a bug of ours must not end the removal, or the scheduler, for ever
            _log.exception("old logs stay for now")
        if removed:
            _log.info("old logs are removed", logs=removed)
