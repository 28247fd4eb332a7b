"""Logs of attempts -> kept in the metastore or in an object store, and found again.

A log may come twice, as after a restart: then the newer one stays, but nothing that was kept is replaced by nothing.
"""

import asyncio
import gzip
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from controller.errors import Unavailable
from controller.metastore.batches import OUTAGES
from controller.metastore.engine import open_engine
from controller.metastore.log_rows import AttemptLogRow, log_row
from controller.metastore.log_store import store_of
from controller.metastore.row import Row
from controller.metastore.tables import table
from controller.model.archive import PodLog

_PACKING: Final = 5
"""How hard gzip tries: more takes much longer and saves little of a log."""


class LogArchive:
    """Keeps logs, one after another, in a thread of its own. `close` it in the end."""

    def __init__(self, url: str, store: str = "metastore") -> None:
        self._engine = open_engine(url)
        self._store = store_of(store)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-archive")

    async def keep(self, log: PodLog) -> None:
        """Store the log; Unavailable where the database or the object store does not take it."""
        loop = asyncio.get_running_loop()
        packed = None if log.content is None else await loop.run_in_executor(self._thread, _pack, log.content)
        place = None
        if self._store is not None and packed is not None:
            place = f"{log.pod.namespace}/{log.dag}/{log.run}/{log.pod.name}/{log.pod_uid}.log.gz"
            await self._store.put(place, packed)
        await loop.run_in_executor(self._thread, self._write, log_row(log, packed, place))

    def _write(self, row: Row) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(_upsert(self._engine.dialect.name), row)
        except OUTAGES as error:
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
