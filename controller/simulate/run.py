"""A setting -> how one run made by hand goes, or all runs that the schedule makes in a span of time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from controller.decide.gate import refusal
from controller.model.action import Kind
from controller.model.alerts import Target
from controller.model.metadata import Key
from controller.model.policy import Policy
from controller.model.states import RUN_FINAL
from controller.simulate.clock import VirtualClock
from controller.simulate.outside import ForetellingSnapshots
from controller.simulate.recorder import Course, Recorder
from controller.simulate.script import NAMESPACE, Setting
from controller.simulate.world import World

_NEVER: Final = timedelta(days=100_000)


class NeverEnds(Exception):
    """A run waits for something that will not come; the text says what for."""


async def simulate_run(setting: Setting) -> Course:
    """One manual run of the Dag; NeverEnds where a limit lets a task wait for ever."""
    world, recorder = _stage(setting, scheduled=False)
    run = setting.run_manifest()
    world.cluster.create(Kind.DAG_RUN, run)
    course = recorder.courses[run["metadata"]["name"]]
    await _until_ended(world, recorder)
    if course.state not in RUN_FINAL:
        raise NeverEnds(_obstacle(world))
    return course


@dataclass(frozen=True, slots=True)
class Span:
    """How the runs of a span of time went."""

    courses: tuple[Course, ...]
    """In the order of their creation."""
    obstacle: str = ""
    """What runs that never end wait for; empty where all have ended."""


async def simulate_span(setting: Setting, until: datetime) -> Span:
    """The runs that the schedule makes from the Dag's creation at `setting.begins_at` to `until`, each to its end."""
    world, recorder = _stage(setting, scheduled=True)
    await world.run(until=until)
    # Runs keep the revision that they began with, so this only keeps the schedule from making more of them.
    world.cluster.merge(Kind.DAG, Key(NAMESPACE, setting.dag), {"spec": {"schedule": None}})
    await _until_ended(world, recorder)
    ended = all(course.state in RUN_FINAL for course in recorder.courses.values())
    return Span(tuple(recorder.courses.values()), "" if ended else _obstacle(world))


def _stage(setting: Setting, *, scheduled: bool) -> tuple[World, Recorder]:
    """The Dag and its pools in a world in which nobody watches: no status is written just to tell how things go."""
    policy = Policy("image", tell_after=_NEVER, tell_again_after=_NEVER, progress_every=_NEVER)
    world = World(setting.work, policy, VirtualClock(setting.begins_at))
    world.take = lambda store, since: ForetellingSnapshots(store, policy, since, setting.foretell)
    world.elsewhere.artifact = setting.artifact
    names = {name for alert in setting.plan.spec.alerts or () for name in alert.targets}
    world.elsewhere.targets = {name: Target(name) for name in names}
    world.restart()
    recorder = Recorder(world, setting.plan)
    for pool in setting.pool_manifests():
        world.cluster.create(Kind.POOL, pool)
    world.cluster.create(Kind.DAG, setting.dag_manifest(scheduled=scheduled))
    return world, recorder


async def _until_ended(world: World, recorder: Recorder) -> None:
    await world.run(done=_all_ended(recorder), until=world.clock.now + _NEVER / 2)


def _all_ended(recorder: Recorder) -> Callable[[], bool]:
    return lambda: all(course.state in RUN_FINAL for course in recorder.courses.values())


def _obstacle(world: World) -> str:
    """What the first task in the way waits for."""
    controller, now = world.controller, world.clock.now
    for key in controller.store.tables.task_runs:
        snapshot = controller.snapshots.of_task(key)
        if snapshot is None or snapshot.candidate is None:
            continue
        waiting = refusal(snapshot.candidate, snapshot.use, now)
        if waiting is not None:
            return f"task {snapshot.task_run.instance} never starts: {waiting.message}"
    return "nothing is left to happen, and the run has not ended"
