"""`slipway controller`: environment variables -> the running scheduler."""

import asyncio
import os
import sys
from typing import Final

from pydantic import ValidationError

from controller.errors import Usage
from controller.log import configure_logging
from controller.running import run_scheduler
from controller.settings import Settings

_JSON_LEVELS: Final = 15_000
_NOT_OURS: Final = frozenset({"SLIPWAY_CONTEXT", "SLIPWAY_BACKEND"})
"""Variables of the local cluster, which may stand in a developer's shell."""


def run_controller() -> None:
    """Run until a signal; Usage when a setting can't be read."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "SLIPWAY_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Usage(f"{name}: {first['msg']}") from error
    unknown = sorted(name for name in os.environ if name.startswith("SLIPWAY_") and not _is_setting(name))
    if unknown:
        raise Usage(f"{unknown[0]} is not a setting: see docs/operating.md")
    configure_logging(settings.log_format, settings.log_level)
    # The API server takes JSON of 10,000 levels; one such object must not make a whole list unreadable.
    sys.setrecursionlimit(_JSON_LEVELS)
    asyncio.run(run_scheduler(settings))


def _is_setting(variable: str) -> bool:
    return variable.removeprefix("SLIPWAY_").lower() in Settings.model_fields or variable in _NOT_OURS
