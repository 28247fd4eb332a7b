"""Where there is nothing to find: no instant, no cron, no schedule."""

from datetime import UTC, datetime

import pytest

from controller.decide.calendar import next_runs
from controller.decide.calendar.cron import parse_cron
from controller.decide.calendar.instants import cron_instants
from controller.decide.calendar.slots import schedule_instants
from controller.decide.calendar.zones import load_zone
from controller.model.schedule import DstPolicy, OnEnable, Schedule
from tests.decide.calendar.writing import at, schedule, timetable, told

_NOW = datetime(2026, 6, 10, tzinfo=UTC)


def test_cron_without_a_date() -> None:
    """Neither direction has an instant, and both say so."""
    never = cron_instants(parse_cron("0 0 30 2 *"), load_zone("Europe/Zurich"), DstPolicy())
    assert (never.after(_NOW), never.at_or_after(_NOW), never.latest(_NOW)) == (None, None, None)


def test_before_the_calendar() -> None:
    """Nothing lies before the first instant that Python knows."""
    hourly = cron_instants(parse_cron("30 * * * *"), load_zone("UTC"), DstPolicy())
    assert hourly.latest(datetime(1, 1, 1, tzinfo=UTC)) is None


def test_text_that_is_no_cron() -> None:
    """Reading it without asking for faults first is a mistake of ours, with the user's sentence."""
    with pytest.raises(ValueError, match="has 2 fields"):
        parse_cron("daily please")


def test_schedule_without_times() -> None:
    """The same where a schedule names no time."""
    with pytest.raises(ValueError, match="needs cron, crons, or every with start"):
        schedule_instants(Schedule())


def test_another_policy_than_the_dags() -> None:
    """`slipway next --on-enable` asks what would be if the Dag said so."""
    daily = schedule(cron="@daily", start="2026-01-01")
    for policy, first in ((None, "06-11 00:00"), (OnEnable.RUN_LATEST, "06-10 00:00")):
        assert told(next_runs(daily, at("2026-06-10 12:30"), None, policy, 1)[0]) == first


def test_all_slots_of_a_schedule_that_ends() -> None:
    """The line of slots is as long as the schedule."""
    slots = timetable(cron="@daily", start="2026-01-01", end="2026-01-03").slots_from(at("2025-01-01"))
    assert [told(slot) for slot in slots] == ["01-01 00:00", "01-02 00:00", "01-03 00:00"]
