"""What a doctor has read: objects as the API server sends them, or why they could not be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from controller.model.dag import Dag
from controller.model.dagrun import DagRun
from controller.model.pod import Pod
from controller.model.taskrun import TaskRun

Raw = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that could not be read."""

    why: str
    """In a sentence."""
    is_forbidden: bool = False
    """Whether the caller lacks the right; else it is not there, or nobody answers."""


@dataclass(frozen=True, slots=True)
class Controller:
    """One Deployment with a container `controller`."""

    deployment: Raw
    pods: Sequence[Raw] | Missing = ()
    counts: Mapping[str, Raw | Missing] = field(default_factory=dict)
    """/counts by Pod."""
    metrics: Mapping[str, Mapping[tuple[str, str], float] | Missing] = field(default_factory=dict)
    """/metrics by Pod: samples by their name and their first label's value."""
    lease: Raw | Missing | None = None
    """None where none is used."""

    @property
    def name(self) -> str:
        """`NAMESPACE/NAME`."""
        return f"{self.namespace}/{self.deployment['metadata']['name']}"

    @property
    def namespace(self) -> str:
        """Where it is."""
        return str(self.deployment["metadata"]["namespace"])

    @property
    def settings(self) -> Mapping[str, str]:
        """The variables SLIPWAY_* of the container that have a value of their own."""
        return {each["name"]: each["value"] for each in self.container.get("env") or () if "value" in each}

    @property
    def container(self) -> Raw:
        """The container `controller`."""
        containers = self.deployment["spec"]["template"]["spec"]["containers"]
        return next((each for each in containers if each["name"] == "controller"), {})

    def samples(self, name: str) -> dict[str, float]:
        """A metric of all replicas by its first label's value: the largest of each."""
        found: dict[str, float] = {}
        for samples in self.metrics.values():
            if not isinstance(samples, Missing):
                for (metric, label), value in samples.items():
                    if metric == name:
                        found[label] = max(value, found.get(label, value))
        return found


@dataclass(frozen=True, slots=True)
class Work:
    """The objects of users, parsed; those that can't be read are left out, as the controller leaves them out."""

    dags: Sequence[Dag] | Missing
    runs: Sequence[DagRun] | Missing
    task_runs: Sequence[TaskRun] | Missing
    pods: Sequence[Pod] | Missing
    raw_pods: Sequence[Raw] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checks judge."""

    now: datetime
    """The caller's clock, when the API server answered first."""
    server_time: datetime | None
    """The API server's clock then."""
    version: Raw
    crds: Mapping[str, Raw | Missing]
    """The resource definitions by name."""
    kinds: frozenset[str] | Missing
    """The plurals that the API server serves for our group."""
    rights: Mapping[str, bool | Missing]
    """Whether the caller may, by words such as `create dagruns`."""
    controllers: Sequence[Controller] | Missing
    webhooks: Sequence[Raw] | Missing
    """The webhook configurations that are ours, of both kinds."""
    webhook_is_called: bool | Missing | None
    """Whether the API server reaches the webhook; None where there is nothing to ask."""
    work: Work
    patience: timedelta


def present(parts: Iterable[T | Missing]) -> Iterator[T]:
    """Those that could be read."""
    return (part for part in parts if not isinstance(part, Missing))


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def span_told(span: timedelta) -> str:
    """`3d`, `5h`, `12m` or `40s`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size or (seconds >= size and unit != "d"):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
