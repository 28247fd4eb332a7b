"""A Dag as its decider sees it, in few words."""

from typing import Any

from controller.model.action import CreateRun, Decision
from controller.model.dag import Dag
from controller.model.snapshot import DagSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import POLICY, after, dag, told, written

HOUR = 3600
MANUAL = drawn_spec("a >> b")
HOURLY = drawn_spec("a", schedule={"cron": "@hourly"})
CATCHUP = drawn_spec("a", schedule={"cron": "@hourly", "start": told(-2 * HOUR), "catchup": True})


def seen(of: Dag, **more: Any) -> DagSnapshot:
    """A Dag without runs, whose revision exists, watched since 06:00."""
    fields: dict[str, Any] = {
        "dag": of,
        "has_revision": True,
        "active_runs": 0,
        "newest_run": None,
        "status_written_at": None,
        "policy": POLICY,
        "awake_since": after(0),
    }
    return DagSnapshot(**{**fields, **more})


def enabled(spec: dict[str, Any], seconds: float = 0, **status: Any) -> Dag:
    """The Dag, first seen so many seconds after 06:00."""
    return dag(spec, {"enabledAt": told(seconds), **status})


def created(decision: Decision) -> list[str]:
    """The names of the runs that are made."""
    return [action.name for action in decision.actions if isinstance(action, CreateRun)]


def conditions(decision: Decision) -> list[tuple[str, str, str]]:
    """Type, status and reason of each condition that is written."""
    return [(c["type"], c["status"], c["reason"]) for c in written(decision)["conditions"]]
