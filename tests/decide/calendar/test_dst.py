"""What becomes of slots when a clock is moved: the measured table, every policy, and the zones that break code."""

from typing import Any

import pytest

from tests.decide.calendar.writing import line, nexts

_ZURICH = {"timezone": "Europe/Zurich"}
_GAP_DAY = "2026-03-28 23:00"
_OVERLAP_DAY = "2026-10-24 22:00"


@pytest.mark.parametrize(
    ("cron", "gap_day", "overlap_day"),
    [
        ("30 2 * * *", ["01:30", "00:30"], ["01:30", "01:30"]),
        ("0 2 * * *", ["01:00", "00:00"], ["01:00", "01:00"]),
        ("0 3 * * *", ["01:00", "01:00"], ["02:00", "02:00"]),
        ("30 * * * *", ["23:30", "00:30", "01:30", "02:30"], ["22:30", "23:30", "00:30", "01:30", "02:30"]),
        ("*/30 * * * *", ["23:00", "23:30", "00:00", "00:30", "01:00", "01:30"], ["22:00", "22:30", "23:00", "23:30"]),
        ("30 0-23 * * *", ["23:30", "00:30", "01:30", "02:30"], ["22:30", "23:30", "00:30", "01:30", "02:30"]),
        ("30 */1 * * *", ["23:30", "00:30", "01:30", "02:30"], ["22:30", "23:30", "00:30", "01:30", "02:30"]),
        ("0 */2 * * *", ["23:00", "01:00", "02:00", "04:00"], ["22:00", "01:00", "03:00"]),
        ("15 1-4 * * *", ["00:15", "01:15", "02:15", "23:15"], ["23:15", "01:15", "02:15", "03:15"]),
        ("15,40 2 * * *", ["01:15", "00:15", "00:40"], ["01:15", "01:40"]),
    ],
)
def test_zurich_on_both_days(cron: str, gap_day: list[str], overlap_day: list[str]) -> None:
    """Every hour: absolute steps. Other hours: a gap shifts, an overlap takes the later, and an instant comes once."""
    for start, expected in ((_GAP_DAY, gap_day), (_OVERLAP_DAY, overlap_day)):
        slots = line(len(expected), start, cron=cron, **_ZURICH)
        assert [slot.split()[1] for slot in slots] == expected


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("later", ["23:40", "01:00", "01:20", "01:40", "02:00"]),
        ("earlier", ["23:40", "00:00", "00:20", "00:40", "02:00"]),
        ("both", ["23:40", "00:00", "00:20", "00:40", "01:00", "01:20", "01:40", "02:00"]),
    ],
)
def test_overlap_policies(overlap: str, expected: list[str]) -> None:
    """The doubled hour runs in its second, its first or both passes, in the order of time."""
    slots = line(len(expected), "2026-10-24 23:40", cron="*/20 1-3 * * *", dst={"overlap": overlap}, **_ZURICH)
    assert [slot.split()[1] for slot in slots] == expected


@pytest.mark.parametrize(("gap", "expected"), [("shift", "03-29 01:30"), ("skip", "03-30 00:30")])
def test_gap_policies(gap: str, expected: str) -> None:
    """A time that the clock leaves out runs later by the gap, or not on that day."""
    assert line(1, _GAP_DAY, cron="30 2 * * *", dst={"gap": gap}, **_ZURICH) == [expected]


def test_skipped_time_that_another_hour_names_too() -> None:
    """Skipping 02:15 does not take away 03:15, which is the same instant as the shifted one."""
    skipped = line(3, _GAP_DAY, cron="15 1-4 * * *", dst={"gap": "skip"}, **_ZURICH)
    assert skipped == ["03-29 00:15", "03-29 01:15", "03-29 02:15"]


def test_policies_do_not_touch_every_hour() -> None:
    """Where every hour is meant no policy drops or doubles one."""
    for dst in ({"gap": "skip"}, {"overlap": "both"}, {"overlap": "earlier"}):
        for start in (_GAP_DAY, _OVERLAP_DAY):
            assert line(30, start, cron="5 * * * *", dst=dst, **_ZURICH) == line(30, start, cron="5 * * * *")


