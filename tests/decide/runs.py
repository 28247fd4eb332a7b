"""A run as its decider sees it, in few words."""

from collections.abc import Mapping
from typing import Any

from controller.model.action import Decision
from controller.model.dag import canonical_json
from controller.model.dagrun import DagRun
from controller.model.names import revision_name
from tests.decide.drawing import drawn_spec
from tests.decide.objects import run, written

CHAIN = drawn_spec("a >> b")
PINNED = revision_name("etl", canonical_json(CHAIN))


def queued(spec: Mapping[str, Any] | None = None, **status: Any) -> DagRun:
    """The run, adopted and waiting to begin."""
    return run(spec, {"revision": PINNED, "params": "{}", "tasks": "0/2", **status})


def waiting_for(decision: Decision) -> list[tuple[str, str]]:
    """The reasons that are written."""
    return [(reason["reason"], reason["message"]) for reason in written(decision).get("waitingFor", ())]
