"""`slipway db rebuild`: the live objects are enough to have the database again."""

from contextlib import closing
from typing import Any

import pytest

from controller.errors import Unavailable
from controller.metastore.projection import Observed
from controller.metastore.rebuild import rebuild
from controller.metastore.tables import (
    AttemptRow,
    Base,
    DagRevisionRow,
    DagRow,
    DagRunRow,
    PoolRow,
    TaskRunRow,
)
from tests.metastore.objects import at, attempt, dag, pod, pool, revision, run, running, task, terminated
from tests.metastore.recording import RecordingWriter, emptied, rows

_TABLES: tuple[type[Base], ...] = (DagRow, DagRevisionRow, DagRunRow, TaskRunRow, AttemptRow, PoolRow)

_PAST: tuple[Observed, ...] = (
    dag(1),
    run(2),
    task("load", 3),
    pod("load", 1, 4),
    pod("load", 1, 5, phase="Running", state=running(5)),
    task("report", 6),
    pod("report", 1, 7),
)
_PRESENT: tuple[Observed, ...] = (
    dag(11, {"owner": "data"}, {"activeRuns": 1}),
    revision(12),
    pool(13),
    run(14, status={"state": "Running", "settled": {"success": ["start"]}, "waitingFor": []}),
    task("load", 15, {"state": "Success", "try": 1, "attempts": [attempt("load", 1, "Success", startedAt=at(5))]}),
    pod("load", 1, 16, phase="Succeeded", state=terminated(5, 9)),
    task("report", 17),
    pod("report", 1, 18, phase="Running", state=running(12)),
)


def _live(url: str) -> None:
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for observed in _PAST:
            writer.observed(observed)
        writer.flushed()
        for observed in _PRESENT:
            writer.observed(observed)
        writer.flushed()


def _all_rows(url: str) -> dict[str, list[dict[str, Any]]]:
    return {shown.__tablename__: [{**row, "change": None} for row in rows(url, shown)] for shown in _TABLES}


def test_a_lost_database_comes_back_as_it_was(url: str) -> None:
    """Invariant I10: rebuilt from the live objects, every row is the one that was written live."""
    _live(url)
    before = _all_rows(url)
    assert all(before.values())
    emptied(url)
    assert rebuild(url, [lambda: _PRESENT[:4], lambda: _PRESENT[4:]]) == len(_PRESENT)
    assert _all_rows(url) == before


def test_rebuilding_a_healthy_database_changes_nothing(url: str) -> None:
    """The command may be run at any time; rows of objects that are gone stay as they are."""
    _live(url)
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        writer.observed(run(20, name="etl-0", status={"state": "Success"}))
        writer.deleted(run(21, name="etl-0", status={"state": "Success"}))
        writer.flushed()
    before = [rows(url, shown) for shown in _TABLES]
    rebuild(url, [lambda: _PRESENT])
    rebuild(url, [lambda: reversed(_PRESENT)])
    assert [rows(url, shown) for shown in _TABLES] == before


def test_a_rebuild_without_a_database_says_so() -> None:
    """The person who runs it learns that it may be tried again."""
    with pytest.raises(Unavailable):
        rebuild("postgresql://slipway@127.0.0.1:1/slipway", [lambda: _PRESENT])
