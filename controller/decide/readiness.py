"""A Dag and the settings of this Slipway -> its plan, or the reason and the faults for which it is not run.

In order: the namespace is one whose Dags are run, the spec is valid, and the Pod policy lets its Pods be. The same
judgement is made at admission, for the condition Ready, and before a run is adopted.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from controller.decide.pod import pod_frame
from controller.decide.pod_policy import POD_FORBIDDEN, accounts_named, pod_breaches, told_breaches
from controller.decide.validity import Fault, judge_spec
from controller.model.dag import Dag, canonical_json
from controller.model.plan import Plan, PlannedTask
from controller.model.pod_policy import unopened
from controller.model.policy import Policy

_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a Dag can be run."""

    plan: Plan | None
    """None where it can't be."""
    reason: str = "Valid"
    """A CamelCase word for programs."""
    faults: tuple[Fault, ...] = ()


def readiness(dag: Dag, policy: Policy) -> Readiness:
    """Whether the Dag can be run; what admission has found of its author counts where that is trusted."""
    granted = dag.meta.authorship.granted(dag.spec_json) if policy.trusts_authorship else frozenset[str]()
    return judge_dag(dag.spec_json, policy, dag.meta.namespace, granted)


@functools.lru_cache(maxsize=4096)
def judge_dag(spec_json: str, policy: Policy, namespace: str, granted: frozenset[str]) -> Readiness:
    """Whether a spec can be run in the namespace, by an author who may use the `granted` service accounts there."""
    if policy.closed_namespace == namespace:
        message = (
            f"Dags in {namespace}, the controller's own namespace, are not run: "
            "use another one, or the setting allowOwnNamespace"
        )
        return Readiness(None, "OwnNamespace", (Fault("metadata.namespace", message),))
    judgement = judge_spec(spec_json)
    if judgement.plan is None:
        return Readiness(None, "Invalid", judgement.faults)
    faults = tuple(_pod_faults(judgement.plan, policy, namespace, granted))
    return Readiness(None, POD_FORBIDDEN, faults) if faults else Readiness(judgement.plan)


def accounts_to_ask_for(spec_json: str, policy: Policy, namespace: str) -> tuple[str, ...]:
    """The service accounts that the Dag's Pods name and that not every Dag may name, sorted."""
    plan = judge_spec(spec_json).plan
    if plan is None or policy.pods is None:
        return ()
    named = (name for _, task in _kinds_of_pod(plan) for _, name in accounts_named(pod_frame(task, policy)))
    return unopened(policy.pods, namespace, (name for name in named if isinstance(name, str)))


def told_faults(faults: tuple[Fault, ...]) -> str:
    """The faults in one sentence, the first ten in words, as long as a condition's message may be."""
    shown = "; ".join(str(fault) for fault in faults[:_TOLD])
    more = f"; and {len(faults) - _TOLD} more faults" if len(faults) > _TOLD else ""
    return (shown + more)[:4096]


def _pod_faults(plan: Plan, policy: Policy, namespace: str, granted: frozenset[str]) -> Iterator[Fault]:
    if policy.pods is None:
        return
    for place, task in _kinds_of_pod(plan):
        breaches = pod_breaches(pod_frame(task, policy), policy.pods, namespace, granted)
        if breaches:
            yield Fault(f"spec.tasks[{place}]", f"the Pod of task {task.name}: {told_breaches(breaches)}")


def _kinds_of_pod(plan: Plan) -> Iterator[tuple[int, PlannedTask]]:
    """The first task of each kind of Pod, and its place: the others with the same settings can't differ."""
    seen = set[str]()
    for place, written in enumerate(plan.spec.tasks):
        task = plan.tasks[written.name]
        settings = task.settings
        kind = canonical_json([settings.pod, settings.service_account_name, settings.artifacts])
        if task.has_pod and kind not in seen:
            seen.add(kind)
            yield place, task
