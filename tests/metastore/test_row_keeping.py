"""Old rows are removed while the scheduler runs, round after round, as the settings say."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from controller import row_keeping
from controller.errors import Unavailable
from controller.row_keeping import clean_now_and_then, keeping_of
from controller.settings import Settings
from tests.metastore.test_old_rows import put, run_of, runs


def test_what_the_settings_say() -> None:
    """Runs by their limits, the audit log by its own age, the rest as failed runs; 0 = for ever."""
    keeping = keeping_of(Settings(keep_rows_failed_days=9, keep_audit_days=0))
    assert (keeping.audit, keeping.leftovers, keeping.dags_say) == (None, timedelta(days=9), True)
    assert keeping.limits == Settings(keep_rows_failed_days=9).rows_kept
    assert keeping_of(Settings()).audit == timedelta(days=365)


async def test_round_after_round(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that fails, for whatever reason, is followed by one that does not."""
    put(url, [*run_of("old", 400), *run_of("new", 100)])
    faults: list[Exception] = [Unavailable("the database is away"), RuntimeError("a bug")]
    clean = row_keeping.clean

    async def sometimes(*about: Any) -> Counter[str]:
        if faults:
            raise faults.pop()
        return await clean(*about)

    monkeypatch.setattr(row_keeping, "clean", sometimes)
    cleaning = asyncio.create_task(clean_now_and_then(Settings(database_url=url), round_seconds=0.01))
    async with asyncio.timeout(20):
        while runs(url) != ["new"]:  # noqa: ASYNC110 the database tells nobody
            await asyncio.sleep(0.05)
    cleaning.cancel()
    with suppress(asyncio.CancelledError):
        await cleaning
    assert not faults
