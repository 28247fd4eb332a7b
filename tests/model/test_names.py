"""Names: they fit into a label, stay the same for ever, and do not meet."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.model.names import fit, pod_name, revision_name, scheduled_run_name, stamp, task_run_name
from controller.model.timestamps import parse_time

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_labels = st.from_regex(LABEL, fullmatch=True)


def test_the_names_of_a_run() -> None:
    """They are what the first page of the manual says."""
    run = scheduled_run_name("etl", parse_time("2026-01-01T06:00:00Z"))
    assert run == "etl-20260101t060000"
    assert task_run_name(run, "load") == "etl-20260101t060000-load"
    assert task_run_name(run, "load", 7) == "etl-20260101t060000-load-7"
    assert pod_name("etl-20260101t060000-load", 1) == "etl-20260101t060000-load-1"


def test_a_logical_date_in_another_zone() -> None:
    """One instant has one name."""
    assert stamp(datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=2)))) == "20260101t060000"


@pytest.mark.parametrize("length", [1, 62, 63])
def test_a_name_that_fits(length: int) -> None:
    """It is not touched."""
    assert fit("x" * length) == "x" * length


def test_a_name_that_is_too_long() -> None:
    """It is cut to 63 characters with a hash of the whole, which must never change: names are how a Pod is found."""
    name = fit("x" * 64)
    assert name == "x" * 52 + "-7ce100971f"
    assert len(name) == 63


def test_a_cut_that_would_end_in_a_dash() -> None:
    """The dash goes, as two in a row would read badly."""
    assert "--" not in fit("x" * 50 + "-" * 20 + "y")


def test_long_names_with_one_beginning() -> None:
    """The hash tells them apart, and the attempts of one task too."""
    run = "r" * 63
    names = {task_run_name(run, f"task-{number}") for number in range(1000)}
    assert len(names) == 1000
    assert len({pod_name(run, attempt) for attempt in range(1, 1000)}) == 999


def test_specs_that_are_equal() -> None:
    """They have one revision, and others have another."""
    assert revision_name("etl", '{"a":1}') == revision_name("etl", '{"a":1}')
    assert revision_name("etl", '{"a":1}') != revision_name("etl", '{"a":2}')


@settings(deadline=None)
@given(_labels, _labels, st.integers(0, 10**6) | st.none(), st.integers(1, 10**4))
def test_any_labels(run: str, task: str, index: int | None, attempt: int) -> None:
    """Every name made of labels is a label."""
    named = task_run_name(run, task, index)
    assert LABEL.fullmatch(named)
    assert LABEL.fullmatch(pod_name(named, attempt))
    assert LABEL.fullmatch(revision_name(run, task))


@settings(deadline=None)
@given(_labels, st.lists(_labels, min_size=2, max_size=2, unique=True), st.integers(1, 99), st.integers(1, 99))
def test_any_two_tasks_of_a_run(run: str, tasks: list[str], first: int, second: int) -> None:
    """Neither they nor their Pods share a name."""
    one, other = (task_run_name(run, task) for task in tasks)
    assert one != other
    assert pod_name(one, first) != pod_name(other, second)
