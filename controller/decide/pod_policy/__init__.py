"""A Pod's spec, merged from all that can set it, and the Pod policy -> every breach, as a path and one sentence.

This is the one judge of Pods: at admission and in a Dag's condition of what is known before a run, and at the launch of
the manifest as it is about to be sent. It judges the result, never the fields that users write: what is not allowed
here can't be set by any of them.

    fields.py       fields that are not known are refused, so that new ones of Kubernetes are, too
    baseline.py     what the baseline Pod Security Standard forbids
    restricted.py   what the restricted one asks for besides
    names.py        service accounts, priority classes and runtime classes
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from controller.decide.pod_policy.baseline import baseline_breaches
from controller.decide.pod_policy.breach import Breach
from controller.decide.pod_policy.fields import field_breaches
from controller.decide.pod_policy.names import account_breaches, accounts_named, class_breaches
from controller.decide.pod_policy.restricted import restricted_breaches
from controller.model.pod_policy import Level, PodPolicy

__all__ = ["POD_FORBIDDEN", "Breach", "accounts_named", "pod_breaches", "told_breaches"]

POD_FORBIDDEN: Final = "PodForbidden"
"""The reason that users read where the Pod policy stands in the way."""
_TOLD: Final = 5


def pod_breaches(spec: Any, policy: PodPolicy, namespace: str, granted: Collection[str] = ()) -> tuple[Breach, ...]:
    """Every breach; `granted` are the accounts of the namespace that the Dag's author may use."""
    if not isinstance(spec, Mapping):
        return (Breach("spec", "is not an object"),)
    return tuple(_breaches(spec, policy, namespace, granted))


def told_breaches(breaches: tuple[Breach, ...]) -> str:
    """The breaches as one sentence, the first five in words; empty where there are none."""
    more = f"; and {len(breaches) - _TOLD} more" if len(breaches) > _TOLD else ""
    return "; ".join(map(str, breaches[:_TOLD])) + more


def _breaches(spec: Mapping[str, Any], policy: PodPolicy, namespace: str, granted: Collection[str]) -> Iterator[Breach]:
    if policy.level is not Level.PRIVILEGED:
        yield from field_breaches(spec, policy)
        yield from baseline_breaches(spec, policy)
    if policy.level is Level.RESTRICTED:
        yield from restricted_breaches(spec, policy)
    yield from class_breaches(spec, policy)
    yield from account_breaches(spec, policy, namespace, granted)
