"""A request -> its caller: a trusted proxy's word, a bearer token, or the session cookie that a sign-in has set.

A browser sends its cookie along whoever makes it ask. So a change that is asked for by cookie must come from a page of
ours: the browser's Origin is this server's, and a header is there that no form can set.
"""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response

from controller.web.api_server import Caller
from controller.web.oidc.attempt import ATTEMPT_SECONDS
from controller.web.problems import Forbidden, Invalid, SignInFirst
from controller.web.proxied import told_by_proxy
from controller.web.settings import WebSettings

OWN_HEADER: Final = "X-Slipway-Request"
"""Any value; a page of another origin can't set it without being asked first."""
LARGEST_COOKIE_TOKEN: Final = 3800
"""Browsers keep no cookie over 4096 bytes."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]{1,16000}=*")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HOW: Final = "send `Authorization: Bearer TOKEN`, or sign in; `kubectl create token NAME` makes a token"


def caller_of(request: Request, settings: WebSettings) -> Caller:
    """Who asks; SignInFirst when nobody says so, Forbidden for a change that another site's page asks for."""
    told = told_by_proxy(request, settings)
    if told is not None:
        # The browser may know the proxy by a cookie, so this is no more the caller's will than our own cookie is.
        check_origin(request, settings)
        return Caller(None, told)
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise SignInFirst("The Authorization header is not a bearer token", way_on=_HOW)
        return Caller(checked_token(token.strip()))
    token = request.cookies.get(cookie_name(settings), "")
    if not token and not settings.insecure_anonymous:
        raise SignInFirst("The request says not who asks", way_on=_HOW)
    check_origin(request, settings)
    return Caller(checked_token(token) if token else None)


def checked_token(token: str) -> str:
    """The token; SignInFirst for a text that can't be one."""
    if not _TOKEN.fullmatch(token):
        raise SignInFirst("That is not a token", way_on=_HOW)
    return token


def check_origin(request: Request, settings: WebSettings) -> None:
    """Forbidden unless the request is harmless, or one of our own pages sends it."""
    if settings.insecure_anonymous and not _is_known_host(request.headers.get("Host", ""), settings):
        raise Forbidden("Anonymous callers must use an address, localhost, or a host of SLIPWAY_WEB_ORIGINS")
    if request.method in _SAFE:
        return
    if OWN_HEADER not in request.headers:
        raise Forbidden(f"A change by cookie needs the header {OWN_HEADER}")
    if not _is_own_origin(request, settings):
        raise Forbidden("The request comes from a page of another site")


def cookie_name(settings: WebSettings) -> str:
    """The session cookie's name; the prefix binds it to this host and to HTTPS."""
    return "slipway" if settings.insecure_cookies else "__Host-slipway"


def set_cookie(response: Response, token: str, settings: WebSettings) -> None:
    """Let the browser keep the token until it is closed, out of reach of any script."""
    if len(token) > LARGEST_COOKIE_TOKEN:
        raise Invalid("the token is too long for a cookie: send it in the Authorization header", pointer="/token")
    response.set_cookie(
        cookie_name(settings), token, httponly=True, samesite="strict", secure=not settings.insecure_cookies, path="/"
    )


def attempt_cookie(settings: WebSettings) -> str:
    """The name of the cookie of a sign-in that has begun."""
    return f"{cookie_name(settings)}-oidc"


def set_attempt(response: Response, value: str, settings: WebSettings) -> None:
    """Let the browser keep its sign-in until it comes back from the provider, which is another site: hence Lax."""
    response.set_cookie(
        attempt_cookie(settings),
        value,
        max_age=ATTEMPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=not settings.insecure_cookies,
        path="/",
    )


def drop_attempt(response: Response, settings: WebSettings) -> None:
    """Let the browser forget the sign-in that it had begun."""
    response.delete_cookie(
        attempt_cookie(settings), httponly=True, samesite="lax", secure=not settings.insecure_cookies, path="/"
    )


def drop_cookie(response: Response, settings: WebSettings) -> None:
    """Let the browser forget the token."""
    response.delete_cookie(
        cookie_name(settings), httponly=True, samesite="strict", secure=not settings.insecure_cookies, path="/"
    )


def _is_own_origin(request: Request, settings: WebSettings) -> bool:
    origin, host = request.headers.get("Origin", ""), request.headers.get("Host", "")
    # Either scheme: behind a proxy that ends TLS nothing here tells which one the browser uses.
    return origin in settings.origins or origin in (f"https://{host}", f"http://{host}")


def _is_known_host(host: str, settings: WebSettings) -> bool:
    # A name that another site's owner lets point here (DNS rebinding) would make his pages ours.
    if f"https://{host}" in settings.origins or f"http://{host}" in settings.origins:
        return True
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False
