"""Migrations: from nothing to today's schema, once, whoever else does the same."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from controller.errors import Unavailable
from controller.metastore.engine import connected
from controller.metastore.errors import InvalidDatabaseUrl, SchemaTooNew
from controller.metastore.migrate import current_revision, expected_revision, migrate
from controller.metastore.tables import Base


def test_migrations_and_tables_agree(empty_url: str) -> None:
    """The schema that the migrations make is the one that the tables describe, on both databases."""
    migrate(empty_url)
    with connected(empty_url) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    """The command may run at every start."""
    assert current_revision(empty_url) is None
    assert migrate(empty_url) == migrate(empty_url) == current_revision(empty_url) == expected_revision()
    with connected(empty_url) as connection:
        assert connection.execute(text("SELECT value FROM change_counter")).scalars().all() == [0]


def test_two_that_migrate_at_once_take_turns(empty_url: str) -> None:
    """Two Pods that start on a fresh database both succeed."""
    revisions: list[str] = []
    threads = [threading.Thread(target=lambda: revisions.append(migrate(empty_url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert revisions == [expected_revision()] * 4


def test_connections_that_meet_on_a_fresh_sqlite_file_wait(tmp_path: Path) -> None:
    """Switching a new file to write-ahead logging refuses one of two at once: nobody may see that.

    Twenty rounds, as one round finds the moment about one time in six.
    """
    revisions: list[str | None] = []
    for number in range(20):
        url = f"sqlite:///{tmp_path / f'{number}.db'}"
        together = threading.Barrier(4)

        def connect(url: str = url, together: threading.Barrier = together) -> None:
            together.wait(30)
            revisions.append(current_revision(url))

        threads = [threading.Thread(target=connect) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert revisions == [None] * 80


def test_a_newer_schema_is_refused(empty_url: str) -> None:
    """An old version says what to do instead of working on tables it does not know."""
    migrate(empty_url)
    with connected(empty_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(empty_url)
    assert current_revision(empty_url) == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    """All steps are one transaction: a table in the way undoes those before it, and the next try succeeds."""
    with connected(empty_url) as connection:
        connection.execute(text("CREATE TABLE pools (name TEXT)"))
    with pytest.raises(Unavailable, match="pools"):
        migrate(empty_url)
    with connected(empty_url) as connection:
        assert inspect(connection).get_table_names() == ["pools"]
        connection.execute(text("DROP TABLE pools"))
    assert migrate(empty_url) == expected_revision()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://user:secret@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////no/such/folder/slipway.db",
        "postgresql://user:secret@host:port/db",
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    """The operator reads what is wrong with the setting, and no password."""
    with pytest.raises(InvalidDatabaseUrl) as refused:
        migrate(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_is_away_is_told() -> None:
    """The error is of the kind that is tried again."""
    with pytest.raises(Unavailable):
        current_revision("postgresql://slipway@127.0.0.1:1/slipway")
