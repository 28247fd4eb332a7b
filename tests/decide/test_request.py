"""Requests at odd moments: what is decided without a revision, and before the run is let begin."""

from dataclasses import replace
from typing import Any

from controller.decide.run import decide_run
from controller.model.dagrun import DagRun, parse_dag_run
from tests.decide.objects import after, run, run_snapshot, running, written
from tests.decide.runs import CHAIN, queued


def asked(of: DagRun, **request: Any) -> DagRun:
    """The run with this request."""
    spec = {"dagRef": {"name": "etl"}, "request": {"id": "1", **request}}
    return replace(of, spec=parse_dag_run(of.meta, {"spec": spec}).spec)


def test_a_revision_that_was_not_seen_yet() -> None:
    """The request waits, as nobody knows the tasks."""
    of = asked(running(CHAIN), clear={})
    assert "requests" not in written(decide_run(run_snapshot(CHAIN, of, revision=None), after(9)))


def test_a_queued_run_without_its_revision() -> None:
    """It does not begin."""
    assert "state" not in written(decide_run(run_snapshot(CHAIN, queued(), revision=None), after(9)))


def test_a_run_that_is_not_adopted_yet() -> None:
    """It is adopted first; the request has its turn in the next look."""
    patch = written(decide_run(run_snapshot(CHAIN, asked(run(), clear={})), after(9)))
    assert ("revision" in patch, "requests" in patch) == (True, False)
