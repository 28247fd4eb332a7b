"""RFC 3339 text <-> aware UTC datetime: the only place where times are parsed or printed."""

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def parse_time(text: str) -> datetime:
    """The instant that `text` names, in UTC; ValueError unless it is RFC 3339 with an offset."""
    if not _RFC3339.fullmatch(text):
        raise ValueError(f"{text!r} is not a time: write it as 2026-01-31T06:00:00Z")
    try:
        return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is before the year 1 or after 9999 in UTC") from error


def format_time(at: datetime) -> str:
    """`2026-01-31T06:00:00Z`; the fraction is printed only where there is one."""
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds") + "Z"
