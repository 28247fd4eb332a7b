"""A Dag and its failed runs -> whether the controller holds it as if it were paused, and since when failures count.

    not held   --pauseAfterFailedRuns runs failed in a row-->                       held
    held       --any change of the spec, also paused: true and then false again-->  not held, counted from now on

Only the status tells; the user's spec is never written. Failures count from when the setting was first seen, so that
switching it on holds nothing because of old runs.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from controller.model.action import Kind, Tell
from controller.model.dag import HELD, DagStatus
from controller.model.plan import Plan
from controller.model.snapshot import DagSnapshot


def pause_told(snapshot: DagSnapshot, plan: Plan | None) -> tuple[bool, str, str]:
    """What condition Paused says: status, reason and message."""
    limit = plan.spec.pause_after_failed_runs if plan is not None else 0
    if snapshot.dag.paused:
        return True, "Paused", ""
    too_many = 0 < limit <= snapshot.failed_in_a_row and snapshot.dag.status.failures_since is not None
    if snapshot.dag.is_held or (too_many and not _is_let_go(snapshot)):
        message = (
            f"The last {limit} runs failed: no run is created and no task started until the Dag is changed, "
            "or paused and unpaused"
        )
        return True, HELD, message
    return False, "Active", ""


def failures_since(snapshot: DagSnapshot, plan: Plan | None, now: datetime) -> datetime | None:
    """Since when failed runs count; None where they don't."""
    if plan is None:
        return snapshot.dag.status.failures_since
    if not plan.spec.pause_after_failed_runs:
        return None
    return now if _is_let_go(snapshot) else snapshot.dag.status.failures_since or now


def is_paused(status: DagStatus) -> bool:
    """Whether the status says that the Dag is paused or held."""
    return any(condition.type == "Paused" and condition.status == "True" for condition in status.conditions)


def hold_told(snapshot: DagSnapshot, patch: Mapping[str, Any]) -> tuple[Tell, ...]:
    """The Event that a Dag is held from now on, if that is what the patch writes."""
    told = next((condition for condition in patch.get("conditions", ()) if condition["reason"] == HELD), None)
    if told is None or snapshot.dag.is_held:
        return ()
    return (Tell(Kind.DAG, snapshot.dag.meta, HELD, told["message"], warning=True),)


def _is_let_go(snapshot: DagSnapshot) -> bool:
    """Whether the Dag was held, and has been changed since."""
    dag = snapshot.dag
    return not dag.is_held and any(condition.reason == HELD for condition in dag.status.conditions)
