"""A spec -> the sentences that its user reads."""

from typing import Any, Final

from controller.decide.validity import judge_spec
from controller.model.dag import canonical_json

TASK: Final[dict[str, Any]] = {"name": "a", "command": ["true"]}


def faults(spec: Any) -> list[str]:
    """What is said of a spec."""
    judgement = judge_spec(canonical_json(spec))
    assert (judgement.plan is None) is bool(judgement.faults)
    return [str(fault) for fault in judgement.faults]


def task(**fields: Any) -> dict[str, Any]:
    """A spec of one task with these fields."""
    return {"tasks": [{**TASK, **fields}]}
