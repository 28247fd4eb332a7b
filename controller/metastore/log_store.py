"""The URL of a log store -> archived logs put there and got back, as bytes that are compressed already.

s3://BUCKET/PREFIX   with the credentials of the process's own variables, such as AWS_ACCESS_KEY_ID
file:///PATH         a folder, such as a mounted volume that the controller writes and the web server reads
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from controller.errors import NotFound, Unavailable
from controller.log import Logger

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_CLIENT: Final[dict[str, Any]] = {"allow_http": True, "connect_timeout": "5s", "timeout": "15s"}
"""An endpoint of plain HTTP is used only where the operator's AWS_ENDPOINT_URL names one."""


_log = Logger(__name__)


class LogStore:
    """One object store."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: ObjectStore | None = None

    async def put(self, key: str, data: bytes) -> None:
        """Store the log in place of any other of this key; Unavailable where that does not work."""
        import obstore

        try:
            await obstore.put_async(self._opened(), key, data)
        except Exception as error:  # a store has errors of all kinds
            raise Unavailable(f"the log store does not take logs: {_first_line(error)}") from error

    async def get(self, key: str) -> AsyncIterator[bytes]:
        """The log in pieces; NotFound where there is none of this key, Unavailable where the store does not answer."""
        import obstore
        from obstore.exceptions import NotFoundError

        try:
            answer = await obstore.get_async(self._opened(), key)
            async for piece in answer.stream(min_chunk_size=65_536):
                yield bytes(piece)
        except (FileNotFoundError, NotFoundError) as error:
            raise NotFound("The log is not in the log store any more") from error
        except Exception as error:  # its words name hosts and buckets: for the operator, not for who reads a log
            _log.warning("the log store does not answer", error=_first_line(error))
            raise Unavailable("The log store does not answer") from error

    async def remove(self, keys: Iterable[str]) -> None:
        """Delete the logs; one that is gone already is no fault. Unavailable where the store does not let them go."""
        await asyncio.gather(*(self._remove(key) for key in keys))

    async def _remove(self, key: str) -> None:
        import obstore
        from obstore.exceptions import NotFoundError

        try:
            await obstore.delete_async(self._opened(), key)
        except (FileNotFoundError, NotFoundError):
            return
        except Exception as error:
            raise Unavailable(f"the log store does not let logs go: {_first_line(error)}") from error

    def _opened(self) -> "ObjectStore":
        if self._store is None:
            from obstore.store import LocalStore, S3Store, from_url  # of 20 MB: only where there is a store

            if self._url.startswith("file://"):
                self._store = LocalStore.from_url(self._url, mkdir=True, automatic_cleanup=True)
            elif self._url.startswith("s3://"):
                client: Any = _CLIENT
                retries: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=15)}
                self._store = S3Store.from_url(self._url, client_options=client, retry_config=retries)
            else:
                self._store = from_url(self._url)
        return self._store


def store_of(setting: str) -> LogStore | None:
    """The object store that the setting names; None for the metastore."""
    return LogStore(setting) if "://" in setting else None


def _first_line(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text.rstrip(".")[:300]
