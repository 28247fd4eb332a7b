"""`slipway controller`: environment variables -> the running scheduler."""

import asyncio
import sys
from typing import Final

from pydantic import ValidationError

from controller.errors import Usage
from controller.log import configure_logging
from controller.scheduler import run_scheduler
from controller.settings import Settings

_JSON_LEVELS: Final = 15_000


def run_controller() -> None:
    """Run until a signal; Usage when a setting can't be read."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "SLIPWAY_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Usage(f"{name}: {first['msg']}") from error
    configure_logging(settings.log_format, settings.log_level)
    # The API server takes JSON of 10,000 levels; one such object must not make a whole list unreadable.
    sys.setrecursionlimit(_JSON_LEVELS)
    asyncio.run(run_scheduler(settings))
