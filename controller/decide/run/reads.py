"""Artifacts that a run's mappings wait for -> which are read now, when the others are, and what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.decide.artifacts import again_at
from controller.decide.run.step import Step, waits_for
from controller.model.action import ReadArtifact
from controller.model.snapshot import RunSnapshot

ARTIFACT: Final = "Artifact"
"""What a run waits for that goes on as soon as the artifact store answers."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What is to be done for them."""

    actions: tuple[ReadArtifact, ...] = ()
    wake_at: datetime | None = None
    told: str = ""
    """What the run waits for; empty while nothing stands in the way."""


def reads(snapshot: RunSnapshot, wanted: Mapping[str, str], now: datetime) -> Reads:
    """The reads; one that met with trouble is asked for again in its time."""
    run, actions, times, told = snapshot.run, [], [], ""
    for key, source in wanted.items():
        known = snapshot.artifacts.get(key)
        at = again_at(known) if known is not None else now
        if at <= now:
            actions.append(ReadArtifact(run.meta, run.status.round, key))
        else:
            times.append(at)
        if known is not None:
            told = told or f"The mapping of {source} waits for artifact {key}: {known.reading.trouble}"
    return Reads(tuple(actions), min(times, default=None), told)


def told_in(step: Step, snapshot: RunSnapshot, found: Reads, now: datetime) -> Step:
    """The step, with the reads and what they wait for."""
    waits = waits_for(snapshot, ARTIFACT, found.told, now) if found.told else None
    status = step.status
    if waits is not None:
        status = status.model_copy(update={"waiting_for": waits.status.waiting_for})
    times = [at for at in (step.wake_at, found.wake_at, waits.wake_at if waits else None) if at is not None]
    return Step(status, after=(*step.after, *found.actions), wake_at=min(times, default=None))


def is_troubled(snapshot: RunSnapshot) -> bool:
    """Whether the store did not answer: the whole run is looked at then, to see what still waits for it."""
    return any(each.reading.trouble for each in snapshot.artifacts.values())
