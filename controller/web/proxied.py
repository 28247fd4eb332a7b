"""A request's headers -> who asks, by the word of a trusted proxy that knows the secret.

Headers are what anybody can send. So the proxy's are taken with its secret alone, each once and spelled as in the
settings: some proxies take `X_Remote_User` for another header than `X-Remote-User`, and let it through.
"""

import hmac
from typing import Final

from fastapi import Request

from controller.web.api_server import Impersonated
from controller.web.problems import Forbidden
from controller.web.settings import WebSettings

SECRET_HEADER: Final = "X-Slipway-Proxy-Secret"  # noqa: S105 the name of a header
MOST_GROUPS: Final = 500
LONGEST_NAME: Final = 512
RESERVED: Final = ("system:", "kubeadm:")
"""How the names begin that Kubernetes itself gives power to: system:masters, system:nodes, kubeadm:cluster-admins."""


def told_by_proxy(request: Request, settings: WebSettings) -> Impersonated | None:
    """Whom the proxy names; None when it names nobody, Forbidden for somebody else's word or a name it may not say."""
    if not settings.proxy_user_header:
        return None
    secret = _only(request, SECRET_HEADER)
    user = _only(request, settings.proxy_user_header)
    groups = _only(request, settings.proxy_groups_header) if settings.proxy_groups_header else None
    if secret is None and user is None and groups is None:
        return None
    if not hmac.compare_digest(secret or b"", settings.proxy_secret.get_secret_value().encode()):
        raise Forbidden(
            f"The header {settings.proxy_user_header} counts from the trusted proxy alone",
            way_on="Reach Slipway through the proxy, or send a token and none of the proxy's headers",
        )
    if not user:
        return None
    names = [each.strip() for each in (groups or b"").split(b",")]
    if len(names) > MOST_GROUPS:
        raise Forbidden(f"The proxy names more than {MOST_GROUPS} groups")
    return Impersonated(_name(user), tuple(sorted({_name(each) for each in names if each})))


def _only(request: Request, name: str) -> bytes | None:
    wanted = name.lower().encode()
    alike = [(sent, value) for sent, value in request.headers.raw if sent.lower().replace(b"_", b"-") == wanted]
    if len(alike) > 1 or any(sent.lower() != wanted for sent, _ in alike):
        raise Forbidden(f"The header {name} must be sent once, and spelled so")
    return alike[0][1].strip() if alike else None


def _name(sent: bytes) -> str:
    try:
        name = sent.decode()
    except UnicodeDecodeError as error:
        raise Forbidden("The proxy names a user or group that is not UTF-8") from error
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Forbidden(f"The proxy names a user or group over {LONGEST_NAME} characters, or with unprintable ones")
    if name.casefold().startswith(RESERVED):
        raise Forbidden(f"Through the proxy nobody may be {name[:100]}: that name is kept for Kubernetes itself")
    return name
