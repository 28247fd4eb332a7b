"""The two databases that every contract is checked on."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from controller.metastore.migrate import migrate
from tests.metastore.postgres import PostgresServer, postgres_server
from tests.metastore.recording import RecordingWriter, emptied

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server with a migrated database `migrated`."""
    with postgres_server() as server:
        migrate(server.create_database("migrated"))
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, on each of the two kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create_database(f"empty{next(_numbers)}")


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The URL of a migrated PostgreSQL database. One for all tests, emptied: a new one takes a second."""
    url = postgres.url("migrated")
    emptied(url)
    return url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database."""
    path = tmp_path / "slipway.db"
    path.write_bytes(migrated_file.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database, on each of the two kinds."""
    found: str = request.getfixturevalue(f"{'postgres' if request.param == 'postgresql' else 'sqlite'}_url")
    return found


@pytest.fixture
def writer(url: str) -> Iterator[RecordingWriter]:
    """A started writer that remembers what it said was committed."""
    with closing(RecordingWriter(url)) as made:
        made.start()
        yield made
