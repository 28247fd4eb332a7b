"""Whatever goes wrong -> application/problem+json (RFC 9457) with one sentence, a way on, and the request's id."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from controller.errors import (
    AlreadyExists,
    Conflict,
    NotFound,
    Refused,
    SlipwayError,
    Unauthenticated,
    Unavailable,
    Usage,
)
from controller.log import Logger
from controller.web.answer import Answer

_log = Logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"


class FieldFault(Answer):
    """One thing that is wrong with what was sent."""

    pointer: str
    """Where: a JSON pointer into the body such as `/params/day`, or a query parameter's name."""
    message: str
    """What is wrong there, in one sentence."""


class Problem(Answer):
    """Why a request was not answered as asked."""

    type: str
    """A word for programs, as a URN: `urn:slipway:problem:forbidden`."""
    title: str
    """What kind of problem it is, always the same words."""
    status: int
    """The HTTP status."""
    detail: str
    """What went wrong this time, in one sentence."""
    request_id: str
    """Names this request in the server's log."""
    way_on: str | None = None
    """What to do about it, where there is something."""
    errors: Sequence[FieldFault] = ()
    """What is wrong with which field."""
    current: dict[str, Any] | None = None
    """After a conflict: what stands now."""


class Fault(SlipwayError):
    """A problem that a route raises."""

    status = 500
    word = "internal"
    title = "An error of ours"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.more = more


class Invalid(Fault):
    """What was asked can't be; `parameter` names the query parameter, `pointer` the place in the body."""

    status, word, title = 422, "invalid", "The request can't be understood"

    def __init__(self, detail: str, parameter: str = "", pointer: str = "") -> None:
        faults = [FieldFault(pointer=parameter or pointer, message=detail)] if parameter or pointer else []
        super().__init__(detail, errors=faults)


class SignInFirst(Fault):
    """Nobody knows who the caller is."""

    status, word, title = 401, "sign-in", "Sign in first"


class Forbidden(Fault):
    """The caller may not do this."""

    status, word, title = 403, "forbidden", "Not allowed"


class Missing(Fault):
    """There is no such thing."""

    status, word, title = 404, "not-found", "Not found"


class Gone(Fault):
    """There was such a thing, and it is not kept."""

    status, word, title = 410, "gone", "Not there any more"


class Changed(Fault):
    """What stands now is not what the caller has seen."""

    status, word, title = 409, "conflict", "It has changed meanwhile"


class TooMuch(Fault):
    """The caller asks for more than one caller gets."""

    status, word, title = 429, "too-many", "Too many at once"


_BY_STATUS: Final = {
    400: ("bad-request", "The request can't be understood"),
    404: ("not-found", "Not found"),
    405: ("method", "The address does not take this method"),
    413: ("too-large", "The body is too large"),
    503: ("unavailable", "Something that is needed does not answer"),
    504: ("too-slow", "It took too long"),
}
_ELSEWHERE: Final = "GET /api/v1/openapi.json lists all addresses"
_NEW_TOKEN: Final = "Sign in with a new token, such as that of `kubectl create token NAME`"  # noqa: S105 no password


def respond(problem: Problem) -> JSONResponse:
    """The response that carries the problem."""
    body = problem.model_dump(mode="json", by_alias=True, exclude_none=True)
    headers = {"WWW-Authenticate": 'Bearer realm="slipway"'} if problem.status == 401 else {}
    return JSONResponse(body, problem.status, headers, media_type=MEDIA_TYPE)


def problem_of(request: Request, error: Exception) -> Problem:
    """What is told of an error; of one of ours no more than that it happened."""
    match error:
        case Fault():
            return _problem(request, (error.status, error.word, error.title), str(error), **error.more)
        case Unauthenticated():
            return _problem(request, (401, "sign-in", "Sign in first"), "The token is not valid", way_on=_NEW_TOKEN)
        case Unavailable():
            way_on = "Try again soon; tasks are scheduled all the same"
            return _problem(request, (503, *_BY_STATUS[503]), str(error), way_on=way_on)
        case NotFound():
            return _problem(request, (404, *_BY_STATUS[404]), str(error))
        case Conflict() | AlreadyExists():
            return _problem(request, (409, Changed.word, Changed.title), str(error))
        case Refused() if error.code == 403:
            return _problem(request, (403, Forbidden.word, Forbidden.title), str(error))
        case Refused() | Usage():
            return _problem(request, (422, Invalid.word, Invalid.title), str(error))
        case HTTPException():
            kind = _BY_STATUS.get(error.status_code, ("error", "It did not work"))
            more = {"way_on": _ELSEWHERE} if error.status_code in (404, 405) else {}
            return _problem(request, (error.status_code, *kind), str(error.detail), **more)
        case RequestValidationError():
            faults = [_field_fault(each) for each in error.errors()]
            detail = f"{faults[0].pointer}: {faults[0].message}" if faults else Invalid.title
            return _problem(request, (422, Invalid.word, Invalid.title), detail, errors=faults)
        case _:
            detail = "An error of ours: the server's log tells more under the request's id"
            return _problem(request, (500, Fault.word, Fault.title), detail)


def handle_problems(app: FastAPI) -> None:
    """Let every error be answered as a problem; those of ours are caught by `Limits`."""
    for kind in (SlipwayError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, handle)


async def handle(request: Request, error: Exception) -> JSONResponse:
    """The response to an error, which is logged where the caller can't mend it."""
    problem = problem_of(request, error)
    if problem.status >= 500:
        expected = isinstance(error, SlipwayError | HTTPException)
        log = _log.warning if expected else _log.exception
        log("request failed", request=problem.request_id, path=request.url.path, error=str(error))
    return respond(problem)


def _problem(request: Request, kind: tuple[int, str, str], detail: str, **more: Any) -> Problem:
    status, word, title = kind
    return Problem(
        type=f"urn:slipway:problem:{word}",
        title=title,
        status=status,
        detail=detail,
        request_id=request.state.request_id,
        **more,
    )


def _field_fault(error: Any) -> FieldFault:
    where, *rest = error["loc"]
    path = [str(part) for part in rest]
    pointer = "/" + "/".join(path) if where == "body" else ".".join(path)
    return FieldFault(pointer=pointer or str(where), message=_message(error))


def _message(error: Any) -> str:
    # Never the input: it may be a secret that was sent to the wrong place.
    if error["type"] == "extra_forbidden":
        return "does not exist here"
    return str(error["msg"])
