"""A time of day: the first instant after another at which clocks show it."""

from datetime import UTC, datetime

import pytest

from controller.decide.calendar import next_at
from controller.model.timestamps import format_time, parse_time


@pytest.mark.parametrize(
    ("text", "zone", "after", "expected"),
    [
        ("07:30", "UTC", "2026-01-01T06:00:00Z", "2026-01-01T07:30:00Z"),
        ("07:30", "UTC", "2026-01-01T07:30:00Z", "2026-01-02T07:30:00Z"),
        ("00:00", "UTC", "2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z"),
        ("07:30", "Europe/Zurich", "2026-03-28T12:00:00Z", "2026-03-29T05:30:00Z"),
        ("02:30", "Europe/Zurich", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),  # it becomes 03:30
        ("02:30", "Europe/Zurich", "2026-10-24T12:00:00Z", "2026-10-25T01:30:00Z"),  # the second of two
        ("12:00", "Pacific/Apia", "2011-12-29T23:00:00Z", "2011-12-30T22:00:00Z"),  # a day was left out
        ("23:00", "Pacific/Kiritimati", "2026-01-01T10:00:00Z", "2026-01-02T09:00:00Z"),
        ("2026-01-31T06:00:00+01:00", "UTC", "2027-01-01T00:00:00Z", "2026-01-31T05:00:00Z"),
    ],
)
def test_the_next(text: str, zone: str, after: str, expected: str) -> None:
    """It is later than the instant, by a day and a bit at most; an instant stays what it is."""
    assert format_time(next_at(text, zone, parse_time(after))) == expected


def test_every_hour_of_a_year() -> None:
    """There always is one, whatever the clocks do."""
    for zone in ("Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"):
        for day in range(1, 29):
            at = datetime(2026, 3, day, 12, tzinfo=UTC)
            assert 0 < (next_at("02:15", zone, at) - at).total_seconds() <= 26 * 3600
