"""Live objects -> the rows that the writer would have written, for `slipway db rebuild`.

Rows of objects that are gone stay as they are: only a backup restores what neither the cluster nor the database has.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from controller.errors import Unavailable
from controller.metastore.batches import OUTAGES, store_all
from controller.metastore.buffer import BATCH_ENTRIES, Entry
from controller.metastore.engine import open_engine
from controller.metastore.projection import Observed

Lister = Callable[[], Iterable[Observed]]


def rebuild(url: str, listers: Iterable[Lister]) -> int:
    """Store every object that the listers give and return how many were; safe beside a writer, and to run again."""
    engine = open_engine(url)
    entries = (Entry(observed) for lister in listers for observed in lister())
    count = 0
    try:
        while batch := list(islice(entries, BATCH_ENTRIES)):
            count += len(store_all(engine, batch, settled_before={}))
    except OUTAGES as error:
        raise Unavailable("The database can't be used; run the same command again when it can") from error
    finally:
        engine.dispose()
    return count
