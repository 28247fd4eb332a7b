"""Lists of the artifact store in memory: kept for the run until it ends, and not for too many runs."""

from dataclasses import replace

from controller.model.action import ReadArtifact
from controller.model.artifacts import Artifact, Reading
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.observe.artifacts import KEPT_CHARS, Artifacts
from tests.decide.objects import NOW, run

LIST = Reading(items=(1,), chars=3, longest=1)
DOWN = Reading(trouble="down")


def named(name: str, status: dict[str, str] | None = None) -> DagRun:
    """The run under another name."""
    of = run(status=status)
    return replace(of, meta=replace(of.meta, key=Key(of.meta.namespace, name)))


def put(
    artifacts: Artifacts, name: str = "etl-1", key: str = "team/x", reading: Reading = LIST, round_: int = 0
) -> None:
    """A read for this run has brought something."""
    artifacts.put(ReadArtifact(named(name).meta, round_, key), reading, NOW)


def test_a_list() -> None:
    """The run is told and finds it; another one of that name does not, nor the same in a later round."""
    told: list[Key] = []
    artifacts = Artifacts(told.append)
    put(artifacts)
    assert told == [run().meta.key]
    assert artifacts.of(run()) == {"team/x": Artifact(LIST, NOW)}
    assert artifacts.of(run(uid="another")) == {}
    assert artifacts.of(run(status={"round": 1})) == {}
    put(artifacts, key="team/y", round_=1)
    assert list(artifacts.of(run(status={"round": 1}))) == ["team/y"]


def test_trouble() -> None:
    """Reads that bring nothing are counted until one does."""
    artifacts = Artifacts(lambda key: None)
    tries = []
    for reading in (DOWN, DOWN, LIST, DOWN):
        put(artifacts, reading=reading)
        tries.append(artifacts.of(run())["team/x"].tries)
    assert tries == [1, 2, 0, 1]


def test_many_lists() -> None:
    """The run that was asked about longest ago loses its own; one run alone keeps all that it has."""
    artifacts = Artifacts(lambda key: None)
    half = Reading(items=(), chars=KEPT_CHARS // 2)
    for name in ("etl-1", "etl-2"):
        put(artifacts, name, reading=half)
    assert artifacts.of(run()) != {}
    put(artifacts, "etl-3", reading=half)
    assert [bool(artifacts.of(named(name))) for name in ("etl-1", "etl-2", "etl-3")] == [True, False, True]
    put(artifacts, "etl-4", reading=Reading(items=(), chars=2 * KEPT_CHARS))
    assert len(artifacts) == 1


def test_the_end_of_a_run() -> None:
    """Nothing is kept of it."""
    artifacts = Artifacts(lambda key: None)
    for name in ("etl-1", "etl-2", "etl-3"):
        put(artifacts, name)
    artifacts.see(run(status={"state": "Running"}), False)
    artifacts.see(named("etl-2", {"state": "Success"}), False)
    artifacts.see(named("etl-3"), True)
    assert len(artifacts) == 1
