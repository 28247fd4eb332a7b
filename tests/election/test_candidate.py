"""What one replica does next, by what it saw of the Lease and when."""

from dataclasses import replace
from typing import Final

import pytest

from controller.election.candidate import Candidate, Want
from controller.election.record import Record
from controller.leadership import Span

SPAN: Final = Span(15)
ME: Final = Candidate("me", SPAN)
OTHERS: Final = Record("u1", "7", "other", 15, "12:00:00", 3)
MINE: Final = replace(OTHERS, holder="me")
FREE: Final = replace(OTHERS, holder="")
NEW: Final = Record("u1", "1", "", None, "", 0)
"""As the chart makes it."""


def test_spans_of_the_default_length() -> None:
    """A leader is silent for a while before anybody else may take over; three requests fit into its deadline."""
    assert (SPAN.deadline, SPAN.writes_end, SPAN.retry, SPAN.answer) == (10, 14, 2, 3)
    assert SPAN.deadline < SPAN.writes_end < SPAN.seconds


def test_nothing_is_known() -> None:
    """It looks first, also where it would be sure to win."""
    assert ME.wants(1000) is Want.LOOK


@pytest.mark.parametrize(
    ("record", "after", "want"),
    [
        (FREE, 0, Want.TAKE),
        (MINE, 0, Want.TAKE),
        (NEW, 14.9, Want.LOOK),
        (NEW, 15, Want.TAKE),
        (OTHERS, 14.9, Want.LOOK),
        (OTHERS, 15, Want.TAKE),
        (replace(OTHERS, seconds=40), 39.9, Want.LOOK),
        (replace(OTHERS, seconds=40), 40, Want.TAKE),
        (replace(OTHERS, seconds=None), 14.9, Want.LOOK),
        (replace(OTHERS, seconds=None), 15, Want.TAKE),
        (None, 4.9, Want.LOOK),
        (None, 5, Want.MAKE),
    ],
)
def test_the_first_look(record: Record | None, after: float, want: Want) -> None:
    """A released Lease is taken at once, a held one after its holder's own length, counted from when it was seen."""
    assert ME.saw(record, 100).wants(100 + after) is want


@pytest.mark.parametrize(
    ("record", "after", "want"),
    [
        (OTHERS, 5, Want.TAKE),
        (replace(OTHERS, version="8"), 5, Want.TAKE),
        (replace(OTHERS, renewed_at="12:00:02"), 5, Want.LOOK),
        (replace(OTHERS, holder="third"), 5, Want.LOOK),
        (FREE, 0, Want.TAKE),
        (replace(FREE, uid="u2"), 14.9, Want.LOOK),
        (replace(FREE, uid="u2"), 15, Want.TAKE),
        (None, 4.9, Want.LOOK),
        (None, 5, Want.MAKE),
    ],
)
def test_another_look_after_ten_seconds(record: Record | None, after: float, want: Want) -> None:
    """Every sign of life starts the wait anew; a label does not, a release ends it, another Lease is a new one."""
    assert ME.saw(OTHERS, 100).saw(record, 110).wants(110 + after) is want


def test_a_lease_that_appears() -> None:
    """It is waited for as if somebody held it: whoever held the one before it may not know that it is gone."""
    seen = ME.saw(None, 100).saw(FREE, 102)
    assert (seen.wants(116.9), seen.wants(117)) == (Want.LOOK, Want.TAKE)


def test_a_term() -> None:
    """From the sending of a renewal on it leads for two thirds of the Lease, and then never again."""
    leader = ME.saw(FREE, 100).won(MINE, 100.5, 100.6)
    assert [leader.wants(at) for at in (100.5, 110.4, 110.5, 999)] == [Want.TAKE, Want.TAKE, Want.STOP, Want.STOP]
    assert leader.won(MINE, 102.5, 102.6).wants(112.4) is Want.TAKE


@pytest.mark.parametrize(
    ("record", "want"),
    [
        (MINE, Want.TAKE),
        (replace(MINE, version="9"), Want.TAKE),
        (OTHERS, Want.STOP),
        (FREE, Want.STOP),
        (None, Want.MAKE),
    ],
)
def test_what_a_leader_finds_after_a_conflict(record: Record | None, want: Want) -> None:
    """It goes on only where it still stands in the Lease, or where there is none."""
    stale = ME.saw(FREE, 100).won(MINE, 100, 100.1).refused()
    assert stale.wants(101) is Want.LOOK
    assert stale.saw(record, 101).wants(101) is want


def test_a_lease_that_it_made() -> None:
    """It is renewed, and leads to nothing until a renewal is sent a whole length after the answer."""
    made = ME.saw(None, 100).won(MINE, 105, 106)
    assert (made.leads, made.wants(106), made.acts_at(106), made.acts_at(120)) == (False, Want.TAKE, 108, 121)
    renewed = made.won(replace(MINE, version="8"), 120.9, 121.1)
    assert (renewed.leads, renewed.wants(121.1)) == (False, Want.TAKE)
    assert renewed.won(replace(MINE, version="9"), 121, 121.2).leads_until == 131


def test_a_lease_that_it_made_without_hearing_of_it() -> None:
    """The same, counted from when it sees itself there; one that it took so is its own at once."""
    made = ME.saw(None, 100).saw(MINE, 109)
    assert (made.won(MINE, 123.9, 124).leads, made.won(MINE, 124, 124.1).leads) == (False, True)
    assert ME.saw(OTHERS, 100).saw(MINE, 109).won(MINE, 109, 109.1).leads


def test_a_leader_that_makes_it_again() -> None:
    """It goes on to lead."""
    leader = ME.saw(FREE, 100).won(MINE, 100, 100.1).refused().saw(None, 101)
    assert leader.won(replace(MINE, uid="u2"), 101.5, 101.6).leads_until == 111.5


def test_a_conflict_that_comes_too_late() -> None:
    """The deadline goes before another look."""
    assert ME.saw(FREE, 100).won(MINE, 100, 100.1).refused().wants(110) is Want.STOP


def test_a_standby_that_was_not_quick_enough() -> None:
    """It looks who won."""
    assert ME.saw(FREE, 100).refused().wants(100) is Want.LOOK


@pytest.mark.parametrize(
    ("candidate", "at"),
    [
        (ME.saw(OTHERS, 100), 102),
        (replace(ME.saw(OTHERS, 85), has_looked=True), 100 + 2),
        (replace(ME, has_looked=True, free_at=101.2), 101.2),
        (replace(ME, leads_until=101.5), 101.5),
        (replace(ME, leads_until=110.0), 102),
        (replace(ME, leads_until=90.0), 100),
    ],
)
def test_when_it_acts_again(candidate: Candidate, at: float) -> None:
    """Every two seconds; sooner when the Lease becomes free, or the term ends, before that."""
    assert candidate.acts_at(100) == pytest.approx(at)
