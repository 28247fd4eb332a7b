"""Backfills as their decider sees them: refused, waiting, planned in stretches, and odd moments of the rest."""

from dataclasses import replace
from typing import Any

import pytest

from controller.decide.backfill import decide_backfill
from controller.model.action import CancelRun, CreateRun, Decision
from controller.model.backfill import Backfill, parse_backfill
from controller.model.snapshot import BackfillSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import NOW, POLICY, after, dag, kinds, meta, revision, run, told, written

HOUR = 3600
HOURLY = drawn_spec("a", schedule={"cron": "@hourly"})
BOUND = drawn_spec("a", {"a": {"dependsOnPast": True}}, schedule={"cron": "@hourly"})


def backfill(
    status: dict[str, Any] | None = None, name: str = "b", span: tuple[float, float] = (-3, -1), **spec: Any
) -> Backfill:
    """From 03:00 to 05:00, unless said in hours from 06:00."""
    first, last = span
    dates = {"from": told(first * HOUR), "to": told(last * HOUR)}
    deleting = spec.pop("deletionTimestamp", None)
    more = {"deletionTimestamp": deleting} if deleting else {}
    return parse_backfill(meta(name, **more), {"spec": {"dagRef": {"name": "etl"}, **dates, **spec}, "status": status})


def planned(**status: Any) -> dict[str, Any]:
    """The status of one that was planned at 06:00 and runs."""
    plan = {"total": 3, "create": 3}
    return {"state": "Running", "plannedAt": told(), "plan": plan, "first": told(-3 * HOUR), "done": "0/3", **status}


def seen(of: Backfill, spec: dict[str, Any] | None = None, **more: Any) -> BackfillSnapshot:
    """The backfill of a Dag without runs."""
    fields: dict[str, Any] = {
        "backfill": of,
        "dag": dag(spec or HOURLY),
        "revision": revision(spec or HOURLY),
        "others": (),
        "runs": {},
        "dates": (),
        "active": (),
        "failed": 0,
        "status_written_at": None,
        "policy": POLICY,
    }
    return BackfillSnapshot(**{**fields, **more})


def created(decision: Decision) -> list[str]:
    """The names of the runs that are made."""
    return [action.name for action in decision.actions if isinstance(action, CreateRun)]


# ---- planning ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "spec", "message"),
    [
        (backfill(), drawn_spec("a"), "Dag etl has no schedule, so it has no slots to fill"),
        (
            backfill(span=(-3, -4)),
            HOURLY,
            "from 2026-01-01T03:00:00Z is later than to 2026-01-01T02:00:00Z",
        ),
        (backfill(span=(0.5, 1)), HOURLY, "The range lies in the future"),
        (
            backfill(gaps=True, reprocess="failed"),
            HOURLY,
            "gaps takes only slots without a run, so it can't be together with reprocess",
        ),
        (
            backfill(runBackwards=True, reprocess="failed"),
            BOUND,
            "A task of the Dag depends on its past, so its runs can't be made backwards",
        ),
        (backfill(), BOUND, "A task of the Dag depends on its past, so reprocess must be failed or completed"),
        (
            backfill(params={"x": 1}),
            HOURLY,
            "The params do not fit: param x is not one of the Dag's params (none)",
        ),
        (
            backfill(span=(-0.5, -0.25)),
            HOURLY,
            "No slot of the schedule in this range has come to its end yet",
        ),
    ],
)
def test_a_refusal(of: Backfill, spec: dict[str, Any], message: str) -> None:
    """It ends as Failed, with one sentence that says why, and an Event."""
    decision = decide_backfill(seen(of, spec), NOW)
    patch = written(decision)
    assert (patch["state"], patch["reason"], patch["message"]) == ("Failed", "Refused", message)
    assert kinds(decision) == ["WriteStatus", "Tell"]


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        (backfill(name="a"), True),
        (backfill(name="c"), False),
        (backfill(planned(), name="c"), True),
        (backfill(name="a", span=(-3, -2)), True),
        (backfill(name="a", span=(-0.5, 0)), False),
        (backfill(name="a", span=(-9, -4)), False),
    ],
)
def test_an_overlap(other: Backfill, *, refused: bool) -> None:
    """Of two with the same time in them, the one that came first, or has begun, is left in peace."""
    patch = written(decide_backfill(seen(backfill(), others=(other,)), NOW))
    assert (patch["state"] == "Failed") is refused


def test_a_dag_that_is_not_there() -> None:
    """The backfill says so once the wait is worth it, and only once."""
    early = decide_backfill(seen(backfill(), dag=None, revision=None), after(1))
    assert (kinds(early), early.wake_at) == (["WriteStatus"], after(2))
    assert "waitingFor" not in written(early)
    late = written(decide_backfill(seen(backfill(), dag=None, revision=None), after(3)))
    assert late["waitingFor"][0]["message"] == "Dag etl does not exist"
    waits = [{"reason": "DagMissing", "message": "Dag etl does not exist", "since": told(3)}]
    again = decide_backfill(seen(backfill({"waitingFor": waits}), dag=None, revision=None), after(9))
    assert "waitingFor" not in written(again)


