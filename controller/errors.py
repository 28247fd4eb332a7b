"""What goes wrong at the edges, by who must act.

Invalid        the user: told on the resource or as a 4xx, never retried
Unavailable    the world: retried with back-off, quiet until it lasts
Conflict       the world moved on: look again and decide anew
NotLeading     another replica: this one writes nothing, and ends if it had led
everything else is our own bug: logged with a traceback, the key set aside, the loop lives
"""

import json
from typing import Final


class SlipwayError(Exception):
    """Any error that Slipway itself raises; the text is one sentence."""


class Unavailable(SlipwayError):
    """The API server or the database can't answer now."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unauthenticated(Unavailable):
    """The API server does not know the credentials: ours may be renewed soon, a caller's have expired."""


class Conflict(SlipwayError):
    """The object is not at the version that was judged."""


class AlreadyExists(SlipwayError):
    """An object of that name is there already."""


class NotFound(SlipwayError):
    """The object is gone."""


class Expired(SlipwayError):
    """A watch can't go on from where it was: list again."""


class Refused(SlipwayError):
    """The API server does not accept the request; `reason` is its own word, such as Forbidden or Invalid."""

    def __init__(self, message: str, reason: str, code: int) -> None:
        super().__init__(message)
        self.reason = reason
        self.code = code


class NameTaken(SlipwayError):
    """An object of that name is there, and it is not ours."""


class NotLeading(SlipwayError):
    """This replica does not lead, or not any more: it must not write."""


class Usage(SlipwayError):
    """The command line or a setting asks for something that can't be."""


_TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})


def error_in(code: int, text: str, retry_after: str | None) -> Exception:
    """The error that an answer of the API server stands for."""
    try:
        status = json.loads(text)
        message, reason = str(status.get("message") or text), str(status.get("reason") or "")
    except (ValueError, AttributeError):
        message, reason = text[:500], ""
    return error_of(code, message, reason, float(retry_after) if retry_after and retry_after.isdecimal() else None)


def error_of(code: int, message: str, reason: str, retry_after: float | None = None) -> Exception:
    """The error of an HTTP code with a Status' message and reason."""
    if code == 409:
        return AlreadyExists(message) if reason == "AlreadyExists" else Conflict(message)
    if code == 404:
        return NotFound(message)
    if code == 410:
        return Expired(message)
    if code == 401:
        return Unauthenticated(message)
    if code in _TRANSIENT:
        wait = retry_after if retry_after is not None else (1.0 if code == 429 else None)
        return Unavailable(f"the API server answers {code}: {message}", wait)
    return Refused(message, reason, code)
