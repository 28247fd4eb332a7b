"""Where a backup is kept -> a local file to write or read: a path, `-` for standard output or input, or s3://...

A backup is read twice, first to see that it is whole, so one that comes as a stream is put into a temporary file. One
for an object store goes there only when it is whole.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from controller.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

STREAM: Final = "-"
_S3: Final = "s3://"
_PIECE: Final = 8 * 2**20
RETRIES: Final[dict[str, Any]] = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
"""How an object store is asked again that does not answer."""


@contextmanager
def written(place: str) -> Iterator[Path]:
    """The file to write to; it is at its place afterwards, unless the writing failed."""
    final = None if place == STREAM or place.startswith(_S3) else Path(place)
    folder = final.absolute().parent if final is not None else None
    with _temporary(folder) as path:
        yield path
        if final is not None:
            os.replace(path, final)
        elif place == STREAM:
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        else:
            _upload(path, place)


@contextmanager
def readable(place: str) -> Iterator[Path]:
    """The backup as a file that can be read twice; NotFound where there is none."""
    if place != STREAM and not place.startswith(_S3):
        if not Path(place).is_file():
            raise NotFound(f"{place} does not exist")
        yield Path(place)
        return
    with _temporary(None) as path:
        if place == STREAM:
            with path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        else:
            _download(place, path)
        yield path


@contextmanager
def _temporary(folder: Path | None) -> Iterator[Path]:
    """A file that only its owner reads, removed in the end unless it was moved."""
    try:
        handle, name = tempfile.mkstemp(prefix=".slipway-backup-", dir=folder)
    except OSError as error:
        raise Unavailable(f"No file can be written in {folder or tempfile.gettempdir()}: {error.strerror}") from error
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _upload(path: Path, place: str) -> None:
    import obstore

    store, key = _bucket(place)
    try:
        with path.open("rb") as file:
            obstore.put(store, key, file, chunk_size=_PIECE)
    except Exception as error:  # a store has errors of all kinds
        raise Unavailable(f"The object store does not take the backup: {_first_line(error)}") from error


def _download(place: str, path: Path) -> None:
    import obstore
    from obstore.exceptions import NotFoundError

    store, key = _bucket(place)
    try:
        with path.open("wb") as file:
            for piece in obstore.get(store, key).stream(min_chunk_size=_PIECE):
                file.write(piece)
    except (FileNotFoundError, NotFoundError) as error:
        raise NotFound(f"{place} does not exist") from error
    except Exception as error:
        raise Unavailable(f"The object store does not answer: {_first_line(error)}") from error


def _bucket(place: str) -> "tuple[ObjectStore, str]":
    """The bucket, with the credentials of the process's own variables, such as AWS_ACCESS_KEY_ID, and the key."""
    from obstore.store import S3Store

    bucket, _, key = place.removeprefix(_S3).partition("/")
    if not bucket or not key:
        raise NotFound(f"{place} names no file in a bucket: write s3://BUCKET/PATH")
    client: Any = {"allow_http": True, "connect_timeout": "10s", "timeout": "300s"}
    retries: Any = RETRIES
    return S3Store(bucket, client_options=client, retry_config=retries), key


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:300]
