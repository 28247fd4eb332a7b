"""The service account, priority class and runtime class of a Pod: names of other objects, and so of their powers."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from controller.decide.pod_policy.breach import Breach, shown
from controller.model.pod_policy import Level, PodPolicy

_ACCOUNT_FIELDS: Final = ("serviceAccountName", "serviceAccount")
"""The second is the old name of the first, and Kubernetes still reads it."""
_SYSTEM: Final = "system-"


def accounts_named(spec: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a Pod's spec that name an account, and what they say."""
    for field in _ACCOUNT_FIELDS:
        name = spec.get(field) if isinstance(spec, Mapping) else None
        if name not in (None, ""):
            yield field, name


def account_breaches(
    spec: Mapping[str, Any], policy: PodPolicy, namespace: str, granted: Collection[str]
) -> Iterator[Breach]:
    """The accounts that neither every Dag nor this one's author may use."""
    for field, name in accounts_named(spec):
        if not isinstance(name, str) or not (policy.opens(namespace, name) or name in granted):
            message = (
                f"{shown(name)} needs the Dag's author to have the right `use` on that service account, "
                "or to be listed in podPolicy.serviceAccounts"
            )
            yield Breach(f"spec.{field}", message)


def class_breaches(spec: Mapping[str, Any], policy: PodPolicy) -> Iterator[Breach]:
    """Classes that are not listed, where there is a list; those of the system are for nobody else."""
    chosen = {"priorityClassName": policy.priority_classes, "runtimeClassName": policy.runtime_classes}
    for field, listed in chosen.items():
        name = spec.get(field)
        if name in (None, ""):
            continue
        is_systems = field == "priorityClassName" and str(name).startswith(_SYSTEM)
        if name not in listed if listed is not None else is_systems and policy.level is not Level.PRIVILEGED:
            yield Breach(f"spec.{field}", f"{shown(name)} is not allowed by the Pod policy")
