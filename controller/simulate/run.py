"""A Dag's spec and how each task's attempts end -> how a run of it ends, and the timeline of its tasks.

What only a Pod would read is left out: no Pod runs, so templates, environment and params have nothing to say. Nor has
the schedule: there is just this one run. Pools that the Dag names exist, without limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from controller.decide.gate import refusal
from controller.model.action import Kind
from controller.model.dag import DagSpec
from controller.model.metadata import Key
from controller.model.names import API_VERSION, LABEL_TASK, LABEL_TRY, fit
from controller.model.plan import Plan
from controller.model.policy import Policy
from controller.model.pool import DEFAULT_POOL
from controller.model.states import RUN_FINAL, RunState, TaskState
from controller.simulate.clock import EPOCH
from controller.simulate.cluster import Raw
from controller.simulate.kubelet import Work
from controller.simulate.world import World

EXIT_CODES: Final = {"success": 0, "failed": 1, "skipped": 99}
"""What container `main` ends with for each outcome."""
NAMESPACE: Final = "default"

_NEVER: Final = timedelta(days=100_000)
_POD_FIELDS: Final = frozenset({"args", "env", "envFrom"})


@dataclass(frozen=True, slots=True)
class Script:
    """What a task's attempts do."""

    outcomes: tuple[str, ...] = ("success",)
    """One of EXIT_CODES for each attempt; the last holds for all that follow."""
    seconds: float = 1.0
    """How long each attempt lasts."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One change of one task's state."""

    at: float
    """Seconds since the run was created."""
    task: str
    attempt: int
    """From 1; 0 for a task that ended without one."""
    state: TaskState


@dataclass(frozen=True, slots=True)
class Simulated:
    """How a run went."""

    state: RunState
    tasks: Mapping[str, TaskState]
    timeline: tuple[Moment, ...]


class NeverEnds(Exception):
    """The run waits for something that will not come; the text says what for."""


async def simulate_run(dag: str, plan: Plan, scripts: Mapping[str, Script]) -> Simulated:
    """One manual run of the Dag; NeverEnds where a limit lets a task wait for ever."""

    def work(task: str, attempt: int) -> Work:
        script = scripts.get(task, Script())
        outcome = script.outcomes[min(attempt, len(script.outcomes)) - 1]
        return Work(seconds=script.seconds, exit_code=EXIT_CODES[outcome])

    # Nobody watches, so no status is written just to tell how things go.
    policy = Policy("image", tell_after=_NEVER, tell_again_after=_NEVER, progress_every=_NEVER)
    world = World(work, policy)
    recorder = Recorder(world, plan)
    run = Key(NAMESPACE, fit(f"{dag}-simulated"))
    for manifest in (*_pools(plan.spec), _dag(dag, plan.spec), _run(dag, run.name)):
        world.cluster.create(Kind(manifest["kind"]), manifest)
    await world.run(done=lambda: recorder.run_state in RUN_FINAL, until=EPOCH + _NEVER / 2)
    if recorder.run_state not in RUN_FINAL:
        raise NeverEnds(_obstacle(world))
    tasks = {task.name: recorder.states[task.name] for task in plan.spec.tasks}
    return Simulated(recorder.run_state, tasks, tuple(recorder.timeline))


class Recorder:
    """Reads the states of one run's tasks from what its cluster tells."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._rank = plan.graph.rank
        self._clock = world.clock
        self._started: set[str] = set()
        self.timeline: list[Moment] = []
        self.states: dict[str, TaskState] = {}
        self.run_state = RunState.QUEUED
        world.cluster.watchers.append(self._see)

    def _see(self, kind: Kind, type_: str, raw: Raw) -> None:
        if kind is Kind.POD:
            self._see_pod(raw)
        elif kind is Kind.TASK_RUN:
            status = raw["status"]
            self._note(raw["spec"]["task"], status.get("try", 0), TaskState(status["state"]))
        elif kind is Kind.DAG_RUN:
            self.run_state = RunState(raw["status"]["state"])
            self._see_settled(raw["status"].get("settled") or {})

    def _see_settled(self, settled: Raw) -> None:
        """Tasks that ended without a TaskRun, noted in topological order."""
        states = {task: state for field, state in _SETTLED.items() for task in settled.get(field, ())}
        for task in sorted(states.keys() - self.states.keys(), key=self._rank.__getitem__):
            self._note(task, 0, states[task])

    def _see_pod(self, raw: Raw) -> None:
        """A running Pod is a running task, before any status says so."""
        metadata = raw["metadata"]
        if raw["status"].get("phase") == "Running" and metadata["uid"] not in self._started:
            self._started.add(metadata["uid"])
            self._note(metadata["labels"][LABEL_TASK], int(metadata["labels"][LABEL_TRY]), TaskState.RUNNING)

    def _note(self, task: str, attempt: int, state: TaskState) -> None:
        if state is self.states.get(task, TaskState.SCHEDULED):
            return
        self.states[task] = state
        seconds = (self._clock.now - EPOCH).total_seconds()
        self.timeline.append(Moment(seconds, task, attempt, state))


_SETTLED: Final = {
    "success": TaskState.SUCCESS,
    "skipped": TaskState.SKIPPED,
    "upstreamFailed": TaskState.UPSTREAM_FAILED,
}


def _dag(name: str, spec: DagSpec) -> Raw:
    written = spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for field in ("schedule", "params"):
        written.pop(field, None)
    for settings in (written.get("defaults", {}), *written["tasks"]):
        for field in _POD_FIELDS & settings.keys():
            del settings[field]
    return _manifest(Kind.DAG, name, written)


def _run(dag: str, name: str) -> Raw:
    return _manifest(Kind.DAG_RUN, name, {"dagRef": {"name": dag}})


def _pools(spec: DagSpec) -> list[Raw]:
    named = {settings.pool for settings in (spec.defaults, *spec.tasks) if settings.pool is not None}
    return [_manifest(Kind.POOL, pool, {"slots": -1}) for pool in sorted(named - {DEFAULT_POOL})]


def _manifest(kind: Kind, name: str, spec: dict[str, Any]) -> Raw:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": API_VERSION, "kind": kind.value, "metadata": metadata, "spec": spec}


def _obstacle(world: World) -> str:
    """What the first task in the way waits for."""
    controller, now = world.controller, world.clock.now
    for key in controller.store.tables.task_runs:
        snapshot = controller.snapshots.of_task(key)
        if snapshot is None or snapshot.candidate is None:
            continue
        waiting = refusal(snapshot.candidate, snapshot.use, now)
        if waiting is not None:
            return f"task {snapshot.task_run.spec.task} never starts: {waiting.message}"
    return "nothing is left to happen, and the run has not ended"
