"""What tests use to write and to look: a writer that records its commits, and a database's rows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, delete, event, select

from controller.metastore.engine import connected
from controller.metastore.tables import Base, ChangeCounterRow, table
from controller.metastore.writer import Committed, MetastoreWriter

Rows = Sequence[dict[str, Any]]


class RecordingWriter(MetastoreWriter):
    """A writer that keeps the commits it announced."""

    def __init__(self, url: str) -> None:
        self.commits: list[Sequence[Committed]] = []
        self.url = url
        super().__init__(url, self.commits.append)

    def flushed(self) -> None:
        """Wait until all is written."""
        assert self.flush(20)


def rows(url: str, row: type[Base]) -> Rows:
    """All rows of a table, in the order of its key."""
    with connected(url) as connection:
        return rows_in(connection, row)


def rows_in(connection: Connection, row: type[Base]) -> Rows:
    """All rows of a table, in the order of its key."""
    query = select(table(row)).order_by(*table(row).primary_key.columns)
    return [dict(found._mapping) for found in connection.execute(query)]


def emptied(url: str) -> None:
    """Remove all rows, as if the database had just been migrated."""
    with connected(url) as connection:
        for found in Base.metadata.sorted_tables:
            if found is not table(ChangeCounterRow):
                connection.execute(delete(found))


def only_row(url: str, row: type[Base]) -> dict[str, Any]:
    """The one row of a table."""
    found = rows(url, row)
    assert len(found) == 1, found
    return found[0]


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Look again and again until the condition holds."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "it did not come true in time"
        sleep(0.01)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The SQL that is sent to any database meanwhile; one with many parameter sets counts as many."""
    statements: list[str] = []

    def note(*sent: Any) -> None:
        parameters = sent[3]
        statements.extend([sent[2]] * (len(parameters) if isinstance(parameters, list) else 1))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
