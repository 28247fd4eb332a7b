"""Events of Dags: when something is amiss with one, once, and again only in other words."""

from typing import Any

from controller.decide.dag import decide_dag
from controller.model.action import Decision, Tell
from controller.model.dag import Dag
from tests.decide.dags import seen
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, written

SOUND = drawn_spec("a")
BROKEN = {"tasks": [{"name": "a", "script": "true", "dependsOn": ["b"]}]}


def looked(of: Dag, **more: Any) -> Decision:
    """What is decided on the Dag."""
    return decide_dag(seen(of, **more), after(10))


def told(decision: Decision) -> list[tuple[str, bool]]:
    """The Events: the reason, and whether it is a warning."""
    return [(action.reason, action.warning) for action in decision.actions if isinstance(action, Tell)]


def test_a_dag_that_is_well() -> None:
    """No Event, neither of a new Dag nor of one that was broken and is mended."""
    assert told(looked(dag(SOUND))) == []
    broken = written(looked(dag(BROKEN)))
    assert told(looked(dag(SOUND, broken, generation=2))) == []


def test_a_dag_that_can_not_be_run() -> None:
    """Its author sees the fault in `kubectl describe`; the Event follows the status that says so."""
    decision = looked(dag(BROKEN))
    assert told(decision) == [("DagInvalid", True)]
    [tell] = [action for action in decision.actions if isinstance(action, Tell)]
    [ready] = [each for each in written(decision)["conditions"] if each["type"] == "Ready"]
    assert tell.message == ready["message"] != ""
    assert isinstance(decision.actions[-1], Tell)


def test_a_dag_that_stays_broken() -> None:
    """It is told once, also when other conditions are written anew; another fault is told anew."""
    status = written(looked(dag(BROKEN)))
    assert told(looked(dag(BROKEN, status, generation=1))) == []
    assert told(looked(dag(BROKEN, status, generation=2, paused=True))) == []
    other = {"tasks": [{"name": "a", "script": "true", "dependsOn": ["c"]}]}
    assert told(looked(dag(other, status, generation=2))) == [("DagInvalid", True)]


def test_a_pool_that_is_not_there() -> None:
    """A Dag that can never start is told, too."""
    spec = {"tasks": [{"name": "a", "script": "true", "pool": "db"}]}
    assert told(looked(dag(spec))) == [("DagTooFewSlots", True)]
