"""The metastore without its database: nothing waits, nothing is lost."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from controller.errors import Unavailable
from controller.metastore.migrate import current_revision, migrate
from controller.metastore.tables import DagRunRow, PoolRow, TaskRunRow
from tests.metastore.objects import pool, run
from tests.metastore.postgres import PostgresServer
from tests.metastore.recording import RecordingWriter, rows, until

_HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


def test_postgres_stops_and_comes_back(postgres: PostgresServer, postgres_url: str) -> None:
    """While the server is away the newest versions are kept and the caller goes on; then no row is missing."""
    with closing(RecordingWriter(postgres_url)) as writer:
        writer.start()
        writer.observed(run(1, name="before"))
        writer.flushed()
        postgres.stop()
        try:
            began = monotonic()
            for version in range(2, 12):
                for number in range(300):
                    writer.observed(run(version * 1000 + number, name=f"etl-{number}", status={"state": "Running"}))
            writer.deleted(run(20_000, name="etl-0", status={"state": "Success"}))
            assert monotonic() - began < 2
            until(lambda: not writer.healthy)
            assert not writer.flush(0.1)
            assert writer.pending == 300
            assert writer.lag > 0
        finally:
            postgres.start()
        writer.observed(pool())
        writer.flushed()
        assert writer.healthy
        assert writer.lag == 0
    found = {row["name"]: row for row in rows(postgres_url, DagRunRow)}
    assert len(found) == 301
    assert {row["resource_version"] // 1000 for name, row in found.items() if name not in ("before", "etl-0")} == {11}
    assert (found["etl-0"]["state"], found["etl-0"]["deleted_at"] is not None) == ("Success", True)
    assert len(rows(postgres_url, PoolRow)) == 1
    announced = {committed.uid for batch in writer.commits for committed in batch}
    assert {f"uid-etl-{number}" for number in range(300)} <= announced


def test_the_database_is_migrated_later(empty_url: str) -> None:
    """A writer that starts before the schema is there writes once it is."""
    with closing(RecordingWriter(empty_url)) as writer:
        writer.start()
        writer.reconcile_start([])
        writer.observed(run())
        until(lambda: not writer.healthy)
        migrate(empty_url)
        writer.flushed()
        assert [row["deleted_at"] for row in rows(empty_url, DagRunRow)] == [None]


def test_sqlite_is_locked_by_another_process(sqlite_url: str) -> None:
    """A lock that outlasts the busy timeout is an outage like any other."""
    path = sqlite_url.removeprefix("sqlite:///")
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD_LOCK, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with closing(RecordingWriter(sqlite_url)) as writer, holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        writer.start()
        writer.observed(run(1))
        until(lambda: not writer.healthy)
        writer.observed(run(2, status={"state": "Running"}))
        assert rows(sqlite_url, DagRunRow) == []
        holder.communicate()
        writer.flushed()
        assert [row["state"] for row in rows(sqlite_url, DagRunRow)] == ["Running"]


def test_the_sqlite_file_is_deleted(sqlite_url: str) -> None:
    """Nothing is written into a file that is gone: the writer is unhealthy until there is a database again."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(RecordingWriter(sqlite_url)) as writer:
        writer.start()
        writer.observed(run(1, status={"settled": {"skipped": ["load"]}}))
        writer.flushed()
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        writer.observed(run(2, status={"settled": {"skipped": ["load"]}}))
        until(lambda: not writer.healthy)
        migrate(sqlite_url)
        writer.flushed()
    assert [row["resource_version"] for row in rows(sqlite_url, DagRunRow)] == [2]
    assert len(rows(sqlite_url, TaskRunRow)) == 1


def test_the_sqlite_file_is_damaged(sqlite_url: str) -> None:
    """A file that is no database is told as a database that does not answer."""
    Path(sqlite_url.removeprefix("sqlite:///")).write_bytes(b"not a database " * 1000)
    with pytest.raises(Unavailable):
        current_revision(sqlite_url)
    writer = RecordingWriter(sqlite_url)
    writer.start()
    writer.observed(run(1))
    until(lambda: not writer.healthy)
    assert not writer.close(timeout=0.2)


def test_two_writers_agree(url: str) -> None:
    """A standby that writes too neither blocks the leader nor undoes its work."""
    with closing(RecordingWriter(url)) as leader, closing(RecordingWriter(url)) as standby:
        leader.start()
        standby.start()
        for version in range(1, 6):
            for number in range(200):
                observed = run(version * 1000 + number, name=f"etl-{number}")
                (leader if (version + number) % 2 else standby).observed(observed)
        leader.flushed()
        standby.flushed()
    assert {row["resource_version"] // 1000 for row in rows(url, DagRunRow)} == {5}


def test_closing_without_a_database_says_so(sqlite_url: str) -> None:
    """The process may end although rows are unwritten: they are observed again at the next start."""
    writer = RecordingWriter(sqlite_url.replace("slipway.db", "unmigrated.db"))
    writer.start()
    writer.observed(run())
    until(lambda: not writer.healthy)
    assert not writer.close(timeout=0.3)


def test_closing_writes_what_is_left(url: str) -> None:
    """What was observed just before the end is written."""
    writer = RecordingWriter(url)
    writer.start()
    writer.observed(run())
    assert writer.close()
    assert len(rows(url, DagRunRow)) == 1
