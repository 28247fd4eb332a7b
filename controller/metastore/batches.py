"""Entries -> transactions: one for all, unless an object spoils it; then that one is found and left out."""

from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from controller.log_fields import fields_of
from controller.metastore.buffer import Entry
from controller.metastore.projection import KINDS
from controller.metastore.store import store
from controller.model.dagrun import Settled

OUTAGES = (DBAPIError, PoolTimeout)
"""What `store_all` raises when the database does not do its part: the same entries may be stored later."""

log = structlog.get_logger(__name__)


def store_all(engine: Engine, entries: Sequence[Entry], settled_before: Mapping[str, Settled]) -> Sequence[Entry]:
    """Store the entries and return them, without those that can't be stored whatever happens."""
    if not entries:
        return ()
    try:
        with engine.begin() as connection:
            store(connection, entries, settled_before)
    except Exception as error:
        if is_outage(error):
            raise
        return _store_apart(engine, entries, settled_before)
    return entries


def _store_apart(engine: Engine, entries: Sequence[Entry], settled_before: Mapping[str, Settled]) -> Sequence[Entry]:
    """Halve the batch until the entry that spoils it is alone."""
    if len(entries) > 1:
        middle = len(entries) // 2
        halves = (entries[:middle], entries[middle:])
        return [entry for half in halves for entry in store_all(engine, half, settled_before)]
    meta = entries[0].observed.meta
    kind = KINDS[type(entries[0].observed)].value
    log.exception("object can't be stored and is left out", kind=kind, uid=meta.uid, **fields_of(entries[0].observed))
    return ()


def is_outage(error: Exception) -> bool:
    """Whether the database failed us, rather than an object its tables."""
    return isinstance(error, OUTAGES) and not isinstance(error, DataError | IntegrityError)
