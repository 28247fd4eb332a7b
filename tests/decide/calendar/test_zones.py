"""Zones whose rules were changed by decree, and all zones that there are."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest

from controller.decide.calendar import Timetable
from controller.decide.calendar.zones import zone_names
from controller.model.schedule import Schedule
from tests.decide.calendar.writing import line


@pytest.mark.parametrize(
    ("situation", "zone", "start", "fields", "expected"),
    [
        (
            "Turkey kept its summer time: the autumn of 2016 has no change",
            "Europe/Istanbul",
            "2016-10-29 00:00",
            {"cron": "30 3 * * *"},
            ["10-29 00:30", "10-30 00:30", "10-31 00:30"],
        ),
        (
            "the year before, it went back two weeks late, on 8 November",
            "Europe/Istanbul",
            "2015-11-07 00:00",
            {"cron": "30 3 * * *"},
            ["11-07 00:30", "11-08 01:30", "11-09 01:30"],
        ),
        (
            "Venezuela left half an hour out at 02:30 on 1 May 2016",
            "America/Caracas",
            "2016-04-30 00:00",
            {"cron": "45 2 * * *"},
            ["04-30 07:15", "05-01 07:15", "05-02 06:45"],
        ),
        (
            "and had doubled half an hour on 9 December 2007",
            "America/Caracas",
            "2007-12-08 00:00",
            {"cron": "45 2 * * *"},
            ["12-08 06:45", "12-09 07:15", "12-10 07:15"],
        ),
        (
            "North Korea doubled the last half hour of 14 August 2015",
            "Asia/Pyongyang",
            "2015-08-13 00:00",
            {"cron": "45 23 * * *"},
            ["08-13 14:45", "08-14 15:15", "08-15 15:15"],
        ),
        (
            "and left out the last half hour of 4 May 2018",
            "Asia/Pyongyang",
            "2018-05-03 00:00",
            {"cron": "45 23 * * *"},
            ["05-03 15:15", "05-04 15:15", "05-05 14:45"],
        ),
        (
            "Morocco goes forward again after Ramadan",
            "Africa/Casablanca",
            "2025-04-05 00:00",
            {"cron": "30 2 * * *"},
            ["04-05 02:30", "04-06 02:30", "04-07 01:30"],
        ),
        (
            "every hour goes on through a change by decree",
            "Asia/Pyongyang",
            "2018-05-04 13:30",
            {"cron": "0 * * * *"},
            ["05-04 13:30", "05-04 14:30", "05-04 15:30", "05-04 16:00", "05-04 17:00"],
        ),
        (
            "a leap day in the zone, which has begun there before it has in UTC",
            "Pacific/Kiritimati",
            "2028-02-28 00:00",
            {"cron": "0 6 29 2 *"},
            ["02-28 16:00"],
        ),
        (
            "a month's last day, over a leap year's February",
            "Europe/Zurich",
            "2028-01-31 00:00",
            {"cron": "0 6 L * *"},
            ["01-31 05:00", "02-29 05:00", "03-31 04:00"],
        ),
        (
            "29 February of a year that has none",
            "Europe/Zurich",
            "2027-02-28 00:00",
            {"cron": "0 6 28,29 2 *"},
            ["02-28 05:00", "02-28 05:00", "02-29 05:00"],
        ),
    ],
)
def test_a_change_by_decree(situation: str, zone: str, start: str, fields: dict[str, Any], expected: list[str]) -> None:
    """The zone's clock of that day counts, not today's rule."""
    assert line(len(expected), start, timezone=zone, **fields) == expected, situation


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 * * * *"])
def test_every_zone_through_a_year(cron: str) -> None:
    """In each zone slots rise by a day (or hour) and the width of a change at most, in spring and autumn."""
    span, most = (timedelta(days=1), timedelta(hours=25)) if cron.startswith("30") else (timedelta(hours=1),) * 2
    for zone in sorted(zone_names()):
        table = Timetable.of(Schedule(cron=cron, timezone=zone))
        for month in (3, 4, 10):
            begin = datetime(2026, month, 1, tzinfo=UTC)
            slots = [slot.logical_date for slot in islice(table.slots_from(begin), 4)]
            assert begin <= slots[0] < begin + span, zone
            for before, after in pairwise(slots):
                assert timedelta(0) < after - before <= most, (zone, before)
                assert table.latest(after) == table.at_or_after(after), (zone, after)
