"""What is written of a Dag's conditions -> the Events of what is amiss from now on: once for each new sentence.

DagInvalid and so on    condition Ready is False: its reason, with the kind before it
DagTooFewSlots          condition Pools is False: a pool is missing or smaller than what one task needs
DagTargetMissing        condition Alerts is False: an alert has a target that there is not
"""

from collections.abc import Mapping
from typing import Any, Final

from controller.model.action import Kind, Tell
from controller.model.snapshot import DagSnapshot

_AMISS: Final = frozenset({"Ready", "Pools", "Alerts"})
"""Conditions that are False only when somebody has to do something."""


def amiss_told(snapshot: DagSnapshot, patch: Mapping[str, Any]) -> tuple[Tell, ...]:
    """The Events of what the patch says is amiss and was not, or was amiss in other words."""
    dag = snapshot.dag
    before = {each.type: (each.status, each.reason, each.message) for each in dag.status.conditions}
    return tuple(
        Tell(Kind.DAG, dag.meta, f"Dag{each['reason']}", each["message"], warning=True)
        for each in patch.get("conditions", ())
        if each["type"] in _AMISS
        and each["status"] == "False"
        and before.get(each["type"]) != ("False", each["reason"], each["message"])
    )
