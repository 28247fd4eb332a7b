"""Environment variables SLIPWAY_* -> the settings of one installation; `slipway controller` refuses unknown names.

The chart's `config:` block is exactly these fields.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the operator of a Slipway can set."""

    model_config = SettingsConfigDict(env_prefix="SLIPWAY_", extra="forbid", frozen=True)

    default_task_image: str = "python:3.13-slim"
    """The image of a task that names none; needs `sh`, and `python3` for `python` tasks."""
    parallelism: Annotated[int, Field(ge=1)] = 32
    """Tasks of all Dags that hold a Pod at once; 1 = the sequential executor."""
    namespaces: tuple[str, ...] = ()
    """The namespaces to watch, as a JSON list; empty = the whole cluster."""
    database_url: str = "sqlite:///slipway.db"
    """The metastore: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."""
    writes_in_flight: Annotated[int, Field(ge=1, le=200)] = 20
    """Requests to the API server at once."""
    relist_seconds: Annotated[int, Field(ge=30)] = 600
    """How often the kinds that kopf feeds are listed and compared, as kopf may miss a deletion."""
    resync_seconds: Annotated[int, Field(ge=10)] = 300
    """How often everything in memory is looked at again, to forgive a lost mark."""
    probe_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """The port of /healthz and /readyz; 0 = none."""
    log_format: Literal["json", "console"] = "json"
    """How logs are written: `json` lines, or `console` for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important log that is written."""
    crash_at: str = ""
    """For fault tests alone: `before:N` or `after:N` ends the process around its N-th write, N from 1."""


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database or one in memory."""
    prefix = "sqlite:///"
    return Path(url.removeprefix(prefix)) if url.startswith(prefix) and url != prefix else None
