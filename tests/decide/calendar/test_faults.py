"""What a user is told of a schedule that can't be."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decide.calendar import describe, next_runs, schedule_faults
from controller.model.schedule import MissedRuns, OnEnable, Schedule, ScheduleMode
from tests.decide.calendar.writing import line

_NOW = datetime(2026, 6, 10, tzinfo=UTC)


def _faults(**fields: Any) -> list[tuple[str, str]]:
    return schedule_faults(Schedule.model_validate(fields))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0 25 * * *", "hour '25'"),
        ("60 * * * *", "minute '60'"),
        ("0 0 0 * *", "day of month '0'"),
        ("0 0 * 13 *", "month '13'"),
        ("0 0 * * 8", "day of week '8'"),
        ("*/0 * * * *", "minute '*/0'"),
        ("0 0 * * fri#2,mon", "day of week 'fri#2,mon'"),
        ("0 0 * * fri#6", "day of week 'fri#6'"),
        ("0 0 LW * *", "day of month 'lw'"),
        ("R * * * *", "minute 'r'"),
        ("0 H * * *", "hour 'h'"),
        ("H/15 * * * *", "H and R, a time that is not written down, are not offered"),
        ("0 R(2-4) * * *", "H and R, a time that is not written down, are not offered"),
        ("0 0 * r *", "month 'r'"),
        ("0 0 * * R", "day of week 'r'"),
        ("mon * * * *", "minute 'mon'"),
        ("0 0 - * *", "day of month '-'"),
        ("* * * *", "has 4 fields, not five"),
        ("0 0 * * * *", "has 6 fields, not five"),
        ("0 0 * * * *", "day of week; seconds and years are not offered"),
        ("0 0 * * * 0 2026", "has 7 fields, not five"),
        ("0 0 * * * 0 2026 x", "has 8 fields, not five: minute, hour, day of month, month, day of week"),
        ("   ", "has 0 fields, not five"),
        ("@reboot", "is not a preset"),
        ("@once", "is not offered: leave the schedule out, and create the one run by hand"),
        (" @Continuous ", "is not offered: write a short interval"),
        ("@daily x", "is not a preset"),
        ("0 0 30 2 *", "never fires"),
        ("0 0 31 2 *", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
        ("0 0 1 2 mon#5", "never fires"),
    ],
)
def test_cron_that_can_not_be(text: str, told: str) -> None:
    """One sentence quotes the text and says which field, or that it never fires."""
    for fields, path in (({"cron": text}, "cron"), ({"crons": ["@daily", text]}, "crons[1]")):
        [(where, sentence)] = _faults(**fields)
        assert where == path
        assert told in sentence
        assert repr(text) in sentence


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, ""),
        ({"cron": "@daily", "crons": ["@daily"]}, ""),
        ({"cron": "@daily", "every": "6h", "start": "2026-01-01T00:00:00Z"}, ""),
        ({"every": "6h"}, "every"),
        ({"cron": "@daily", "catchup": True}, "catchup"),
        ({"cron": "@daily", "start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, "end"),
        ({"cron": "@daily", "timezone": "Europe/Zürich"}, "timezone"),
        ({"cron": "@daily", "timezone": "../../etc/passwd"}, "timezone"),
        ({"cron": "@daily", "timezone": "Europe"}, "timezone"),
        ({"cron": "@daily", "timezone": "localtime"}, "timezone"),
        ({"cron": "@daily", "timezone": "Factory"}, "timezone"),
        ({"cron": "30 2 * 3 L0", "timezone": "Europe/Zurich", "dst": {"gap": "skip"}}, "cron"),
        ({"assets": {"all": ["a", 3]}}, "assets.all[1]"),
        ({"assets": {}}, "assets"),
        ({"assets": {"all": ["a"]}, "start": "2026-01-01T00:00:00Z"}, "start"),
        ({"assets": {"all": ["a"]}, "timezone": "Europe/Zurich"}, "timezone"),
        ({"assets": {"all": ["a"]}, "missedRuns": "all"}, "missedRuns"),
        ({"assets": {"all": ["a"]}, "dst": {"gap": "skip"}}, "dst"),
    ],
)
def test_fields_that_do_not_go_together(fields: dict[str, Any], path: str) -> None:
    """Each fault stands at the field that its user has to change."""
    assert [where for where, _ in _faults(**fields)] == [path]


def test_assets_alone_as_the_api_server_fills_them_in() -> None:
    """A default that nobody wrote is no fault."""
    filled = {"timezone": "UTC", "mode": "trigger", "catchup": False, "onEnable": "wait", "missedRuns": "latest"}
    assert _faults(assets={"any": ["a"]}, **filled) == []
    assert _faults(assets={"any": ["a"]}, cron="@daily", **filled) == []


def test_several_faults() -> None:
    """All are told at once, in the order of the fields."""
    faults = _faults(crons=["x", "0 0 31 2 *"], timezone="Mars", catchup=True)
    assert [path for path, _ in faults] == ["crons[0]", "crons[1]", "timezone", "catchup"]


@pytest.mark.parametrize(
    ("preset", "first"),
    [
        ("@hourly", "02-03 05:00"),
        ("@daily", "02-04 00:00"),
        ("@midnight", "02-04 00:00"),
        ("@weekly", "02-08 00:00"),
        ("@monthly", "03-01 00:00"),
        ("@quarterly", "04-01 00:00"),
        ("@yearly", "01-01 00:00"),
        ("@annually", "01-01 00:00"),
        (" @Daily ", "02-04 00:00"),
    ],
)
def test_presets(preset: str, first: str) -> None:
    """A preset is the cron that Airflow means by it."""
    assert line(1, "2026-02-03 04:30", cron=preset) == [first]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 29 2 *", ["02-29 00:00", "02-29 00:00"]),
        ("0 0 29 2 1", ["02-01 00:00", "02-08 00:00"]),
        ("0 0 30 2 1", ["02-01 00:00", "02-08 00:00"]),
        ("0 0 29 2 1#5", ["02-29 00:00", "02-29 00:00"]),
        ("0 0 13 * 5", ["01-01 00:00", "01-08 00:00", "01-13 00:00", "01-15 00:00"]),
        ("0 0 */15 * 5", ["01-01 00:00", "01-08 00:00", "01-15 00:00", "01-16 00:00"]),
        ("0 0 L * *", ["01-31 00:00", "02-28 00:00"]),
        ("0 0 * * fri#2", ["01-08 00:00", "02-12 00:00"]),
        ("0 0 * * L5", ["01-29 00:00", "02-26 00:00"]),
        ("0 0 * * 7", ["01-03 00:00", "01-10 00:00"]),
        ("0 0 ? * sat-sun", ["01-02 00:00", "01-03 00:00", "01-09 00:00"]),
        ("0 0 1 jan,JUL *", ["01-01 00:00", "07-01 00:00"]),
    ],
)
def test_cron_dialect(text: str, expected: list[str]) -> None:
    """Names, L, # and steps are croniter's; day of month and day of week, both set, mean either."""
    assert line(len(expected), "2027-01-01", cron=text) == expected


