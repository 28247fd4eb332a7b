"""Logs of attempts -> kept in the metastore or in an object store, found again, and removed when they are old.

A log may come twice, as after a restart: then the newer one stays, but nothing that was kept is replaced by nothing,
and no whole log by one that broke off.
An object goes before the row that names it, so that none is left behind which nobody knows of.
"""

import asyncio
import gzip
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Executable, delete, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from controller.errors import Unavailable
from controller.metastore.batches import OUTAGES, is_outage
from controller.metastore.engine import open_engine
from controller.metastore.log_rows import AttemptLogRow, log_row
from controller.metastore.log_store import store_of
from controller.metastore.row import Row
from controller.metastore.tables import table
from controller.model.archive import PodLog

_PACKING: Final = 5
"""How hard gzip tries: more takes much longer and saves little of a log."""


REMOVED_AT_ONCE: Final = 50
"""Rows of one transaction: on SQLite every page of theirs is read, while nobody else can write."""

OldLog = tuple[str, str, str | None]
"""Namespace, uid of the Pod, and the place in an object store."""


class LogArchive:
    """Keeps and removes logs, one after another, in a thread of its own. `close` it in the end."""

    def __init__(self, url: str, store: str = "metastore") -> None:
        self._engine = open_engine(url)
        self._store = store_of(store)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-archive")

    async def keep(self, log: PodLog) -> None:
        """Store the log; Unavailable where the database or the object store does not take it."""
        loop = asyncio.get_running_loop()
        if log.lost is not None and await loop.run_in_executor(self._thread, self._has_whole, log):
            return
        packed = None if log.content is None else await loop.run_in_executor(self._thread, _pack, log.content)
        place = None
        if self._store is not None and packed is not None:
            place = _place(log)
            await self._store.put(place, packed)
        await loop.run_in_executor(self._thread, self._write, log_row(log, packed, place))

    async def remove_before(self, before: datetime) -> int:
        """Remove the oldest logs that were archived before then, 50 at most; how many. Unavailable as with `keep`."""
        loop = asyncio.get_running_loop()
        old = await loop.run_in_executor(self._thread, self._oldest, before)
        if self._store is not None:
            await self._store.remove([place for *_, place in old if place is not None])
        if old:
            await loop.run_in_executor(self._thread, self._remove, old, before)
        return len(old)

    async def remove_of(self, pods: Sequence[tuple[str, str]]) -> None:
        """Remove the logs of these Pods, each by its namespace and uid; Unavailable as with `keep`."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(pods), REMOVED_AT_ONCE):
            some = pods[start : start + REMOVED_AT_ONCE]
            found = await loop.run_in_executor(self._thread, self._found, some)
            if self._store is not None:
                await self._store.remove([place for *_, place in found if place is not None])
            if found:
                await loop.run_in_executor(self._thread, self._remove, found, None)

    def _has_whole(self, log: PodLog) -> bool:
        """Whether a whole log of the Pod is kept: one that broke off must not even take its place in the store."""
        this = (AttemptLogRow.namespace == log.pod.namespace, AttemptLogRow.pod_uid == log.pod_uid)
        whole = (AttemptLogRow.size.is_not(None), AttemptLogRow.lost.is_(None))
        with self._transaction() as connection:
            return connection.execute(select(AttemptLogRow.pod).where(*this, *whole)).first() is not None

    def _write(self, row: Row) -> None:
        with self._transaction() as connection:
            connection.execute(_upsert(self._engine.dialect.name), row)

    def _oldest(self, before: datetime) -> Sequence[OldLog]:
        query = select(AttemptLogRow.namespace, AttemptLogRow.pod_uid, AttemptLogRow.place)
        query = query.where(AttemptLogRow.archived_at < before).order_by(AttemptLogRow.archived_at)
        with self._transaction() as connection:
            return [(*row,) for row in connection.execute(query.limit(REMOVED_AT_ONCE))]

    def _found(self, pods: Sequence[tuple[str, str]]) -> Sequence[OldLog]:
        query = select(AttemptLogRow.namespace, AttemptLogRow.pod_uid, AttemptLogRow.place)
        with self._transaction() as connection:
            found = connection.execute(query.where(tuple_(AttemptLogRow.namespace, AttemptLogRow.pod_uid).in_(pods)))
            return [(*row,) for row in found]

    def _remove(self, old: Sequence[OldLog], before: datetime | None) -> None:
        these = tuple_(AttemptLogRow.namespace, AttemptLogRow.pod_uid).in_([each[:2] for each in old])
        unchanged = [AttemptLogRow.archived_at < before] if before is not None else []
        with self._transaction() as connection:
            connection.execute(delete(AttemptLogRow).where(these, *unchanged))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Unavailable for what may go well later; a row that no database takes is a bug of ours."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except OUTAGES as error:
            if not is_outage(error):
                raise
            raise Unavailable("the database does not take logs") from error

    def close(self) -> None:
        """Let the log that is being written be written, and close the connections."""
        self._thread.shutdown(cancel_futures=True)
        self._engine.dispose()


@dataclass(frozen=True, slots=True)
class KeptLog:
    """What is kept of one attempt's Pod, its content left out."""

    namespace: str
    pod_uid: str
    archived_at: datetime
    size: int | None
    left_out: int
    reason: str | None
    message: str | None
    lost: str | None
    events: list[Mapping[str, Any]]
    place: str | None


def kept_log(session: Session, namespace: str, pod: str, pod_uid: str | None) -> KeptLog | None:
    """What is kept of the Pod, by its uid where that is known, else of the newest of this name."""
    query = select(*(getattr(AttemptLogRow, name) for name in KeptLog.__slots__))
    query = query.where(AttemptLogRow.namespace == namespace, AttemptLogRow.pod == pod)
    if pod_uid is not None:
        query = query.where(AttemptLogRow.pod_uid == pod_uid)
    row = session.execute(query.order_by(AttemptLogRow.archived_at.desc()).limit(1)).one_or_none()
    return KeptLog(*row) if row is not None else None


def packed_content(session: Session, namespace: str, pod_uid: str) -> bytes | None:
    """The compressed log that is kept in the metastore."""
    query = select(AttemptLogRow.content).where(AttemptLogRow.namespace == namespace, AttemptLogRow.pod_uid == pod_uid)
    return session.execute(query).scalar_one_or_none()


def _place(log: PodLog) -> str:
    """The key in an object store; a part that the Pod's labels lack is `_`, as no part may be empty."""
    parts = (log.pod.namespace, log.dag, log.run, log.pod.name)
    return "/".join([*(part or "_" for part in parts), f"{log.pod_uid}.log.gz"])


def _pack(content: bytes) -> bytes:
    return gzip.compress(content, _PACKING, mtime=0)


@cache
def _upsert(dialect: str) -> Executable:
    rows = table(AttemptLogRow)
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(rows)
    new, old = statement.excluded, rows.c
    upsert: Executable = statement.on_conflict_do_update(
        index_elements=["namespace", "pod_uid"],
        set_={column.name: new[column.name] for column in rows.columns if not column.primary_key},
        where=or_(new.size.is_not(None), old.size.is_(None)),
    )
    return upsert
