"""What is kept of a Pod that is gone -> its log in pieces, unpacked as they are sent, or in one sentence why not."""

import zlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from controller.errors import NotFound
from controller.metastore.logs import KeptLog, packed_content
from controller.web.parts import Parts
from controller.web.problems import Gone

_PIECE: Final = 65_536
_GZIP: Final = 16 + zlib.MAX_WBITS


def no_log(pod: str, kept: KeptLog) -> Gone:
    """Why there is no log, though the attempt is known."""
    if kept.lost is not None:
        return Gone(f"The log of Pod {pod} is lost: {kept.lost}")
    said = ": ".join(filter(None, (kept.reason, kept.message))) or "nothing is known of it"
    return Gone(f"Pod {pod} ended before its container could write a log: {said}", way_on="Its events tell more")


async def open_archived(parts: Parts, kept: KeptLog, tail: int | None) -> AsyncIterator[bytes]:
    """The log's pieces; Gone where its content is not to be found, told before the first one."""
    pieces = _unpacked(_packed(parts, kept))
    try:
        if tail is not None:
            return _once(_last_lines(b"".join([piece async for piece in pieces]), tail))
        first = await anext(pieces, b"")
    except NotFound as error:
        raise Gone(str(error)) from error
    return _after(first, pieces)


async def _packed(parts: Parts, kept: KeptLog) -> AsyncIterator[bytes]:
    if kept.place is None:
        packed = await parts.reader.ask(partial(packed_content, namespace=kept.namespace, pod_uid=kept.pod_uid))
        yield packed or b""
    elif parts.log_store is None:
        raise Gone("The log is in a log store that this web server does not know: see the setting logStore")
    else:
        async for piece in parts.log_store.get(kept.place):
            yield piece


async def _unpacked(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    unpacking = zlib.decompressobj(_GZIP)
    async for piece in pieces:
        left = piece
        while left:
            yield unpacking.decompress(left, _PIECE)
            left = unpacking.unconsumed_tail
    yield unpacking.flush()


async def _after(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        if piece:
            yield piece


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _last_lines(data: bytes, count: int) -> bytes:
    """The last lines; what an archived log holds is limited, so it may be looked at whole."""
    return b"".join(data.splitlines(keepends=True)[-count:]) if count else b""
