"""Questions to the metastore -> narrow, frozen answers. Lists are keyset pages, newest first."""

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from controller.metastore.engine import connected
from controller.metastore.errors import InvalidPage
from controller.metastore.tables import Base, DagRunRow, TaskRunRow
from controller.model.timestamps import parse_time

LARGEST_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list."""

    uid: str
    namespace: str
    dag: str
    name: str
    run_type: str
    state: str
    ordered_at: datetime
    logical_date: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress: str | None
    counts: dict[str, int]
    reason: str | None
    message: str | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs and where the next page begins."""

    runs: tuple[RunLine, ...]
    cursor: str | None
    """None = there are no more."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of a run."""

    task: str
    map_index: int
    uid: str | None
    name: str | None
    state: str
    attempt: int
    pod: str | None
    node: str | None
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None
    reason: str | None
    message: str | None
    waiting_for: list[Any]
    output: str | None
    deleted_at: datetime | None


@contextmanager
def open_session(url: str) -> Iterator[Session]:
    """A session for questions, on a connection of its own; Unavailable when the database does not answer."""
    with connected(url) as connection, Session(connection) as session:
        yield session


def list_runs(
    session: Session, namespace: str | None, dag: str | None, limit: int = 50, cursor: str | None = None
) -> RunPage:
    """A page of runs by logical date, newest first; of all namespaces, of all Dags where None is given."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidPage(f"A page has 1 to {LARGEST_PAGE} rows, not {limit}")
    query = select(*(getattr(DagRunRow, field) for field in RunLine.__slots__))
    if namespace is not None:
        query = query.where(DagRunRow.namespace == namespace)
    if dag is not None:
        query = query.where(DagRunRow.dag == dag)
    if cursor is not None:
        query = query.where(tuple_(DagRunRow.ordered_at, DagRunRow.uid) < tuple_(*_read_cursor(cursor)))
    query = query.order_by(DagRunRow.ordered_at.desc(), DagRunRow.uid.desc()).limit(limit + 1)
    runs = tuple(RunLine(*row) for row in session.execute(query))
    return RunPage(runs[:limit], _write_cursor(runs[limit - 1]) if len(runs) > limit else None)


def run_tasks(session: Session, run_uid: str) -> Sequence[TaskLine]:
    """All tasks of a run that have begun to exist, by name and index."""
    query = select(*(getattr(TaskRunRow, field) for field in TaskLine.__slots__))
    query = query.where(TaskRunRow.run_uid == run_uid).order_by(TaskRunRow.task, TaskRunRow.map_index)
    return [TaskLine(*row) for row in session.execute(query)]


def table_counts(session: Session) -> dict[str, int]:
    """The number of rows of each table: a full scan, for tests and demonstrations."""
    tables = Base.metadata.sorted_tables
    return {table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def _write_cursor(run: RunLine) -> str:
    text = json.dumps([run.ordered_at.isoformat(), run.uid])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, uid = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return parse_time(at), str(uid)
    except (ValueError, TypeError, AttributeError):
        raise InvalidPage("The cursor is not one that a list gave") from None
