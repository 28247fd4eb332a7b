"""What the restricted Pod Security Standard asks for beyond baseline.

A container's own setting counts before the Pod's; what is asked for must be said by one of them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from controller.decide.pod_policy.breach import Breach, containers_in, object_in, shown
from controller.model.pod_policy import PodPolicy, Rule

_Spec = Mapping[str, Any]


def restricted_breaches(spec: _Spec, policy: PodPolicy) -> Iterator[Breach]:
    """Every breach of the rules that hold."""
    for rule, judge in _JUDGES.items():
        if policy.holds(rule):
            for path, container in containers_in(spec):
                context = object_in(container, "securityContext")
                yield from judge(f"{path}.securityContext", context, object_in(spec, "securityContext"))


def _escalation(path: str, context: _Spec, _: _Spec) -> Iterator[Breach]:
    if context.get("allowPrivilegeEscalation") is not False:
        yield Breach(f"{path}.allowPrivilegeEscalation", "must be false by the Pod policy")


def _root(path: str, context: _Spec, pods: _Spec) -> Iterator[Breach]:
    if _chosen("runAsNonRoot", context, pods) is not True:
        yield Breach(f"{path}.runAsNonRoot", "must be true by the Pod policy")
    if _chosen("runAsUser", context, pods) == 0:
        yield Breach(f"{path}.runAsUser", "must not be 0 by the Pod policy")


def _seccomp(path: str, context: _Spec, pods: _Spec) -> Iterator[Breach]:
    if object_in(context, "seccompProfile").get("type", object_in(pods, "seccompProfile").get("type")) is None:
        yield Breach(f"{path}.seccompProfile.type", "must be RuntimeDefault or Localhost by the Pod policy")


def _capabilities(path: str, context: _Spec, _: _Spec) -> Iterator[Breach]:
    capabilities = object_in(context, "capabilities")
    dropped = capabilities.get("drop")
    if not isinstance(dropped, list) or "ALL" not in dropped:
        yield Breach(f"{path}.capabilities.drop", "must have ALL by the Pod policy")
    added = capabilities.get("add") or []
    for capability in added if isinstance(added, list) else [added]:
        if capability != "NET_BIND_SERVICE":
            yield Breach(f"{path}.capabilities.add", f"{shown(capability)} is not allowed by the Pod policy")


def _chosen(field: str, context: _Spec, pods: _Spec) -> Any:
    value = context.get(field)
    return pods.get(field) if value is None else value


_JUDGES: Final[Mapping[Rule, Callable[[str, _Spec, _Spec], Iterator[Breach]]]] = {
    Rule.PRIVILEGE_ESCALATION: _escalation,
    Rule.RUN_AS_ROOT: _root,
    Rule.SECCOMP: _seccomp,
    Rule.CAPABILITIES: _capabilities,
}
