"""Text such as `90s`, `5m`, `6h`, `1d` <-> a span of time."""

import re
from datetime import timedelta
from typing import Final

DURATION_PATTERN: Final = r"^[1-9][0-9]*(s|m|h|d)$"
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> timedelta:
    """The span that `text` names; ValueError when it is not of DURATION_PATTERN or over 10,000 days."""
    if not re.fullmatch(DURATION_PATTERN, text) or len(text) > 10:
        raise ValueError(f"{text!r} is not a duration: write a whole number and s, m, h or d, such as 90s or 6h")
    span = timedelta(seconds=int(text[:-1]) * _UNIT_SECONDS[text[-1]])
    if span > timedelta(days=10_000):
        raise ValueError(f"{text!r} is longer than 10,000 days")
    return span


def format_seconds(seconds: float) -> str:
    """A span for people, two units at most: `8s`, `3m12s`, `2h5m`, `1d4h`."""
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count}{unit}")
    return "".join(parts[:2])
