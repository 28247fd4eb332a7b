"""The metastore's tables -> lines of a backup, as they are at one instant; and lines -> the rows of another database.

All rows are read in one transaction, and put back in one: a restore that fails leaves the database as it was. Neither
holds more than some rows in memory.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import Column, Connection, LargeBinary, Table, exists, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from controller.backup.file import BackupWriter, Damaged, Section
from controller.errors import SlipwayError, Unavailable
from controller.metastore import log_rows, statements  # noqa: F401 every table of the schema is known then
from controller.metastore.columns import UtcDateTime
from controller.metastore.engine import connected, open_engine
from controller.metastore.many import finished, insert_many, parameters
from controller.metastore.migrate import current_revision, expected_revision, migrate
from controller.metastore.tables import Base, ChangeCounterRow, HeartbeatRow, table

ROWS_AT_ONCE: Final = 400
ALIVE: Final = timedelta(seconds=60)
"""A controller that beat since is running."""
LOGS: Final = "attempt_logs"

Told = Callable[[str, int], None]
"""Takes what is being worked on, and how far it came."""

_UNHURRIED: Final = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


def backed_up_tables(*, logs: bool = True) -> Sequence[Table]:
    """The tables of a backup, by name; a heartbeat is nothing to keep."""
    left_out = {table(HeartbeatRow).name} | (set() if logs else {LOGS})
    return sorted((each for each in Base.metadata.tables.values() if each.name not in left_out), key=lambda t: t.name)


def dump_rows(url: str, writer: BackupWriter, told: Told, *, logs: bool = True) -> None:
    """Write all rows as they are at this instant."""
    with _snapshot(url) as connection:
        for rows in backed_up_tables(logs=logs):
            columns = list(rows.columns)
            writer.begin(Section("rows", rows.name, tuple(column.name for column in columns)))
            found = connection.execution_options(stream_results=True, yield_per=1000).execute(select(rows))
            for row in found:
                writer.put([_written(value) for value in row])
                told(rows.name, writer.counts[rows.name])


@contextmanager
def _snapshot(url: str) -> Iterator[Connection]:
    """One transaction in which nothing changes."""
    engine = open_engine(url)
    try:
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.begin() as connection:
            _take_your_time(connection)
            yield connection
    except DBAPIError as error:
        raise Unavailable(f"The database can't be used: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()


def _take_your_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for limit in _UNHURRIED:
            connection.execute(text(f"SET LOCAL {limit} = 0"))


def prepare(url: str, schema: str, *, merge: bool) -> None:
    """Bring the database up to date, and see that rows of that schema may be put into it now; else SlipwayError."""
    if schema > expected_revision():
        raise SlipwayError(
            f"The backup has rows of schema {schema}, this version of Slipway knows schemas up to"
            f" {expected_revision()}: restore with the version that made it, or a newer one"
        )
    if current_revision(url) != expected_revision():
        migrate(url)
    refuse_beside_a_controller(url)
    with connected(url) as connection:
        for rows in backed_up_tables():
            taken = rows.name != table(ChangeCounterRow).name
            if taken and not merge and connection.execute(select(exists(select(rows)))).scalar_one():
                raise SlipwayError(
                    f"The database is not empty: it has {rows.name}. Restore into an empty one, or add what it lacks"
                    " with --merge"
                )


def refuse_beside_a_controller(url: str) -> None:
    """SlipwayError where a controller beats: it would take up what is half restored."""
    with connected(url) as connection:
        beats = connection.execute(select(HeartbeatRow.beat_at)).scalars().all()
    newest = max(beats, default=None)
    if newest is not None and datetime.now(UTC) - newest < ALIVE:
        ago = (datetime.now(UTC) - newest).total_seconds()
        raise SlipwayError(
            f"A controller said {ago:.0f} s ago that it lives: stop it, wait for {ALIVE.total_seconds():.0f} s, and"
            " run the same command again"
        )


def load_rows(url: str, lines: Iterable[tuple[Section, Any]], told: Told) -> None:
    """Put the rows into the database; where a place is taken already, what is there stays."""
    with connected(url, begin="EXCLUSIVE") as connection:
        _take_your_time(connection)
        for section, group in groupby(lines, key=lambda line: line[0]):
            rows, done = _table(section), 0
            values = (line[1] for line in group)
            while some := [_row(rows, section, value) for value in islice(values, ROWS_AT_ONCE)]:
                _insert(connection, rows, some)
                done += len(some)
                told(rows.name, done)


def _table(section: Section) -> Table:
    known = {each.name: each for each in backed_up_tables()}
    if section.name not in known or not set(section.columns) <= set(known[section.name].columns.keys()):
        raise Damaged(f"The backup has rows of {section.name} that this version of Slipway does not know")
    return known[section.name]


def _row(rows: Table, section: Section, values: Sequence[Any]) -> dict[str, Any]:
    given = dict(zip(section.columns, values, strict=True))
    return {
        column.name: _read(column, given[column.name]) if column.name in given else _default(column)
        for column in rows.columns
    }


def _insert(connection: Connection, rows: Table, values: Sequence[Mapping[str, Any]]) -> None:
    if rows.name == table(ChangeCounterRow).name:
        _count_on(connection, max(int(row["value"]) for row in values))
        return
    dialect = connection.dialect.name
    if any(isinstance(column.type, LargeBinary) for column in rows.columns):
        insert = (postgresql if dialect == "postgresql" else sqlite).insert(rows).on_conflict_do_nothing()
        connection.execute(insert, list(values))
        return
    statement = finished(insert_many(dialect, rows).on_conflict_do_nothing(), rows)
    connection.execute(statement, parameters(dialect, [dict(row) for row in values]))


def _count_on(connection: Connection, value: int) -> None:
    """Changes are counted from there on, so that no reader has seen a later one."""
    counter = table(ChangeCounterRow)
    connection.execute(update(counter).where(counter.c.value < value).values(value=value))


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _read(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value


def _default(column: Column[Any]) -> Any:
    """What a column has that the backup's schema had not yet."""
    if column.nullable:
        return None
    default = getattr(column.server_default, "arg", None)
    if default is None:
        raise Damaged(f"The backup's schema is too old: its rows have no {column.table.name}.{column.name}")
    return json.loads(str(default).strip("'"))
