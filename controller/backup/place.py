"""Where a backup is kept -> a local file to write or read: a path, `-` for standard output or input, or s3://...

A backup is read twice, first to see that it is whole, so one that comes as a stream is put into a temporary file. One
for an object store goes there only when it is whole.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
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
CLIENT: Final[dict[str, Any]] = {
    "allow_http": True,
    "connect_timeout": "10s",
    "read_timeout": "300s",
    "timeout": "24h",  # of one request, and a backup comes in one: 300 s ended every download that took longer
}
"""How long an object store may take to connect, to say something, and to give a whole backup."""
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NO_NAMES: Final = frozenset({"", ".", ".."})


@contextmanager
def written(place: str) -> Iterator[Path]:
    """The file to write to; it is at its place afterwards, unless the writing failed."""
    final = None if place == STREAM or place.startswith(_S3) else Path(place)
    folder = final.absolute().parent if final is not None else None
    remote = _bucket(place) if place.startswith(_S3) else None  # now, as the writing may take long
    with _temporary(folder) as path:
        yield path
        if final is not None:
            os.replace(path, final)
        elif remote is not None:
            _upload(path, place, *remote)
        else:
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()


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


def _upload(path: Path, place: str, store: "ObjectStore", key: str) -> None:
    import obstore

    try:
        with path.open("rb") as file:
            obstore.put(store, key, file, chunk_size=_PIECE)
    except Exception as error:  # a store has errors of all kinds
        raise Unavailable(f"The object store does not take {place}: {_said(error)}") from error


def _download(place: str, path: Path) -> None:
    import obstore

    store, key = _bucket(place)
    try:
        with path.open("wb") as file:
            for piece in obstore.get(store, key).stream(min_chunk_size=_PIECE):
                file.write(piece)
    except Exception as error:
        if "<Code>NoSuchKey</Code>" in str(error):  # a bucket or a user that is missing is a 404 as well
            raise NotFound(f"{place} does not exist") from error
        raise Unavailable(f"The object store does not give {place}: {_said(error)}") from error


def _bucket(place: str) -> "tuple[ObjectStore, str]":
    """The bucket, with the credentials of the process's own variables, such as AWS_ACCESS_KEY_ID, and the key."""
    from obstore.store import S3Store

    bucket, _, key = place.removeprefix(_S3).partition("/")
    if not _BUCKET.fullmatch(bucket) or not key.isprintable() or _NO_NAMES.intersection(key.split("/")):
        raise NotFound(f"{place} names no file in a bucket: write s3://BUCKET/PATH")
    client: Any = CLIENT
    retries: Any = RETRIES
    return S3Store(bucket, client_options=client, retry_config=retries), key


def _said(error: Exception) -> str:
    """The store's own sentence and its code; where it gave none, the first line of the error."""
    text = str(error).strip() or type(error).__name__
    code, message = (re.search(f"<{name}>([^<]+)</{name}>", text) for name in ("Code", "Message"))
    if code is not None and message is not None:
        return f"{' '.join(unescape(message[1]).split()).rstrip('.')} ({code[1]})"
    return text.splitlines()[0].partition(": <")[0].rstrip(".")[:300]
