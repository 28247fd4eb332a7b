"""Rows of a backup: the same in any database, all or none, and never beside a controller."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from controller.backup.file import BackupWriter, Damaged, Header, Section, items, verified
from controller.backup.rows import backed_up_tables, dump_rows, load_rows, prepare
from controller.errors import SlipwayError, Unavailable
from controller.metastore.engine import connected
from controller.metastore.heartbeat import Beat, Heart
from controller.metastore.logs import LogArchive
from controller.metastore.migrate import expected_revision, migrate
from controller.model.archive import PodLog
from controller.model.metadata import Key
from tests.backup.telling import told_nobody
from tests.metastore import objects as o
from tests.metastore.recording import RecordingWriter

Rows = dict[str, list[tuple[Any, ...]]]


async def fill(url: str) -> None:
    """Rows in every table, with all that is hard to keep: bytes, times, text of any kind."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        asked = {"id": "1", "action": "clear", "at": o.at(5), "count": 1, "by": "ada"}
        ended = {"state": "Success", "finishedAt": o.at(9), "startedAt": o.at(1), "requests": [asked]}
        attempt = o.attempt("a", 1, "Success", updates=["orders"])
        for each in (
            o.dag(1, {"owner": "\N{SNOWMAN} \u2028"}),
            o.revision(1),
            o.pool(1),
            o.run(2, status=ended),
            o.task("a", 3, {"state": "Success", "output": '{"n": 1}', "attempts": [attempt]}),
            o.pod("a", 1, 4, state=o.terminated(1, 2)),
        ):
            writer.observed(each)
        writer.flushed()
    archive = LogArchive(url)
    await archive.keep(PodLog(Key("team", "p"), "uid-p", "etl", "etl-1", "a", 1, datetime.now(UTC), b"\x00\xff"))
    archive.close()


def all_rows(url: str) -> Rows:
    """Everything that a backup holds."""
    with connected(url) as connection:
        return {rows.name: _sorted(connection, rows) for rows in backed_up_tables()}


def _sorted(connection: Connection, rows: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in connection.execute(select(rows))), key=repr)


def saved(url: str, path: Path, **how: Any) -> Path:
    """A backup of the database's rows."""
    with BackupWriter(path, Header("0.1.0", expected_revision(), "now")) as writer:
        dump_rows(url, writer, told_nobody, **how)
    return path


async def test_round_trip(url: str, empty_url: str, tmp_path: Path) -> None:
    """From each kind of database to each kind: equal rows, after a migration of the empty one."""
    await fill(url)
    path = saved(url, tmp_path / "b")
    assert verified(path).counts["attempt_logs"] == 1
    prepare(empty_url, expected_revision(), merge=False)
    load_rows(empty_url, items(path, "rows"), told_nobody)
    before, after = all_rows(url), all_rows(empty_url)
    assert after == before
    assert {name for name, rows in before.items() if not rows} == {"approvals", "backfills"}


async def test_without_logs(url: str, tmp_path: Path) -> None:
    """Logs may be left out."""
    await fill(url)
    assert "attempt_logs" not in verified(saved(url, tmp_path / "b", logs=False)).counts


async def test_a_database_that_is_not_empty(url: str, tmp_path: Path) -> None:
    """It is refused, unless what it lacks shall be added: what is there stays."""
    await fill(url)
    path = saved(url, tmp_path / "b")
    with pytest.raises(SlipwayError, match="is not empty"):
        prepare(url, expected_revision(), merge=False)
    newest = o.run(9, status={"state": "Failed", "finishedAt": o.at(99)})
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        writer.observed(newest)
        writer.observed(o.run(10, "later"))
        writer.flushed()
    before = all_rows(url)
    prepare(url, expected_revision(), merge=True)
    load_rows(url, items(path, "rows"), told_nobody)
    assert all_rows(url) == before


def test_a_controller_that_runs(url: str) -> None:
    """Nothing is put into a database that a controller writes; a minute after its last beat it is taken for gone."""
    heart, now = Heart(url), datetime.now(UTC)
    heart.beat(Beat("controller", "1", now, now, ready=True, pending=0, lag_seconds=0))
    with pytest.raises(SlipwayError, match="stop it"):
        prepare(url, expected_revision(), merge=False)
    old = now - timedelta(seconds=61)
    heart.beat(Beat("controller", "1", old, old, ready=True, pending=0, lag_seconds=0))
    heart.close()
    prepare(url, expected_revision(), merge=False)


def test_a_schema_of_tomorrow(url: str) -> None:
    """Rows of a newer Slipway are refused before anything is written."""
    with pytest.raises(SlipwayError, match="restore with the version that made it"):
        prepare(url, "9999", merge=False)


def test_a_schema_of_yesterday(url: str) -> None:
    """Columns that there were not yet are filled as the migration would; one that can't be is told."""
    pool = ("team", "db", "u1", 4, 0, 0, 1, 1, "2026-01-01T00:00:00+00:00")
    columns = ("namespace", "name", "uid", "slots", "used", "queued", "resource_version", "change", "created_at")
    load_rows(url, [(Section("rows", "pools", columns), pool)], told_nobody)
    assert [row[:3] for row in all_rows(url)["pools"]] == [("team", "db", "u1")]
    with pytest.raises(Damaged, match=r"no pools\.created_at"):
        load_rows(url, [(Section("rows", "pools", columns[:-1]), pool[:-1])], told_nobody)


@pytest.mark.parametrize("section", [Section("rows", "secrets", ("a",)), Section("rows", "pools", ("colour",))])
def test_rows_that_nobody_knows(url: str, section: Section) -> None:
    """An unknown table or column is refused, and nothing is written."""
    with pytest.raises(Damaged, match="does not know"):
        load_rows(url, [(section, ["x"])], told_nobody)


async def test_all_or_nothing(url: str, empty_url: str, tmp_path: Path) -> None:
    """A restore that fails half-way leaves the database as it was."""
    await fill(url)
    lines = list(items(saved(url, tmp_path / "b"), "rows"))
    migrate(empty_url)
    before = all_rows(empty_url)
    with pytest.raises(Damaged):
        load_rows(empty_url, [*lines, (Section("rows", "secrets", ("a",)), ["x"])], told_nobody)
    assert all_rows(empty_url) == before


async def test_many_rows(url: str, empty_url: str, tmp_path: Path) -> None:
    """More rows than one statement takes; and how far it is, is told on the way."""
    pools = next(rows for rows in backed_up_tables() if rows.name == "pools")
    now = datetime.now(UTC)
    values = [
        {
            **{"namespace": "team", "name": f"p{number}", "uid": str(number), "slots": 1, "used": 0, "queued": 0},
            **{"resource_version": 1, "change": 1, "created_at": now},
        }
        for number in range(3000)
    ]
    with connected(url) as connection:
        connection.execute(insert(pools), values)
    migrate(empty_url)
    said: list[tuple[str, int]] = []
    load_rows(empty_url, items(saved(url, tmp_path / "b"), "rows"), lambda what, count: said.append((what, count)))
    assert all_rows(empty_url)["pools"] == all_rows(url)["pools"]
    assert said[-1] != said[0]
    assert ("pools", 3000) in said


def test_no_database(tmp_path: Path) -> None:
    """It is said in one sentence, and no file is taken for a backup."""
    with pytest.raises(Unavailable):
        saved(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path / "b")
    with pytest.raises(Damaged):
        verified(tmp_path / "b")
