"""A database URL -> a SQLAlchemy Engine that is safe to leave alone: time limits everywhere, one meaning of BEGIN."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from controller.errors import Unavailable
from controller.metastore.errors import InvalidDatabaseUrl

_BEGIN_MODE: Final = "slipway_begin"
"""Execution option: how SQLite begins a transaction, DEFERRED unless told."""

_SQLITE_BUSY_SECONDS: Final = 5
_SQLITE_TURN_SECONDS: Final = 300
_SQLITE_PAUSE_SECONDS: Final = 0.02
_SQLITE_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {_SQLITE_BUSY_SECONDS * 1000}",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)
_POSTGRES_ARGUMENTS: Final[dict[str, Any]] = {
    "application_name": "slipway",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": "-c timezone=UTC -c statement_timeout=15s -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=60s",
}
_QUIET: Final[dict[str, Any]] = {"hide_parameters": True}  # what users wrote does not belong into our logs
_POSTGRES_NAMES: Final = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


def open_engine(url: str) -> Engine:
    """An Engine that has not connected yet; InvalidDatabaseUrl when the URL can't be one of ours."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    given = {name: value for name, value in _POSTGRES_ARGUMENTS.items() if name not in parsed.query}
    return create_engine(parsed, connect_args=given, pool_timeout=10, **_QUIET)


@contextmanager
def connected(url: str, *, begin: str = "DEFERRED") -> Iterator[Connection]:
    """One transaction on a connection of its own; Unavailable when the database does not do as it is told."""
    engine = open_engine(url).execution_options(**{_BEGIN_MODE: begin})
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise Unavailable(f"The database can't be used: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()


def parse_url(url: str) -> URL:
    """The URL with its driver filled in."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # SQLAlchemy's text repeats the URL, and with it a password.
        raise InvalidDatabaseUrl("The database URL can't be read: write sqlite:////path or postgresql://...") from None
    if parsed.drivername in _POSTGRES_NAMES:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise InvalidDatabaseUrl(f"Databases of kind {parsed.drivername!r} are not supported: use sqlite or postgresql")
    if not parsed.database or parsed.database == ":memory:":
        raise InvalidDatabaseUrl("An SQLite database must be a file: write sqlite:////data/slipway.db")
    folder = Path(parsed.database).absolute().parent
    if not folder.is_dir():
        raise InvalidDatabaseUrl(f"The folder {folder} of the SQLite file does not exist")
    return parsed


def _sqlite(url: URL) -> Engine:
    arguments = {"timeout": _SQLITE_BUSY_SECONDS, "check_same_thread": False}
    path = url.database or ""
    engine = create_engine(url, connect_args=arguments, **_QUIET)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        # The module would begin only before INSERT and the like; then DDL could not be rolled back.
        connection.isolation_level = None
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma).close()
        _write_ahead(connection)
        record.info["file"] = _file(path)

    @event.listens_for(engine, "checkout")
    def check(_connection: Any, record: Any, _proxy: object) -> None:
        # A connection to a deleted file works for ever, into nowhere.
        if record.info["file"] != _file(path):
            raise DisconnectionError("The SQLite file was replaced")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get(_BEGIN_MODE, "DEFERRED")
        if mode == "EXCLUSIVE":  # a migration: it waits for another one as long as it would on PostgreSQL
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_SQLITE_TURN_SECONDS * 1000}")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, which stays in the file.

    On a file that has none yet SQLite upgrades a read lock for it, and two that do so at once could wait for each
    other for ever: it then refuses one of them at once, whatever its busy_timeout, so the waiting is done here.
    """
    last = time.monotonic() + _SQLITE_TURN_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(_SQLITE_PAUSE_SECONDS)


def _file(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
