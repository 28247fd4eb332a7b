"""Environment variables SLIPWAY_WEB_* -> the settings of one web server."""

import re
from ipaddress import ip_address
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CALLBACK: Final = "/api/v1/session/oidc/callback"
LEAST_SECRET: Final = 24
"""A secret of fewer characters could be guessed by whoever reaches the port."""
_HEADER: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_TAKEN_HEADERS: Final = frozenset(
    {"authorization", "cookie", "host", "origin", "x-slipway-request", "x-slipway-proxy-secret"}
)


class WebSettings(BaseSettings):
    """What the operator of a web server can set."""

    # A setting may be a secret, so an error does not repeat it.
    model_config = SettingsConfigDict(
        env_prefix="SLIPWAY_WEB_", extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 for all of them, as in a Pod."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The port of the API and the UI."""
    probe_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """The port of /healthz, /readyz and /metrics; 0 = none."""
    database_url: Annotated[str, Field(validation_alias="SLIPWAY_DATABASE_URL")] = "sqlite:///slipway.db"
    """The metastore that the controller writes; it is only read here. The variable is the controller's."""
    api_server: str = ""
    """The URL of the API server; empty = the one of the Pod's cluster, else of the kubeconfig."""
    api_server_ca: str = ""
    """A file with the certificates that the API server is known by; empty = as with api_server."""
    origins: tuple[str, ...] = ()
    """Further origins that browsers may send changes from, as a JSON list, such as ["https://slipway.example.org"]:
    needed where a proxy does not pass the Host header on."""
    insecure_cookies: bool = False
    """Whether the session cookie is also sent over plain HTTP: for a port-forward or a laptop alone."""
    insecure_anonymous: bool = False
    """Whether a caller without a token acts with this process's own credentials. Whoever reaches the port then has
    that power: for a laptop alone."""
    oidc_issuer: str = ""
    """The OpenID Connect provider that people sign in with, as its tokens and the API server name it; empty = none."""
    oidc_client_id: str = ""
    """What the provider knows this server as; the API server has to take it for the audience of its tokens."""
    oidc_client_secret: SecretStr = SecretStr("")
    """The secret of a confidential client; empty = a public one, with PKCE alone."""
    oidc_scopes: str = "openid email profile"
    """What is asked for; openid has to be in it."""
    oidc_redirect_url: str = ""
    """Where the provider sends browsers back to; empty = /api/v1/session/oidc/callback of the first of the origins."""
    oidc_name: str = ""
    """What the button to sign in calls the provider; empty = its host."""
    oidc_ca: str = ""
    """A file with the certificates that the provider is known by; empty = the system's."""
    proxy_user_header: str = ""
    """The header in which a trusted proxy says who asks; empty = no proxy is trusted."""
    proxy_groups_header: str = ""
    """The header in which it says their groups, with commas between them; empty = none."""
    proxy_secret: SecretStr = SecretStr("")
    """What the proxy sends in X-Slipway-Proxy-Secret to be known by."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_048_576
    """The largest body of a request."""
    request_seconds: Annotated[float, Field(gt=0)] = 30
    """How long a request may take, streams left out."""
    log_bytes: Annotated[int, Field(ge=1024)] = 10_485_760
    """The most that is given of one log at once."""
    log_store: Annotated[str, Field(validation_alias="SLIPWAY_LOG_STORE")] = "metastore"
    """Where the controller keeps the logs of Pods that are gone; the variable is the controller's."""
    default_task_image: Annotated[str, Field(validation_alias="SLIPWAY_DEFAULT_TASK_IMAGE")] = "python:3.13-slim"
    """The image of a task that names none, to be told; the variable is the controller's."""
    streams_per_user: Annotated[int, Field(ge=1)] = 12
    """Event streams and followed logs that one user may have open."""
    log_format: Annotated[Literal["json", "console"], Field(validation_alias="SLIPWAY_LOG_FORMAT")] = "json"
    """How logs are written; the variable is the controller's."""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(validation_alias="SLIPWAY_LOG_LEVEL")] = (
        "info"
    )
    """The least important log that is written; the variable is the controller's."""

    @field_validator("oidc_issuer", "oidc_redirect_url")
    @classmethod
    def _no_clear_text(cls, url: str) -> str:
        if url and not is_safe_url(url):
            raise ValueError("must be an https:// URL (http:// for this machine's own addresses alone)")
        return url

    @field_validator("oidc_scopes")
    @classmethod
    def _with_openid(cls, scopes: str) -> str:
        if "openid" not in scopes.split():
            raise ValueError("must have openid among the scopes")
        return " ".join(scopes.split())

    @field_validator("oidc_client_secret", "proxy_secret")
    @classmethod
    def _trimmed(cls, secret: SecretStr) -> SecretStr:
        return SecretStr(secret.get_secret_value().strip())

    @field_validator("proxy_user_header", "proxy_groups_header")
    @classmethod
    def _header_name(cls, name: str) -> str:
        if name and (not _HEADER.fullmatch(name) or name.lower() in _TAKEN_HEADERS):
            raise ValueError("must be the name of a header of its own, of letters, digits and hyphens")
        return name

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for is_wrong, told in (
            (self.oidc_issuer and not self.oidc_client_id, "SLIPWAY_WEB_OIDC_ISSUER needs SLIPWAY_WEB_OIDC_CLIENT_ID"),
            (
                self.oidc_issuer and not self.callback_url,
                "SLIPWAY_WEB_OIDC_ISSUER needs SLIPWAY_WEB_OIDC_REDIRECT_URL or SLIPWAY_WEB_ORIGINS",
            ),
            (not self.oidc_issuer and self.oidc_client_id, "SLIPWAY_WEB_OIDC_CLIENT_ID needs SLIPWAY_WEB_OIDC_ISSUER"),
            (
                self.proxy_user_header and len(self.proxy_secret.get_secret_value()) < LEAST_SECRET,
                f"SLIPWAY_WEB_PROXY_USER_HEADER needs a SLIPWAY_WEB_PROXY_SECRET of {LEAST_SECRET} characters at least",
            ),
            (
                not self.proxy_user_header and (self.proxy_groups_header or self.proxy_secret.get_secret_value()),
                "SLIPWAY_WEB_PROXY_GROUPS_HEADER and SLIPWAY_WEB_PROXY_SECRET need SLIPWAY_WEB_PROXY_USER_HEADER",
            ),
            (
                self.proxy_user_header and self.proxy_user_header.lower() == self.proxy_groups_header.lower(),
                "SLIPWAY_WEB_PROXY_USER_HEADER and SLIPWAY_WEB_PROXY_GROUPS_HEADER must be two headers",
            ),
            (
                self.proxy_user_header and self.insecure_anonymous,
                "SLIPWAY_WEB_PROXY_USER_HEADER and SLIPWAY_WEB_INSECURE_ANONYMOUS exclude one another",
            ),
        ):
            if is_wrong:
                raise ValueError(told)
        return self

    @property
    def callback_url(self) -> str:
        """Where the provider sends browsers back to; empty where neither setting says it."""
        return self.oidc_redirect_url or (f"{self.origins[0].rstrip('/')}{CALLBACK}" if self.origins else "")


def is_safe_url(url: str) -> bool:
    """Whether what is sent there is read by nobody on the way."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return bool(host)
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
