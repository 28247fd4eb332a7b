"""Environment variables SLIPWAY_WEB_* -> the settings of one web server."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """What the operator of a web server can set."""

    model_config = SettingsConfigDict(env_prefix="SLIPWAY_WEB_", extra="forbid", frozen=True, populate_by_name=True)

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
