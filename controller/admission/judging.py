"""A Dag or a run as it was and as it is to be -> the verdict, by the same functions with which the controller judges.

What is stored already stays editable: a change that leaves the spec alone passes, however wrong the spec is.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from controller.admission.stamps import spec_of
from controller.admission.verdict import PASSED, Verdict
from controller.decide.params import ParamsFault, resolve_params
from controller.decide.readiness import judge_dag, readiness, told_faults
from controller.decide.validity.shape import shape_faults
from controller.model.dag import parse_dag
from controller.model.dagrun import DagRunSpec
from controller.model.metadata import parse_meta
from controller.model.policy import Policy

Raw = Mapping[str, Any]


def changes_dag(old: Raw | None, new: Raw) -> bool:
    """Whether there is something to judge: a new spec, and not that of a Dag on its way out."""
    return not _is_going(new) and (old is None or spec_of(old) != spec_of(new))


def judge_new_dag(new: Raw, policy: Policy, granted: frozenset[str]) -> Verdict:
    """The verdict on a Dag with a new spec, by somebody who may use these service accounts."""
    found = judge_dag(spec_of(new), policy, new["metadata"]["namespace"], granted)
    return Verdict(told_faults(found.faults)) if found.plan is None else PASSED


def changes_run(old: Raw | None, new: Raw) -> bool:
    """Whether there is something to judge of a run: all of a new one, else its params."""
    return not _is_going(new) and (old is None or _params(old) != _params(new))


def judge_run(old: Raw | None, new: Raw, dag: Raw | None, policy: Policy) -> Verdict:
    """The verdict on a run, by its Dag as it is now; a run may be there before its Dag, and then waits for it."""
    if (new.get("status") or {}).get("revision") and old is not None:
        return Verdict(warnings=("the run has its params already: changing them has no effect",))
    try:
        spec = DagRunSpec.model_validate(new.get("spec") or {}, by_alias=True, by_name=False)
    except ValidationError as error:
        return Verdict("; ".join(map(str, shape_faults(error))))
    name = spec.dag_ref.name
    if policy.closed_namespace == new["metadata"]["namespace"]:
        return Verdict(f"Dags in {policy.closed_namespace}, the controller's own namespace, are not run")
    if dag is None:
        return Verdict(warnings=(f"Dag {name} does not exist yet: the run waits for it",))
    found = readiness(parse_dag(parse_meta(dag["metadata"]), dag), policy)
    if found.plan is None:
        return Verdict(warnings=(f"Dag {name} is not valid, so the run waits: see its condition Ready",))
    try:
        resolve_params(found.plan.spec.params, spec.params)
    except ParamsFault as fault:
        return Verdict(f"spec.params: {fault}")
    return PASSED


def _params(raw: Raw) -> Any:
    return (raw.get("spec") or {}).get("params")


def _is_going(raw: Raw) -> bool:
    return bool(raw["metadata"].get("deletionTimestamp"))
