"""pauseAfterFailedRuns: a Dag that is held after failures, and how it goes on."""

from dataclasses import replace
from typing import Any

import pytest

from controller.decide.dag import decide_dag
from controller.decide.run import decide_run
from controller.model.action import Decision, Tell
from controller.model.dag import Dag
from tests.decide.dags import created, seen
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, kinds, run_snapshot, told, written
from tests.decide.runs import queued

SPEC = drawn_spec("a >> b", pauseAfterFailedRuns=3)
HOURLY = {**SPEC, "schedule": {"cron": "@hourly"}}
COUNTING = {"failuresSince": told(), "enabledAt": told()}


def paused(decision: Decision) -> tuple[str, str] | None:
    """Status and reason of condition Paused, if it is written."""
    found = [c for c in written(decision).get("conditions", ()) if c["type"] == "Paused"]
    return (found[0]["status"], found[0]["reason"]) if found else None


def looked(of: Dag, failed: int = 0, seconds: float = 10, **more: Any) -> Decision:
    """What is decided on the Dag when so many runs failed in a row."""
    return decide_dag(seen(of, failed_in_a_row=failed, **more), after(seconds))


def held(spec: dict[str, Any] = SPEC, generation: int = 1, **status: Any) -> Dag:
    """The Dag, held at generation 1."""
    after_three = written(looked(dag(HOURLY if spec is HOURLY else SPEC, COUNTING), 3))
    return dag(spec, {**COUNTING, **after_three, **status}, generation=generation)


@pytest.mark.parametrize(
    ("failed", "end"), [(0, ("False", "Active")), (2, ("False", "Active")), (3, ("True", "TooManyFailures"))]
)
def test_failed_runs(failed: int, end: tuple[str, str]) -> None:
    """So many in a row hold the Dag, and not one less."""
    assert paused(looked(dag(SPEC, COUNTING), failed)) == end


def test_what_is_told() -> None:
    """The condition says how to go on, and one Event tells of it."""
    decision = looked(dag(SPEC, COUNTING), 3)
    [condition] = [c for c in written(decision)["conditions"] if c["type"] == "Paused"]
    assert condition["message"] == (
        "The last 3 runs failed: no run is created and no task started until the Dag is changed, or paused and unpaused"
    )
    tells = [action for action in decision.actions if isinstance(action, Tell)]
    assert [(tell.reason, tell.message, tell.warning) for tell in tells] == [
        ("TooManyFailures", condition["message"], True)
    ]
    assert kinds(decision)[-1] == "Tell"


def test_it_is_held_already() -> None:
    """It stays so, also when the failed runs are deleted, and nothing is told again."""
    assert looked(held(), 0, 20) == Decision()
    assert "Tell" not in kinds(looked(held(), 5, 20, active_runs=1))


def test_a_schedule() -> None:
    """No run is created while it is held, not even in the look that holds it; the next slot after it is."""
    at = 3600 + 1
    assert created(looked(dag(HOURLY, COUNTING), 0, at)) == ["etl-20260101t070000"]
    assert created(looked(dag(HOURLY, COUNTING), 3, at)) == []
    assert "nextRun" not in written(looked(dag(HOURLY, COUNTING), 3, at))
    assert created(looked(held(HOURLY), 0, at)) == []
    assert created(looked(held(HOURLY, generation=2), 0, at - 1800)) == []


def test_its_runs() -> None:
    """A run that waits stays in the queue and says that the Dag is paused."""
    snapshot = replace(run_snapshot(SPEC, queued()), dag=held())
    decision = decide_run(snapshot, after(10))
    assert written(decision)["waitingFor"][0]["reason"] == "Paused"


@pytest.mark.parametrize(
    ("of", "end"),
    [
        (held(generation=2), ("False", "Active")),
        (held({**SPEC, "description": "mended"}, generation=2), ("False", "Active")),
        (held({**SPEC, "paused": True}, generation=2), ("True", "Paused")),
    ],
)
def test_it_is_changed(of: Dag, end: tuple[str, str]) -> None:
    """It goes on at once, and failures are counted from now on."""
    assert not of.is_held
    decision = looked(of, 3, 60)
    assert paused(decision) == end
    assert written(decision)["failuresSince"] == told(60)


def test_it_is_paused_and_unpaused() -> None:
    """That is a change too: it goes on, and old failures don't count."""
    first = held({**SPEC, "paused": True}, generation=2)
    status = {**COUNTING, **written(looked(first, 3, 60))}
    second = dag(SPEC, status, generation=3)
    assert paused(looked(second, 0, 70)) == ("False", "Active")
    assert "failuresSince" not in written(looked(second, 0, 70))


def test_it_is_switched_on() -> None:
    """Runs that failed before don't count: counting begins with the setting, and ends with it."""
    first = looked(dag(SPEC), 9, 5)
    assert (paused(first), written(first)["failuresSince"]) == (("False", "Active"), told(5))
    off = dag(drawn_spec("a >> b"), COUNTING)
    assert paused(looked(off, 99)) == ("False", "Active")
    assert written(looked(off, 99))["failuresSince"] is None


def test_a_dag_that_is_not_valid() -> None:
    """It has no limit, and its memory stays."""
    decision = looked(dag({}, COUNTING), 9)
    assert paused(decision) == ("False", "Active")
    assert "failuresSince" not in written(decision)
