"""What the operator of this Slipway lets tasks' Pods be.

Level and rules follow the Pod Security Standards; `decide/pod_policy` judges by them.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from controller.model.schema import Written

ANY: Final = "*"
DEFAULT_ACCOUNT: Final = "default"
"""The account of a Pod that names none."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=317)]


class Level(StrEnum):
    """The Pod Security Standards, from the weakest to the strictest."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


class Rule(StrEnum):
    """What can be allowed by name."""

    HOST_NETWORK = "hostNetwork"
    HOST_PID = "hostPID"
    HOST_IPC = "hostIPC"
    HOST_PORTS = "hostPorts"
    HOST_PROBES = "hostProbes"
    HOST_PROCESS = "hostProcess"
    PRIVILEGED = "privileged"
    CAPABILITIES = "capabilities"
    PROC_MOUNT = "procMount"
    SECCOMP = "seccomp"
    APP_ARMOR = "appArmor"
    SE_LINUX = "seLinux"
    SYSCTLS = "sysctls"
    NODE_NAME = "nodeName"
    UNKNOWN_FIELDS = "unknownFields"
    PRIVILEGE_ESCALATION = "privilegeEscalation"
    RUN_AS_ROOT = "runAsRoot"


class PodPolicy(Written):
    """What tasks' Pods may be, whatever their Dags ask for."""

    level: Level = Level.BASELINE
    """privileged, baseline or restricted."""
    allow: Annotated[tuple[Rule, ...], Field(max_length=50)] = ()
    """Rules of the level that do not hold here."""
    service_accounts: Annotated[tuple[_Name, ...], Field(max_length=1000)] = ()
    """Accounts that every Dag may name besides `default`: NAME, NAMESPACE/NAME, or `*` for all."""
    volumes: Annotated[tuple[_Name, ...], Field(max_length=50)] = ()
    """Types of volumes besides the usual ones, such as csi."""
    priority_classes: Annotated[tuple[_Name, ...], Field(max_length=1000)] | None = None
    """The priority classes that tasks may name; None = all but those of the system."""
    runtime_classes: Annotated[tuple[_Name, ...], Field(max_length=1000)] | None = None
    """The runtime classes that tasks may name; None = all."""

    def holds(self, rule: Rule) -> bool:
        """Whether Pods are judged by this rule."""
        return self.level is not Level.PRIVILEGED and rule not in self.allow

    def opens(self, namespace: str, account: str) -> bool:
        """Whether every Dag of the namespace may name the account."""
        return account == DEFAULT_ACCOUNT or bool({ANY, account, f"{namespace}/{account}"} & {*self.service_accounts})


def unopened(policy: PodPolicy, namespace: str, accounts: Iterable[str]) -> tuple[str, ...]:
    """Those of the accounts that need their author's own right, sorted."""
    return tuple(sorted(account for account in set(accounts) if not policy.opens(namespace, account)))
