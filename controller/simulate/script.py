"""A Dag and what its tasks' attempts do -> what is put into the cluster in memory, and what becomes of it there.

What only a Pod would read is left out: no Pod runs, so command-line arguments and environment have nothing to say.
An output of `{"$artifact": [...]}` is a list in the artifact store, under a key that the simulation makes.
Pools that the Dag names and nobody describes exist, without limit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from controller.model.action import Kind
from controller.model.artifacts import Reading
from controller.model.dag import DagSpec
from controller.model.instance import task_and_index
from controller.model.names import API_VERSION, fit
from controller.model.outside import Foretold
from controller.model.plan import Plan, PlannedTask
from controller.model.pool import DEFAULT_POOL
from controller.model.states import TaskState
from controller.model.timestamps import format_time
from controller.simulate.clock import EPOCH
from controller.simulate.cluster import Raw
from controller.simulate.kubelet import Work

EXIT_CODES: Final = {"success": 0, "failed": 1, "skipped": 99}
"""What container `main` ends with for each outcome, unless the task's skipExitCodes say else."""
NAMESPACE: Final = "default"
_ARTIFACT: Final = "$artifact"

_STATES: Final = {"success": TaskState.SUCCESS, "failed": TaskState.FAILED, "skipped": TaskState.SKIPPED}
_POD_FIELDS: Final = frozenset({"args", "env", "envFrom"})


@dataclass(frozen=True, slots=True)
class Script:
    """What a task's attempts do."""

    outcomes: tuple[str, ...] = ("success",)
    """One of EXIT_CODES for each attempt; the last holds for all that follow."""
    seconds: float = 1.0
    """How long each attempt lasts."""
    output: Any = None
    """What a successful attempt gives; None = nothing. A list under `$artifact` is put into the artifact store."""

    def outcome(self, attempt: int) -> str:
        """How the attempt ends; they count from 1."""
        return self.outcomes[min(attempt, len(self.outcomes)) - 1]


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that a simulation begins with."""

    dag: str
    """The Dag's name."""
    plan: Plan
    scripts: Mapping[str, Script] = field(default_factory=dict)
    """By instance, such as `load[3]`, else by task; for others an attempt succeeds in a second."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Values for params; the others keep their defaults."""
    pools: Mapping[str, int] = field(default_factory=dict)
    """Slots of the pools that have a limit."""
    begins_at: datetime = EPOCH
    logical_date: datetime | None = None
    """What a single run is about."""

    def script(self, instance: str) -> Script:
        """What the attempts of the instance do."""
        task, _ = task_and_index(instance)
        return self.scripts.get(instance) or self.scripts.get(task) or Script()

    def work(self, instance: str, attempt: int) -> Work:
        """What an attempt's Pod does."""
        script, (task, _) = self.script(instance), task_and_index(instance)
        outcome = script.outcome(attempt)
        gives = outcome == "success" and script.output is not None
        output = _json(_handed_on(task, script.output)) if gives else ""
        return Work(seconds=script.seconds, exit_code=_exit_code(self.plan.tasks[task], outcome), output=output)

    def foretell(self, instance: str, attempt: int) -> Foretold:
        """How an attempt without a Pod ends."""
        script, (task, _) = self.script(instance), task_and_index(instance)
        outcome = script.outcome(attempt)
        output = _handed_on(task, script.output) if outcome == "success" else None
        return Foretold(_STATES[outcome], timedelta(seconds=script.seconds), output)

    def artifact(self, key: str) -> Reading:
        """The list that a task has put into the artifact store."""
        for name, script in self.scripts.items():
            items = _stored(script.output)
            if items is not None and _artifact_key(task_and_index(name)[0]) == key:
                lengths = [len(_json(item)) for item in items]
                return Reading(items=tuple(items), chars=sum(lengths), longest=max(lengths, default=0))
        return Reading(fault="does not exist")

    def dag_manifest(self, *, scheduled: bool) -> Raw:
        """The Dag, which knows the params' values."""
        written = self.plan.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
        if not scheduled:
            written.pop("schedule", None)
        params = {name: self._schema(name) for name in self.plan.spec.params}
        groups = [group.get("defaults", {}) for group in written.get("groups", ())]
        for settings in (written.get("defaults", {}), *groups, *written["tasks"]):
            for unused in _POD_FIELDS & settings.keys():
                del settings[unused]
        return _manifest(Kind.DAG, self.dag, written | ({"params": params} if params else {}))

    def _schema(self, name: str) -> Mapping[str, Any]:
        """The param's schema with its value as default; anything goes, and empty text, where there is no value."""
        schema = self.plan.spec.params[name]
        if name in self.params:
            return {**schema, "default": self.params[name]}
        return schema if "default" in schema else {"default": ""}

    def run_manifest(self) -> Raw:
        """A run by hand."""
        spec: dict[str, Any] = {"dagRef": {"name": self.dag}}
        if self.logical_date is not None:
            spec["logicalDate"] = format_time(self.logical_date)
        return _manifest(Kind.DAG_RUN, fit(f"{self.dag}-simulated"), spec)

    def pool_manifests(self) -> list[Raw]:
        """The pools."""
        slots = {name: -1 for name in _pools_named(self.plan.spec) - {DEFAULT_POOL}} | dict(self.pools)
        return [_manifest(Kind.POOL, name, {"slots": number}) for name, number in sorted(slots.items())]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _handed_on(task: str, output: Any) -> Any:
    """The output as the tasks downstream read it."""
    return output if _stored(output) is None else {_ARTIFACT: _artifact_key(task)}


def _stored(output: Any) -> list[Any] | None:
    """The list that goes into the artifact store."""
    items = output.get(_ARTIFACT) if isinstance(output, dict) and len(output) == 1 else None
    return items if isinstance(items, list) else None


def _artifact_key(task: str) -> str:
    return f"{NAMESPACE}/{task}/artifact.json"


def _exit_code(task: PlannedTask, outcome: str) -> int:
    """A code that ends this very task so."""
    skips, usual = task.settings.skip_exit_codes or (), EXIT_CODES[outcome]
    if outcome == "skipped":
        return usual if usual in skips or not skips else skips[0]
    return usual if usual not in skips or not usual else next(code for code in range(1, 258) if code not in skips)


def _pools_named(spec: DagSpec) -> set[str]:
    settings = (spec.defaults, *(group.defaults for group in spec.groups), *spec.tasks)
    return {each.pool for each in settings if each.pool is not None}


def _manifest(kind: Kind, name: str, spec: Mapping[str, Any]) -> Raw:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": API_VERSION, "kind": kind.value, "metadata": metadata, "spec": dict(spec)}
