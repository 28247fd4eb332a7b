"""A task's statuses, Pods and endings, in few words."""

from dataclasses import replace
from typing import Any

from controller.model.action import Decision
from tests.decide.drawing import drawn_spec
from tests.decide.objects import (
    container,
    run,
    running,
    told,
    written,
)

STARTED: dict[str, Any] = {"phase": "Running", **container({"running": {"startedAt": told(5)}})}
GOING: dict[str, Any] = {"deletionTimestamp": told(40), "deletionGracePeriodSeconds": 30}
RETRIED = drawn_spec("a", {"a": {"retries": 1, "retryDelay": "30s"}})
QUICK = drawn_spec("a", runTimeout="1m")


def cancelled(how: str = "graceful") -> dict[str, Any]:
    """The run, cancelled."""
    return {"run": replace(running(drawn_spec("a")), spec=run({"cancel": how}).spec)}


def attempts(*numbers: int) -> dict[str, Any]:
    """A status that keeps the results of these attempts, all failed."""
    ended = [
        {"number": number, "pod": f"etl-1-a-{number}", "state": "Failed", "finishedAt": told(10)} for number in numbers
    ]
    return {"attempts": ended, "try": numbers[-1]}


def waits(decision: Decision) -> list[tuple[str, str]]:
    """The reasons that are written."""
    return [(reason["reason"], reason["message"]) for reason in written(decision).get("waitingFor", ())]
