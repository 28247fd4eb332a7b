"""The key of an artifact -> the JSON list under it, or in one sentence why there is none. Never an error.

s3://BUCKET/PREFIX   with the credentials of the controller's own variables, such as AWS_ACCESS_KEY_ID
file:///PATH         where the claim is mounted into the controller's Pod

A read has 20 s in all and takes 4 MiB at most. Tasks write what is in a claim, so no link in it is followed: it could
lead to another namespace's files, or to the controller's own.
"""

import asyncio
import errno
import json
import math
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Final, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

from controller.act.http_look import MOST_NESTED, is_shallow
from controller.model.action import ReadArtifact
from controller.model.artifacts import Reading

READ_SECONDS: Final = 20.0
MOST_BYTES: Final = 4 * 1024 * 1024
_TOO_LARGE: Final = f"is larger than {MOST_BYTES // 1024 // 1024} MiB, the most that the controller reads"
_MISSING: Final = "does not exist"
_NOT_FOLLOWED: Final = frozenset({errno.ELOOP, errno.ENOTDIR})


class Unfit(Exception):
    """The artifact is there or not in a way that no further read would change; the text says how."""


class _Bytes(Protocol):
    async def read(self, key: str) -> bytes:
        """At most MOST_BYTES; Unfit, or any other error where another read may bring them."""


class StoredArtifacts:
    """Reads the store at a URL; empty = there is none that the controller can open."""

    def __init__(self, url: str, seconds: float = READ_SECONDS) -> None:
        self._url = url
        self._seconds = seconds
        self._store: _Bytes | None = None

    async def read(self, action: ReadArtifact) -> Reading:
        """What comes of it."""
        if not self._url:
            return Reading(fault="can't be read by this Slipway's controller: see the setting artifactsReadUrl")
        try:
            async with asyncio.timeout(self._seconds):
                data = await self._opened().read(action.key)
            return _reading(data)
        except Unfit as fault:
            return Reading(fault=str(fault))
        except TimeoutError:
            return Reading(trouble=f"the artifact store did not answer within {self._seconds:g} s")
        except Exception as error:  # a store has errors of all kinds, and the next read may meet with none
            return Reading(trouble=f"the artifact store can't be read: {_first_line(error)}")

    def _opened(self) -> _Bytes:
        if self._store is None:
            parts = urlsplit(self._url)
            is_bucket = parts.scheme == "s3"
            self._store = Bucket(parts.netloc, parts.path.strip("/")) if is_bucket else Folder(unquote(parts.path))
        return self._store


class Bucket:
    """A bucket that speaks S3."""

    def __init__(self, bucket: str, prefix: str) -> None:
        from obstore.store import S3Store  # of 20 MB: only where there is a bucket

        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            # An endpoint of plain HTTP is used only where the operator's AWS_ENDPOINT_URL names one.
            client_options={"allow_http": True, "connect_timeout": "5s", "timeout": "15s"},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=15)},
        )

    async def read(self, key: str) -> bytes:
        """The object."""
        import obstore
        from obstore.exceptions import NotFoundError

        try:
            answer = await obstore.get_async(self._store, key)
        except (FileNotFoundError, NotFoundError) as error:
            if "NoSuchBucket" in str(error):
                raise
            raise Unfit(_MISSING) from error
        if answer.meta["size"] > MOST_BYTES:
            raise Unfit(_TOO_LARGE)
        data = bytearray()
        async for chunk in answer.stream():
            data += chunk
            if len(data) > MOST_BYTES:
                raise Unfit(_TOO_LARGE)
        return bytes(data)


class Folder:
    """A folder, such as a mounted volume."""

    def __init__(self, root: str) -> None:
        self._root = root
        # Threads of its own: those of a volume that hangs must not keep others from working.
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="artifacts")

    async def read(self, key: str) -> bytes:
        """The file."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, key)

    def _read(self, key: str) -> bytes:
        *folders, name = key.split("/")
        with ExitStack() as opened:
            at = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)  # the mount itself must be there
            opened.callback(os.close, at)
            for folder in folders:
                at = _open_inside(folder, at, os.O_DIRECTORY)
                opened.callback(os.close, at)
            file = _open_inside(name, at, os.O_NONBLOCK)  # a pipe would be waited for
            opened.callback(os.close, file)
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise Unfit("is no file")
            with os.fdopen(file, "rb", closefd=False) as stream:
                data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Unfit(_TOO_LARGE)
        return data


def _open_inside(name: str, folder: int, flags: int) -> int:
    """Open the name in the folder, and nothing that it may be a link to."""
    if name in ("", ".", ".."):
        raise Unfit(_MISSING)
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | flags, dir_fd=folder)
    except FileNotFoundError as error:
        raise Unfit(_MISSING) from error
    except OSError as error:
        if error.errno in _NOT_FOLLOWED:
            raise Unfit("is reached by a link, or through a file, which is not followed") from error
        raise


def _reading(data: bytes) -> Reading:
    try:
        items = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Unfit("is no JSON") from error
    if not isinstance(items, list):
        raise Unfit("is JSON, but no list")
    if not is_shallow(items):
        raise Unfit(f"is nested more than {MOST_NESTED} deep")
    lengths = (len(json.dumps(each, separators=(",", ":"), ensure_ascii=False)) for each in items)
    return Reading(items=tuple(items), chars=len(data), longest=max(lengths, default=0))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> Any:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value


def _first_line(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text.rstrip(".")[:300]
