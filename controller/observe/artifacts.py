"""What reads of the artifact store have brought -> kept for the run that maps over it, and that run is due.

Lists of some MiB for each of hundreds of runs must not stay in memory: beyond KEPT_CHARS the runs that were asked
about longest ago lose theirs. A run that needs its own again lets it be read again, as after a restart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from controller.model.action import ReadArtifact
from controller.model.artifacts import Artifact, Reading
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.states import RUN_FINAL
from controller.observe.tables import Observed

KEPT_CHARS: Final = 64 * 1024 * 1024
"""The lists of all runs together, as long as there is more than one run."""
_NOTHING: Final[Mapping[str, Artifact]] = MappingProxyType({})


@dataclass(slots=True)
class _OfRun:
    uid: str
    round: int
    by_key: dict[str, Artifact] = field(default_factory=dict)

    @property
    def chars(self) -> int:
        return sum(each.reading.chars for each in self.by_key.values())


class Artifacts:
    """By run, what was read for it. Its `see` listens to a store."""

    def __init__(self, brought: Callable[[Key], None]) -> None:
        self._brought = brought
        self._runs: dict[Key, _OfRun] = {}

    def put(self, read: ReadArtifact, reading: Reading, at: datetime) -> None:
        """A read has brought this; the run is told of it."""
        key = read.run.key
        known = self._runs.pop(key, None)
        if known is None or (known.uid, known.round) != (read.run.uid, read.round):
            known = _OfRun(read.run.uid, read.round)
        before = known.by_key.get(read.key)
        tries = (before.tries if before is not None else 0) + 1 if reading.trouble else 0
        known.by_key[read.key] = Artifact(reading, at, tries)
        self._runs[key] = known
        self._thin_out()
        self._brought(key)

    def of(self, run: DagRun) -> Mapping[str, Artifact]:
        """What was read for the run in its present round, by the key in the store."""
        known = self._runs.get(run.meta.key)
        if known is None or (known.uid, known.round) != (run.meta.uid, run.status.round):
            return _NOTHING
        self._runs[run.meta.key] = self._runs.pop(run.meta.key)
        return MappingProxyType(known.by_key)

    def see(self, changed: Observed, gone: bool) -> None:
        """Forget what a run that has ended does not need any more."""
        if isinstance(changed, DagRun) and (gone or changed.status.state in RUN_FINAL):
            self._runs.pop(changed.meta.key, None)

    def __len__(self) -> int:
        return len(self._runs)

    def _thin_out(self) -> None:
        left = sum(each.chars for each in self._runs.values())
        for key in list(self._runs)[:-1]:
            if left <= KEPT_CHARS:
                return
            left -= self._runs.pop(key).chars