def test_leap_days_of_a_turn_of_century() -> None:
    """2100 has no 29 February: the run before it waits eight years for the next."""
    assert line(2, "2095-01-01", cron="0 0 29 2 *") == ["02-29 00:00", "02-29 00:00"]
    assert [slot.start.year for slot in _next(2, "0 0 29 2 *", datetime(2096, 3, 1, tzinfo=UTC))] == [2104, 2108]


def _next(count: int, cron: str, now: datetime) -> Any:
    return next_runs(Schedule(cron=cron), now, None, None, count)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"cron": "0  6 * * *"}, "0 6 * * *"),
        ({"cron": "@daily"}, "@daily"),
        ({"every": "90m"}, "every 90m"),
        ({"every": "86400s"}, "every 1d"),
        ({"crons": ["@daily"]}, "@daily"),
        ({"crons": ["@daily", "0 6 * * *", "0 7 * * *"]}, "3 crons"),
        ({}, "0 crons"),
        ({"assets": {"all": ["a", "b"]}}, "a and b"),
        ({"cron": "@daily", "assets": {"any": ["a", "b"]}}, "@daily or a or b"),
        ({"assets": {"all": ["a" * 200, "b" * 200, "c" * 200]}}, f"{'a' * 200} and {'b' * 200} and {'c' * 101}…"),
    ],
)
def test_schedule_in_a_column(fields: dict[str, Any], told: str) -> None:
    """One short line, also for a schedule with faults."""
    assert describe(Schedule.model_validate(fields)) == told


_words = st.text(st.sampled_from("0123456789*/,-#LWRH?@ \tmonjan٣é"), min_size=1, max_size=24)
_fieldlike = st.lists(_words, min_size=4, max_size=6).map(" ".join)
_times = st.none() | st.datetimes(timezones=st.just(UTC))
_schedules = st.builds(
    Schedule,
    cron=st.none() | _words | _fieldlike | st.sampled_from(["@daily", "* * * * *", "30 2 * * *"]),
    every=st.none()
    | st.timedeltas(min_value=_NOW - _NOW.replace(hour=0, day=9), max_value=_NOW - _NOW.replace(year=2000)),
    timezone=st.sampled_from(["UTC", "Europe/Zurich", "Pacific/Apia", "x", ".", "/etc", "a\0b"]),
    start=_times,
    end=_times,
    mode=st.sampled_from(ScheduleMode),
    catchup=st.booleans(),
    on_enable=st.sampled_from(OnEnable),
    missed_runs=st.sampled_from(MissedRuns),
)


@settings(max_examples=300, deadline=None)
@given(schedule=_schedules, now=st.datetimes(timezones=st.just(UTC)), last=_times)
def test_nothing_a_user_writes_raises(schedule: Schedule, now: datetime, last: datetime | None) -> None:
    """Whatever is written is told as faults, or has slots at any instant of Python's calendar."""
    if not schedule_faults(schedule):
        next_runs(schedule, now, last, None, 3)
    assert "\n" not in describe(schedule)
