"""What the tables show depends on what happened, not on how the watch told it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from controller.metastore.buffer import Entry
from controller.metastore.engine import open_engine
from controller.metastore.store import store
from controller.metastore.tables import AttemptRow, DagRunRow, TaskRunRow
from controller.model.dagrun import DagRun, Settled
from tests.metastore.recording import rows_in
from tests.metastore.stories import Story, deliveries, in_order, stories

_TABLES = (DagRunRow, TaskRunRow, AttemptRow)
_BOOKKEEPING = frozenset({"change", "resource_version", "account_version"})

# The database fixture is shared by the examples: each one runs in a transaction that is rolled back.
_on_one_database = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The database that the examples share."""
    made = open_engine(url)
    yield made
    made.dispose()


@_on_one_database
@given(data=st.data())
def test_order_and_repetition_of_events_do_not_matter(engine: Engine, data: st.DataObject) -> None:
    """Events out of order, doubled, late and cut into any batches end in the same rows."""
    story = data.draw(stories(deletions=True))
    told = data.draw(deliveries(story))
    with _undone(engine) as connection:
        expected = _shown_after(connection, in_order(story))
    with _undone(engine) as connection:
        assert _shown_after(connection, told) == expected


@_on_one_database
@given(data=st.data())
def test_stories_that_are_told_twice_change_nothing(engine: Engine, data: st.DataObject) -> None:
    """The second telling does not even count as a change."""
    story = data.draw(stories(deletions=False))
    newest = [[Entry(observed) for observed in story.live()]]
    with _undone(engine) as connection:
        _shown_after(connection, newest)
        before = rows_in(connection, DagRunRow)
        _shown_after(connection, newest)
        assert rows_in(connection, DagRunRow) == before


@_on_one_database
@given(story=stories(deletions=False))
def test_rows_from_the_last_versions_are_those_written_live(engine: Engine, story: Story) -> None:
    """Invariant I10: what the live objects tell is what was recorded as they changed."""
    with _undone(engine) as connection:
        live = _shown_after(connection, in_order(story))
    with _undone(engine) as connection:
        assert _shown_after(connection, [[Entry(observed) for observed in story.live()]]) == live


@contextmanager
def _undone(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def _shown_after(connection: Connection, batches: Sequence[Sequence[Entry]]) -> Sequence[Sequence[dict[str, Any]]]:
    settled: dict[str, Settled] = {}
    for batch in batches:
        if batch:
            store(connection, batch, settled)
        settled |= {
            entry.observed.meta.uid: entry.observed.status.settled
            for entry in batch
            if isinstance(entry.observed, DagRun)
        }
    return [[_without_bookkeeping(row) for row in rows_in(connection, table)] for table in _TABLES]


def _without_bookkeeping(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _BOOKKEEPING}