@pytest.mark.parametrize(
    ("situation", "start", "fields", "expected"),
    [
        (
            "half an hour forward",
            "2026-10-03 13:30",
            {"cron": "0 * * * *"},
            ["13:30", "14:30", "15:30", "16:00", "17:00"],
        ),
        ("half an hour back", "2026-04-04 13:00", {"cron": "0 * * * *"}, ["13:00", "14:00", "15:00", "15:30", "16:30"]),
        ("in the half-hour gap", "2026-10-03 13:00", {"cron": "15 2 * * *"}, ["15:45", "15:15"]),
        ("in the half-hour overlap", "2026-04-04 12:00", {"cron": "45 1 * * *"}, ["15:15", "15:15"]),
    ],
)
def test_lord_howe(situation: str, start: str, fields: dict[str, Any], expected: list[str]) -> None:
    """A summer time of half an hour shifts by half an hour and realigns at once."""
    slots = line(len(expected), start, timezone="Australia/Lord_Howe", **fields)
    assert [slot.split()[1] for slot in slots] == expected, situation


def test_samoa_drops_a_day() -> None:
    """30 December 2011 never was: its 06:00 is the 31st's, and a Friday's run comes on Saturday."""
    samoa = {"timezone": "Pacific/Apia"}
    assert line(3, "2011-12-29", cron="0 6 * * *", **samoa) == ["12-29 16:00", "12-30 16:00", "12-31 16:00"]
    assert line(2, "2011-12-24", cron="0 6 * * 5", **samoa) == ["12-30 16:00", "01-05 16:00"]
    assert line(1, "2011-12-24", cron="0 6 * * 5", **samoa, dst={"gap": "skip"}) == ["01-05 16:00"]


def test_kathmandu_changes_its_offset_for_good() -> None:
    """On 1 January 1986 the clock went from 00:00 to 00:15: midnight's run comes at the first instant there is."""
    slots = line(3, "1985-12-30 18:30", cron="0 0 * * *", timezone="Asia/Kathmandu")
    assert slots == ["12-30 18:30", "12-31 18:30", "01-01 18:15"]


def test_casablanca_goes_back_for_ramadan() -> None:
    """A zone whose summer time is the rule and whose change follows the moon."""
    slots = line(3, "2025-02-22 01:00", cron="30 2 * * *", timezone="Africa/Casablanca")
    assert slots == ["02-22 01:30", "02-23 02:30", "02-24 02:30"]


def test_dublin_whose_winter_is_negative_summer_time() -> None:
    """The sign of tm_isdst plays no part: the later pass is the later instant."""
    slots = line(2, "2026-10-24 12:00", cron="30 1 * * *", timezone="Europe/Dublin")
    assert slots == ["10-25 01:30", "10-26 01:30"]


def test_midnight_that_does_not_exist() -> None:
    """In Beirut the gap is at midnight: the day's run comes at its first instant, and its interval is whole."""
    beirut = {"cron": "@daily", "timezone": "Asia/Beirut", "mode": "interval"}
    assert line(2, "2025-03-29 12:00", **beirut) == ["03-29 22:00-03-30 21:00", "03-30 21:00-03-31 21:00"]
    assert nexts(1, "2025-03-30 08:00", **beirut, onEnable="run-latest") == ["03-28 22:00-03-29 22:00"]


def test_intervals_over_both_changes() -> None:
    """Intervals join without hole or overlap, be the day 23 or 25 hours long."""
    zurich = {"cron": "@daily", "mode": "interval"} | _ZURICH
    assert line(2, _GAP_DAY, **zurich) == ["03-28 23:00-03-29 22:00", "03-29 22:00-03-30 22:00"]
    assert line(2, _OVERLAP_DAY, **zurich) == ["10-24 22:00-10-25 23:00", "10-25 23:00-10-26 23:00"]


def test_enabled_between_the_wall_time_and_its_shifted_run() -> None:
    """At 03:10 on the day without 02:30 the run of 02:30 is still to come, at 03:30."""
    assert nexts(2, "2026-03-29 01:10", cron="30 2 * * *", **_ZURICH) == ["03-29 01:30", "03-30 00:30"]


def test_enabled_in_the_first_pass() -> None:
    """At the first 02:40 the run of 02:30 is still to come, in the second pass; the newest past one is yesterday's."""
    fields = {"cron": "30 2 * * *", "start": "2026-01-01"} | _ZURICH
    assert nexts(1, "2026-10-25 00:40", **fields) == ["10-25 01:30"]
    assert nexts(2, "2026-10-25 00:40", **fields, onEnable="run-latest") == ["10-24 00:30", "10-25 01:30"]
