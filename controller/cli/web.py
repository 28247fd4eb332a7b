"""`slipway web`: environment variables and options -> the running web server."""

import os
from typing import Any

from pydantic import ValidationError

from controller.errors import Usage
from controller.log import configure_logging
from controller.web.serve import run
from controller.web.settings import WebSettings


def run_web_server(given: dict[str, Any]) -> None:
    """Run until a signal; Usage when a setting can't be read. What is given on the command line wins."""
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        settings = WebSettings(**chosen)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"])
        told = first["msg"].removeprefix("Value error, ")
        if not name:
            raise Usage(told) from error
        raise Usage(f"{name if name.startswith('SLIPWAY') else f'SLIPWAY_WEB_{name.upper()}'}: {told}") from error
    unknown = sorted(name for name in os.environ if name.startswith("SLIPWAY_WEB_") and not _is_setting(name))
    if unknown:
        raise Usage(f"{unknown[0]} is not a setting: see docs/api.md")
    configure_logging(settings.log_format, settings.log_level)
    run(settings)


def _is_setting(variable: str) -> bool:
    return variable.removeprefix("SLIPWAY_WEB_").lower() in WebSettings.model_fields
