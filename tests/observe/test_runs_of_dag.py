"""The runs of a Dag: who is next, who shares a limit with whom, and how many failed in a row."""

from datetime import datetime
from typing import Any

import pytest

from controller.model.dag import FAILURES_COUNTED
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Key
from controller.model.names import LABEL_BACKFILL
from controller.model.timestamps import parse_time
from controller.observe.runs_of_dag import EARLIER_RUNS, RunsOfDag
from tests.decide.objects import after, meta, told


def run(name: str, state: str = "Queued", day: int = 1, backfill: str | None = None, **more: Any) -> DagRun:
    """A run, that of a backfill if one is named."""
    labels = {LABEL_BACKFILL: backfill} if backfill else {}
    spec = {
        "dagRef": {"name": "etl"},
        "runType": "backfill" if backfill is not None else "manual",
        "logicalDate": f"2025-01-{day:02}T00:00:00Z",
        "paused": more.pop("paused", False),
    }
    return parse_dag_run(meta(name, labels=labels), {"spec": spec, "status": {"state": state, **more}})


def ended(name: str, state: str, seconds: float, reason: str = "TaskFailed") -> DagRun:
    """A run that ended so many seconds after 06:00."""
    return run(name, state, finishedAt=told(seconds), reason=reason)


def runs(*all_of: DagRun) -> RunsOfDag:
    """These runs, each put in twice as a change would."""
    found = RunsOfDag()
    for each in (*all_of, *all_of):
        found.put(each)
    return found


def names(keys: Any) -> str:
    """The names, in order."""
    return " ".join(key.name for key in keys)


def key(name: str) -> Key:
    """The key of a run."""
    return Key("team", name)


def test_who_is_next() -> None:
    """By logical date; each backfill has a next one of its own, after that of the other runs."""
    found = runs(
        run("late", day=9), run("early", day=2), run("b1", day=1, backfill="b"), run("b2", day=3, backfill="b"),
        run("c1", day=5, backfill="c"), run("x", day=6, backfill=""),
    )  # fmt: skip
    assert names(found.next_queued()) == "early x b1 c1"
    assert names(found.queued()) == "early late x b1 b2 c1"
    assert [found.next_beside(key(name)) for name in ("late", "b2", "c1")] == [key("early"), key("b1"), key("c1")]
    assert found.active() == 2


def test_a_paused_run_is_passed_over() -> None:
    """The one behind it is next."""
    found = runs(run("a", day=1, paused=True), run("b", day=2))
    assert (names(found.next_queued()), names(found.queued())) == ("b", "a b")
    found.remove(key("b"))
    assert names(found.next_queued()) == ""


def test_who_shares_a_limit() -> None:
    """Runs of a backfill count for that alone, all others together."""
    found = runs(
        run("a", "Running"), run("b", "Running"), run("b1", "Running", backfill="b"), run("c1", backfill="c"), run("q")
    )
    assert [found.running_beside(key(name)) for name in ("a", "q", "b1", "c1")] == [1, 2, 0, 0]
    assert found.active() == 3
    for name in ("a", "b", "b1", "q", "c1"):
        found.remove(key(name))
    assert (found.active(), found.running_beside(key("a"))) == (0, 0)


@pytest.mark.parametrize(("since", "count"), [(None, 2), (after(15), 2), (after(20), 1), (after(30), 0), (after(5), 2)])
def test_failed_in_a_row(since: datetime | None, count: int) -> None:
    """Counted back from the last end to a success, or to when counting began; cancelled runs don't count."""
    found = runs(
        ended("a", "Failed", 1),
        ended("b", "Success", 10),
        ended("c", "Failed", 20),
        ended("d", "Failed", 25, "Cancelled"),
        ended("e", "Failed", 30),
        run("f", "Running"),
    )
    assert found.failed_in_a_row(since) == count


def test_a_run_that_was_cleared() -> None:
    """It has not ended any more."""
    found = runs(ended("a", "Failed", 1), ended("b", "Failed", 2))
    found.put(run("b", "Running"))
    assert found.failed_in_a_row(None) == 1


def test_a_long_row() -> None:
    """No more are counted than any Dag can ask for."""
    found = runs(*(ended(f"r{number}", "Failed", number) for number in range(FAILURES_COUNTED + 50)))
    assert found.failed_in_a_row(None) == FAILURES_COUNTED


def test_runs_about_a_time() -> None:
    """Those with a logical date in it, the oldest first, and before them the newest earlier ones."""
    found = runs(*(run(f"d{day}", day=day) for day in range(1, 31)))
    start, end = (parse_time(f"2025-01-{day}T00:00:00Z") for day in (27, 28))
    assert names(found.about(start, end)) == " ".join(f"d{day}" for day in range(27 - EARLIER_RUNS, 29))
    assert names(found.about(parse_time("2025-02-01T00:00:00Z"), parse_time("2025-02-02T00:00:00Z"))).startswith("d11")


def test_the_last_run_of_a_backfill_goes() -> None:
    """Nothing of either is kept, as there may be a new backfill every day."""
    found = runs(run("a", "Failed", backfill="b1", finishedAt=told(1)), run("b", "Running", backfill="b2"))
    assert names(found.running()) == "b"
    found.remove(key("a"))
    found.remove(key("b"))
    assert len(found) == 0
    assert not any(getattr(found, name) for name in vars(found))
