"""Signing in by OpenID Connect: to the provider and back; which ways to sign in there are."""

from typing import Annotated, Final
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from controller.errors import Unauthenticated, Unavailable
from controller.web.answer import Answer
from controller.web.api_server import Caller
from controller.web.authorise import Public
from controller.web.identity import (
    LARGEST_COOKIE_TOKEN,
    attempt_cookie,
    checked_token,
    drop_attempt,
    set_attempt,
    set_cookie,
)
from controller.web.oidc.attempt import LONGEST_NEXT, attempt_of, begun, is_own_page
from controller.web.oidc.faults import SignInFault, sentences
from controller.web.oidc.provider import Provider
from controller.web.parts import Parts, parts_of
from controller.web.problems import Invalid, Missing, handle
from controller.web.routes import address

router = address.router("session")

START: Final = "/session/oidc"


class FromProvider(Public):
    """Providers add parameters of their own to the address that they send the browser back to."""

    async def __call__(self, request: Request) -> None:
        """Let everybody in."""


class OidcOption(Answer):
    """How to sign in with the OpenID Connect provider."""

    name: str
    """What to call the provider."""
    start: str
    """The address to send the browser to; `?next=` is the page to come back to."""
    faults: dict[str, str]
    """What the word stands for that the sign-in page gets as `?fault=`."""


class SignInOptions(Answer):
    """The ways to sign in; a Kubernetes token is always one."""

    oidc: OidcOption | None
    """The OpenID Connect provider, if there is one."""
    proxy: bool
    """Whether a trusted proxy may say who asks, without any sign-in here."""
    anonymous: bool
    """Whether callers are let in who do not sign in."""


@router.get("/session/options", dependencies=[Depends(Public())])
async def sign_in_options(request: Request) -> SignInOptions:
    """Which ways to sign in there are."""
    settings = parts_of(request).settings
    oidc = None
    if settings.oidc_issuer:
        name = settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""
        oidc = OidcOption(name=name, start=address.PREFIX + START, faults=sentences(settings.oidc_issuer))
    return SignInOptions(oidc=oidc, proxy=bool(settings.proxy_user_header), anonymous=settings.insecure_anonymous)


@router.get(START, status_code=303, response_class=RedirectResponse, dependencies=[Depends(Public())])
async def begin_oidc(
    request: Request,
    next_page: Annotated[str, Query(alias="next", description="The page of this site to come back to.")] = "/",
) -> Response:
    """Send the browser to the provider, with a cookie that lets it come back."""
    parts, provider = _provider(request)
    if len(next_page) > LONGEST_NEXT or not is_own_page(next_page):
        raise Invalid(f"must be a page of this site, of {LONGEST_NEXT} characters at most", parameter="next")
    attempt = begun(next_page)
    try:
        response = _to(await provider.page(attempt))
    except SignInFault as fault:
        return await _told(request, fault, next_page)
    set_attempt(response, attempt.cookie, parts.settings)
    return response


@router.get(
    START + "/callback", status_code=303, response_class=RedirectResponse, dependencies=[Depends(FromProvider())]
)
async def end_oidc(
    request: Request,
    state: Annotated[str, Query(max_length=200, description="What the provider was given.")] = "",
    code: Annotated[str, Query(max_length=4000, description="What the provider gives a token for.")] = "",
    error: Annotated[str, Query(max_length=200, description="Why the provider gives no code.")] = "",
    iss: Annotated[str, Query(max_length=2000, description="Who sends the browser here (RFC 9207).")] = "",
) -> Response:
    """Take the provider's token as if it had been pasted, and let the browser go on."""
    parts, provider = _provider(request)
    settings = parts.settings
    attempt = attempt_of(request.cookies.get(attempt_cookie(settings), ""), state)
    if attempt is None:
        return await _told(request, SignInFault("unknown", settings, "the state is not the cookie's"), "/")
    try:
        if iss and iss != settings.oidc_issuer:
            raise SignInFault("untrusted", settings, f"the browser comes from {iss}")
        if not code:
            raise SignInFault("refused", settings, error)
        token = await _accepted(parts, await provider.token(code, attempt))
    except SignInFault as fault:
        response = await _told(request, fault, attempt.next_page)
    else:
        response = _to(attempt.next_page)
        set_cookie(response, token, settings)
    drop_attempt(response, settings)
    return response


async def _accepted(parts: Parts, token: str) -> str:
    """The token, once the API server has said that it knows whose it is."""
    if len(token) > LARGEST_COOKIE_TOKEN:
        raise SignInFault("too-long", parts.settings, f"{len(token)} bytes")
    try:
        await parts.reviews.who(Caller(checked_token(token)))
    except Unauthenticated as error:
        raise SignInFault("not-accepted", parts.settings, error) from error
    except Unavailable as error:
        raise SignInFault("cluster-away", parts.settings, error) from error
    return token


def _provider(request: Request) -> tuple[Parts, Provider]:
    parts = parts_of(request)
    if parts.provider is None:
        raise Missing("No OpenID Connect provider is set up here", way_on="Sign in with a Kubernetes token")
    return parts, parts.provider


async def _told(request: Request, fault: SignInFault, next_page: str) -> Response:
    """The sign-in page for a browser, which says what the fault's word stands for; a problem for a program."""
    if "text/html" in request.headers.get("Accept", ""):
        return _to(f"/signin?{urlencode({'fault': fault.fault, 'next': next_page})}")
    return await handle(request, fault)


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, 303)
