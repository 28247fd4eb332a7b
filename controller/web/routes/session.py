"""Signing in and out, and who one is."""

from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import Field

from controller import __version__
from controller.web.answer import Answer, Asked
from controller.web.api_server import Caller
from controller.web.authorise import Known, Public
from controller.web.identity import check_origin, checked_token, drop_cookie, set_cookie
from controller.web.parts import parts_of
from controller.web.problems import Forbidden
from controller.web.routes import address

router = address.router("session")


class SignIn(Asked):
    """A token to sign in with."""

    token: Annotated[str, Field(max_length=16_000)]
    """A Kubernetes token, such as that of `kubectl create token NAME`."""


class Who(Answer):
    """Who the caller is."""

    user: str
    """The user name, as the API server knows it."""
    anonymous: bool
    """Whether the caller gave no token and acts with this server's own credentials."""
    proxied: bool = False
    """Whether a trusted proxy says who the caller is, so that there is nothing to sign out of here."""
    version: str
    """Slipway's version."""


@router.get("/session")
async def who_am_i(access: Known) -> Who:
    """Who the API server says that the caller is."""
    caller = access.caller
    proxied = caller.impersonated is not None
    return Who(user=await access.user(), anonymous=caller.is_anonymous, proxied=proxied, version=__version__)


@router.post("/session", dependencies=[Depends(Public())])
async def sign_in(request: Request, response: Response, asked: SignIn) -> Who:
    """Check the token, and let the browser keep it in a cookie that no script can read."""
    parts = parts_of(request)
    if "Origin" in request.headers:
        check_origin(request, parts.settings)
    elif request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Forbidden("The request comes from a page of another site")
    caller = Caller(checked_token(asked.token.strip()))
    user = await parts.reviews.who(caller)
    set_cookie(response, caller.token or "", parts.settings)
    return Who(user=user, anonymous=False, version=__version__)


@router.delete("/session", status_code=204, dependencies=[Depends(Public())])
async def sign_out(request: Request, response: Response) -> None:
    """Let the browser forget the token. It stays valid until it expires."""
    check_origin(request, parts_of(request).settings)
    drop_cookie(response, parts_of(request).settings)
