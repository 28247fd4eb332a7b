"""What a test says happens -> a world in which it does, and what became of it in words to compare."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic.alias_generators import to_camel

from controller.model.action import Kind
from controller.model.instance import task_and_index
from controller.model.kinds import AT_ONCE, IN_TIME
from controller.model.metadata import Key
from controller.model.names import API_VERSION
from controller.model.policy import Policy
from controller.model.timestamps import parse_time
from controller.simulate.clock import VirtualClock
from controller.simulate.cluster import Raw
from controller.simulate.kubelet import Work
from controller.simulate.world import World
from tests.scenarios.drawing import depends_on
from tests.scenarios.witness import Witness, task_states

SPACE = "team"
PODLESS = frozenset(to_camel(kind) for kind in (*AT_ONCE, *IN_TIME))
Works = Mapping[str, Work | Sequence[Work]]


def succeeds(seconds: float = 1, output: str = "") -> Work:
    """A Pod that ends well."""
    return Work(seconds=seconds, output=output)


def fails(exit_code: int = 1, seconds: float = 1) -> Work:
    """A Pod whose container ends with this exit code."""
    return Work(seconds=seconds, exit_code=exit_code)


def at(text: str) -> datetime:
    """`2026-03-29 01:30` in UTC, the time of day optional."""
    day, _, clock = text.partition(" ")
    return parse_time(f"{day}T{clock or '00:00'}:00Z")


class Story:
    """One cluster and one controller, and a witness who sees that nothing is ever broken."""

    def __init__(self, works: Works | None = None, *, parallelism: int = 32, start: str = "2026-01-01") -> None:
        self.works = dict(works or {})
        policy = Policy(default_task_image="image", parallelism=parallelism)
        self.world = World(self._work, policy, VirtualClock(at(start)))
        self.cluster = self.world.cluster
        self.witness = Witness(self.cluster, policy)

    # ---- what people do -------------------------------------------------------------------------------------------

    def dag(self, drawing: str, name: str = "d", tasks: Mapping[str, Any] | None = None, **spec: Any) -> None:
        """Apply a Dag; `tasks` has the fields that single tasks have on top, and their kind if that is no script."""
        more = tasks or {}
        nodes = [
            {"name": task, **({} if PODLESS & more.get(task, {}).keys() else {"script": "true"})}
            | ({"dependsOn": befores} if befores else {})
            | more.get(task, {})
            for task, befores in depends_on(drawing).items()
        ]
        self.apply(Kind.DAG, name, {**spec, "tasks": nodes})

    def trigger(self, name: str = "r", dag: str = "d", **spec: Any) -> None:
        """Create a run by hand."""
        self.apply(Kind.DAG_RUN, name, {"dagRef": {"name": dag}, **spec})

    def apply(self, kind: Kind, name: str, spec: Mapping[str, Any]) -> Raw:
        """Create the object, or replace its spec."""
        if self.cluster.find(kind, Key(SPACE, name)) is None:
            metadata = {"name": name, "namespace": SPACE}
            written = {"apiVersion": API_VERSION, "kind": kind.value, "metadata": metadata, "spec": dict(spec)}
            return self.cluster.create(kind, written)
        return self.cluster.patch_json(kind, Key(SPACE, name), [{"op": "replace", "path": "/spec", "value": spec}])

    def edit(self, kind: Kind, name: str, **spec: Any) -> None:
        """Change fields of the spec; None removes one."""
        self.cluster.merge(kind, Key(SPACE, name), {"spec": spec})

    def delete(self, kind: Kind, name: str, grace_seconds: int | None = None) -> None:
        """`kubectl delete`."""
        self.cluster.delete(kind, Key(SPACE, name), grace_seconds=grace_seconds)

    # ---- what happens ---------------------------------------------------------------------------------------------

    async def run(self, seconds: float | None = None) -> None:
        """Let time pass until nothing moves, or for so long."""
        until = None if seconds is None else self.world.clock.now + timedelta(seconds=seconds)
        await self.world.run(until)
        assert self.witness.broken == []

    def _work(self, instance: str, attempt: int) -> Work:
        task, _ = task_and_index(instance)
        told = self.works.get(instance) or self.works.get(task, Work())
        return told if isinstance(told, Work) else told[min(attempt, len(told)) - 1]

    # ---- what became of it ----------------------------------------------------------------------------------------

    def get(self, kind: Kind, name: str) -> Raw:
        """The object."""
        return self.cluster.get(kind, Key(SPACE, name))

    def names(self, kind: Kind) -> list[str]:
        """The names of all objects of the kind."""
        return [raw["metadata"]["name"] for raw in self.cluster.all_of(kind)]

    def status(self, task: str, run: str = "r") -> Raw:
        """A TaskRun's status."""
        return dict(self.get(Kind.TASK_RUN, f"{run}-{task}")["status"])

    def task_run(self, task: str, run: str = "r") -> Raw:
        """A TaskRun; `m-3` for `m[3]`."""
        return self.get(Kind.TASK_RUN, f"{run}-{task}")

    def run_status(self, run: str = "r") -> Raw:
        """A run's status."""
        return dict(self.get(Kind.DAG_RUN, run)["status"])

    def states(self, run: str = "r") -> dict[str, str]:
        """The run's state as `run`, and that of each task that has one."""
        raw = self.get(Kind.DAG_RUN, run)
        states = {task: state.value for task, state in task_states(self.cluster, raw).items()}
        return {"run": raw["status"]["state"], **dict(sorted(states.items()))}

    def failures(self, task: str, run: str = "r") -> tuple[int, int, int]:
        """The failed attempts of a task: by its own fault, by the infrastructure's, and those that never started."""
        spent = self.status(task, run).get("failures") or {}
        return spent.get("application", 0), spent.get("infrastructure", 0), spent.get("launch", 0)

    def took(self, run: str = "r") -> float:
        """Seconds from the start of the run to its end."""
        status = self.run_status(run)
        return (parse_time(status["finishedAt"]) - parse_time(status["startedAt"])).total_seconds()

    @property
    def pods(self) -> list[str]:
        """All Pods that ever were, in the order of their creation."""
        return self.witness.pods

    def told(self) -> list[tuple[str, str]]:
        """The Kubernetes Events: about what, and the reason."""
        return [(event["involvedObject"]["name"], event["reason"]) for event in self.cluster.events.values()]
