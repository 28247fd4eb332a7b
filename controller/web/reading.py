"""A question to the metastore -> its answer, asked in a thread, on a connection that can't write."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from controller.errors import Unavailable
from controller.metastore.engine import open_engine

T = TypeVar("T")

THREADS: Final = 8


class Reader:
    """Reads one database with a few threads. `close` it in the end."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url).execution_options(postgresql_readonly=True)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _read_only)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="metastore-reader")

    async def ask(self, question: Callable[[Session], T]) -> T:
        """What the question answers; Unavailable when the database does not."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, question)

    def _ask(self, question: Callable[[Session], T]) -> T:
        try:
            with self._engine.connect() as connection, Session(connection) as session:
                return question(session)
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable("The database does not answer") from error

    def close(self) -> None:
        """Let questions that are being asked end, and close the connections."""
        self._threads.shutdown(cancel_futures=True)
        self._engine.dispose()


def _read_only(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON").close()
