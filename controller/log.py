"""Settings -> how logs are written: key-value events, as JSON lines or for people, ours and the libraries' alike.

structlog is loaded by the first line that is logged: it takes a third of the time in which a command should start.
"""

import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import structlog


@dataclass(frozen=True)
class Logger:
    """structlog's logger of that name, loaded when it is first used."""

    name: str

    def __getattr__(self, level: str) -> Any:
        import structlog

        return getattr(structlog.get_logger(self.name), level)


def configure_logging(form: Literal["json", "console"], level: str) -> None:
    """Write all logs to standard error in this form, from this level on."""
    import structlog

    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_drop_meta, last])
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _drop_meta(logger: object, name: str, event: "structlog.typing.EventDict") -> "structlog.typing.EventDict":
    import structlog

    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)
