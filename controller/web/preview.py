"""A request to clear or mark, the run's object and its rows -> what it would touch, by the controller's own rule.

The object gives what only it knows: into how many elements a mapping has expanded, and what is settled. The rows give
the states, so that no TaskRun is listed.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from controller.decide.request.reach import Facts, RequestFault, Touched, touched_by
from controller.decide.validity import judge_spec
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import parse_meta
from controller.model.request import Request
from controller.model.states import TaskState
from controller.web.problems import Changed, Invalid


def readable_run(raw: dict[str, Any]) -> DagRun:
    """The object; Changed for one that the API server let a fault through in."""
    try:
        return parse_dag_run(parse_meta(raw["metadata"]), raw)
    except (ValidationError, ValueError, KeyError) as error:
        raise Changed("The run's object can't be read: look at it with kubectl") from error


def touched(run: DagRun, spec_json: str | None, states: Mapping[str, TaskState], request: Request) -> Touched:
    """What the request would touch; Invalid where it makes no sense."""
    if request.mark is not None and not request.mark.tasks:
        return Touched(state=TaskState.SUCCESS if request.mark.state.value == "success" else TaskState.FAILED)
    judgement = judge_spec(spec_json) if spec_json is not None else None
    if judgement is None or judgement.plan is None:
        raise Changed("The run has not begun, or its revision is not kept", way_on="Trigger a new run instead")
    known = {each: state for each, state in states.items() if each.partition("[")[0] in judgement.plan.tasks}
    settled = run.status.settled.by_instance()
    is_cancelled = run.spec.cancel is not None and request.clear is None
    facts = Facts(judgement.plan, run.status, {**known, **settled}, task_runs={}, is_cancelled=is_cancelled)
    try:
        return touched_by(facts, request)
    except RequestFault as fault:
        raise Invalid(str(fault), pointer="/tasks") from fault


def token_of(found: Touched) -> str:
    """A text that is equal for equal outcomes."""
    told = json.dumps([found.cleared, found.marked, found.state])
    return hashlib.sha256(told.encode()).hexdigest()[:32]
