"""Settings -> the metastore's old rows, removed in batches while the scheduler runs, or once by hand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Engine

from controller.errors import SlipwayError, Unavailable
from controller.log import Logger
from controller.metastore.batches import OUTAGES
from controller.metastore.engine import open_engine
from controller.metastore.leftovers import leftovers
from controller.metastore.logs import LogArchive
from controller.metastore.old_rows import (
    count_runs,
    ended_by,
    limits_at,
    oldest_runs,
    places,
    pods_of,
    remove_runs,
    remove_tasks,
    some_tasks,
)
from controller.model.retention import Limits
from controller.settings import Settings

T = TypeVar("T")

ROUND_SECONDS: Final = 3600.0
_PAUSE_SECONDS: Final = 0.1
"""Between two transactions, so that who writes rows has its turn."""

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What stays in the metastore, and of which Dags."""

    limits: Limits
    audit: timedelta | None = None
    """None = the audit log is not touched."""
    leftovers: timedelta | None = None
    """The age of what belongs to no run; None = that is not touched."""
    namespace: str | None = None
    dag: str | None = None
    dags_say: bool = True
    """Whether a Dag's own limits count before these."""


def keeping_of(settings: Settings) -> Keeping:
    """What the settings say."""
    audit = timedelta(days=settings.keep_audit_days) if settings.keep_audit_days else None
    return Keeping(settings.rows_kept, audit, settings.rows_kept.failed.age)


async def clean_now_and_then(settings: Settings, round_seconds: float = ROUND_SECONDS) -> None:
    """Remove old rows, round after round until cancelled; what can't be removed is tried in the next one."""
    while True:
        await asyncio.sleep(round_seconds)
        try:
            removed = await clean(settings.database_url, settings.log_store, keeping_of(settings))
        except SlipwayError as error:
            _log.warning("old rows stay for now", error=str(error))
        except Exception:  # a bug of ours must not end the scheduler
            _log.exception("old rows stay for now")
        else:
            if removed:
                _log.info("old rows are removed", **removed)


async def clean(url: str, log_store: str, keeping: Keeping, *, dry_run: bool = False) -> Counter[str]:
    """Remove what is beyond its limits and count it, or with `dry_run` only count; Unavailable without a database."""
    engine = open_engine(url)
    archive = LogArchive(url, "metastore" if log_store == "off" else log_store)
    try:
        cleaning = _Cleaning(engine, archive, datetime.now(UTC), dry_run)
        await cleaning.clean(keeping)
        return cleaning.removed
    except OUTAGES as error:
        raise Unavailable("the database can't be used") from error
    finally:
        await asyncio.to_thread(archive.close)
        engine.dispose()


class _Cleaning:
    """One round. The database is asked in threads: it may be slow, and the scheduler must not wait."""

    def __init__(self, engine: Engine, archive: LogArchive, now: datetime, dry_run: bool) -> None:
        self._engine = engine
        self._archive = archive
        self._now = now
        self._dry_run = dry_run
        self.removed: Counter[str] = Counter()

    async def clean(self, keeping: Keeping) -> None:
        found = places(self._engine, keeping.namespace, keeping.dag)
        while (place := await asyncio.to_thread(next, found, None)) is not None:
            limits = await self._ask(limits_at, place, keeping.limits) if keeping.dags_say else keeping.limits
            for beyond in await self._ask(ended_by, place, limits, self._now):
                await self._clean_runs(beyond)
        for each in leftovers(self._now, keeping.leftovers, keeping.audit):
            if self._dry_run:
                self.removed[each.table.name] += await self._ask(each.count)
                continue
            while gone := await self._ask(each.remove_some):
                self.removed[each.table.name] += gone
                await asyncio.sleep(_PAUSE_SECONDS)
        self.removed = +self.removed

    async def _clean_runs(self, beyond: Any) -> None:
        if self._dry_run:
            self.removed["dag_runs"] += await self._ask(count_runs, beyond)
            return
        while runs := await self._ask(oldest_runs, beyond):
            await self._clean_tasks(runs)
            gone = await self._ask(remove_runs, runs)
            self.removed["dag_runs"] += gone
            if not gone:
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _clean_tasks(self, runs: Sequence[str]) -> None:
        while tasks := await self._ask(some_tasks, runs):
            await self._archive.remove_of(await self._ask(pods_of, tasks))
            await self._ask(remove_tasks, tasks)
            self.removed["task_runs"] += len(tasks)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _ask(self, question: Callable[..., T], *about: Any) -> T:
        return await asyncio.to_thread(question, self._engine, *about)