def test_a_dag_that_is_not_valid() -> None:
    """The backfill waits until it is mended."""
    patch = written(decide_backfill(seen(backfill(), dag=dag({})), after(3)))
    assert patch["waitingFor"][0]["reason"] == "DagNotReady"


def test_a_revision_that_was_not_seen_yet() -> None:
    """Nothing is decided without it."""
    assert "state" not in written(decide_backfill(seen(backfill(), revision=None), NOW))
    assert created(decide_backfill(seen(backfill(planned()), revision=None), NOW)) == []


@pytest.mark.parametrize("status", [{"plannedAt": told()}, planned()])
def test_a_revision_that_cannot_be_read(status: dict[str, Any]) -> None:
    """The backfill ends, as its slots are not known any more."""
    patch = written(decide_backfill(seen(backfill(status), revision=revision(drawn_spec("a"))), NOW))
    assert (patch["state"], patch["reason"]) == ("Failed", "Invalid")


def test_cancelled_before_it_was_planned() -> None:
    """It ends without a plan."""
    patch = written(decide_backfill(seen(backfill(cancel="graceful")), NOW))
    assert (patch["state"], patch["reason"]) == ("Failed", "Cancelled")


def test_more_slots_than_one_look_takes() -> None:
    """The plan grows look by look; the list stays at 50 slots."""
    spec = drawn_spec("a", schedule={"every": "1m", "start": told(-90 * HOUR)})
    first = written(decide_backfill(seen(backfill(span=(-50, -1 / 60)), spec), NOW))
    assert (first["plan"]["total"], len(first["plan"]["slots"]), "state" in first) == (2000, 50, False)
    status = {name: value for name, value in first.items() if name != "conditions"}
    second = written(decide_backfill(seen(backfill(status, span=(-50, -1 / 60)), spec), after(5)))
    assert (second["plan"]["total"], "slots" in second["plan"]) == (2999 + 1, False)
    assert (second["state"], second["done"]) == ("Running", "0/3000")


# ---- running -------------------------------------------------------------------------------------------------------


def test_the_next_slots() -> None:
    """Runs are created first, then the cursor moves."""
    decision = decide_backfill(seen(backfill(planned(), maxActiveRuns=2)), NOW)
    assert kinds(decision) == ["CreateRun", "CreateRun", "WriteStatus"]
    assert created(decision) == ["etl-20260101t030000", "etl-20260101t040000"]
    patch = written(decision)
    assert (patch["handledThrough"], patch["started"]) == (told(-2 * HOUR), 2)


def test_gaps_without_any_run() -> None:
    """All slots are free."""
    assert len(created(decide_backfill(seen(backfill(planned(), gaps=True)), NOW))) == 3


def test_progress_alone() -> None:
    """Its write waits for its turn."""
    status = planned(handledThrough=told(-HOUR), started=3, observedGeneration=1, done="1/3")
    whole = written(decide_backfill(seen(backfill(status), active=(run(),)), after(9)))
    assert whole["done"] == "2/3"
    done = backfill({**status, "conditions": whole["conditions"]})
    early = decide_backfill(seen(done, active=(run(),), status_written_at=after(8)), after(9))
    assert (kinds(early), early.wake_at) == ([], after(11))


def test_a_dag_that_is_going() -> None:
    """The backfill ends with it."""
    gone = dag(HOURLY, deletionTimestamp=told())
    assert written(decide_backfill(seen(backfill(planned()), dag=gone), NOW))["reason"] == "DagMissing"


def test_cancelled_while_runs_are_there() -> None:
    """Gracefully, only a run that has not begun is cancelled, and only once; by force, all are."""
    active = (run(status={"state": "Running"}), replace(run(), meta=meta("etl-2")), run({"cancel": "force"}))
    for how, count in (("graceful", 1), ("force", 2)):
        decision = decide_backfill(seen(backfill(planned(), cancel=how), active=active), NOW)
        assert len([action for action in decision.actions if isinstance(action, CancelRun)]) == count
        assert "state" not in written(decision)


@pytest.mark.parametrize("of", [backfill({"state": "Success"}), backfill(planned(), deletionTimestamp=told())])
def test_one_that_is_over(of: Backfill) -> None:
    """Nothing is done any more."""
    assert decide_backfill(seen(of), NOW) == Decision()


def test_one_that_waits_for_approval() -> None:
    """It is left as it is."""
    of = backfill({**planned(), "state": "Planned"}, approved=False)
    assert "state" not in written(decide_backfill(seen(of), NOW))
