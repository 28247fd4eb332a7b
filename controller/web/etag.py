"""What an answer was made from -> its ETag, and 304 for a caller who has it already.

Lists change with the metastore's change counter, so a poll that finds nothing new costs one row. A revision never
changes: its ETag is its name. Answers with an ETag may be kept by the browser, but are asked about each time, so that
a right that was taken away counts at once; all others are not kept at all.
"""

import hashlib

from fastapi import Request, Response

KEPT_BUT_CHECKED = "private, no-cache"


class NotModified(Exception):
    """The caller has the answer already."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def weak_etag(change: int, *more: object) -> str:
    """The ETag of an answer made from rows up to this change, for this caller and this question."""
    digest = hashlib.sha256(repr(more).encode()).hexdigest()[:16]
    return f'W/"{change}-{digest}"'


def strong_etag(name: str) -> str:
    """The ETag of what never changes."""
    return f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'


def check_etag(request: Request, response: Response, etag: str) -> None:
    """Set the ETag of the answer; NotModified when the caller named it."""
    asked = request.headers.get("If-None-Match", "")
    if asked == "*" or _opaque(etag) in {_opaque(each) for each in asked.split(",")}:
        raise NotModified(etag)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = KEPT_BUT_CHECKED


async def answer_not_modified(request: Request, error: Exception) -> Response:
    """The empty answer."""
    etag = error.etag if isinstance(error, NotModified) else ""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": KEPT_BUT_CHECKED})


def _opaque(etag: str) -> str:
    return etag.strip().removeprefix("W/")
