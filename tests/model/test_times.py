"""Durations and timestamps: text there and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from controller.model.durations import format_seconds, parse_duration
from controller.model.schema import Duration, Timestamp
from controller.model.timestamps import format_time, parse_time

# ---- durations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("90s", 90), ("5m", 300), ("6h", 21_600), ("10000d", 864_000_000)]
)
def test_a_duration(text: str, seconds: int) -> None:
    """It is a whole number and a unit."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "0s",
        "01s",
        "-1s",
        "+1s",
        "1.5h",
        "1 h",
        " 1h",
        "1h\n",
        "1h30m",
        "1w",
        "1H",
        "90",
        "1ms",
        "٣s",
        "9" * 99 + "s",
    ],
)
def test_a_text_that_is_no_duration(text: str) -> None:
    """It is refused, with an example of what would do."""
    with pytest.raises(ValueError, match=r"is not a duration: write .* such as 90s or 6h"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["10001d", "999999999h", "999999999d"])
def test_a_duration_of_ages(text: str) -> None:
    """It is refused before any sum with a date can overflow."""
    with pytest.raises(ValueError, match=r"longer than 10,000 days"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.9, "0s"),
        (-5, "0s"),
        (8, "8s"),
        (60, "1m"),
        (192, "3m12s"),
        (3600, "1h"),
        (3605, "1h5s"),
        (7505, "2h5m"),
        (100_800, "1d4h"),
        (86_400 * 400 + 61, "400d1m"),
    ],
)
def test_a_span_for_people(seconds: float, text: str) -> None:
    """It has two units at most, the largest first."""
    assert format_seconds(seconds) == text


@settings(deadline=None)
@given(st.integers(1, 10_000), st.sampled_from("smhd"))
def test_any_duration(number: int, unit: str) -> None:
    """Printed and read again, it is the same span."""
    adapter = TypeAdapter(Duration)
    span = parse_duration(f"{number}{unit}")
    printed = adapter.dump_python(span, mode="json")
    assert adapter.validate_python(printed) == span
    assert parse_duration(printed) == span


# ---- timestamps ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31T06:00:00Z", "2026-01-31T06:00:00Z"),
        ("2026-01-31t06:00:00z", "2026-01-31T06:00:00Z"),
        ("2026-01-31 06:00:00Z", "2026-01-31T06:00:00Z"),
        ("2026-01-31T06:00:00+02:00", "2026-01-31T04:00:00Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        ("2026-01-31T06:00:00.5Z", "2026-01-31T06:00:00.500Z"),
        ("2026-01-31T06:00:00.123456Z", "2026-01-31T06:00:00.123Z"),
        ("2026-01-31T06:00:00.123456789Z", "2026-01-31T06:00:00.123Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time(text: str, utc: str) -> None:
    """It is RFC 3339 with an offset, and is kept in UTC."""
    assert format_time(parse_time(text)) == utc
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "2026-01-31T06:00:00",
        "2026-01-31T06:00Z",
        "2026-1-31T06:00:00Z",
        "20260131T060000Z",
        "2026-02-30T06:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T06:00:00+0200",
        "2026-01-31T06:00:00Z\n",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "٢٠٢٦-01-31T06:00:00Z",
        "now",
    ],
)
def test_a_text_that_is_no_time(text: str) -> None:
    """It is refused, and nothing but ValueError is raised."""
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


def test_a_time_in_another_zone() -> None:
    """It is printed in UTC."""
    assert format_time(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31T23:00:00Z"


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(UTC)))
def test_any_time(at: datetime) -> None:
    """Printed and read again, it is the same to the millisecond."""
    adapter = TypeAdapter(Timestamp)
    whole = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert adapter.validate_python(adapter.dump_python(at, mode="json")) == whole


def test_a_time_that_is_a_number() -> None:
    """It is refused with an example of what is right: a number could be seconds or milliseconds."""
    with pytest.raises(ValidationError, match="is not a time: write text such as 2026-01-31T06:00:00Z"):
        TypeAdapter(Timestamp).validate_python(1767225600)
