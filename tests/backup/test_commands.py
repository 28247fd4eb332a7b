"""`slipway backup` and `slipway restore`: what a person at a terminal sees, and both halves together."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from controller.cli import backup as command
from controller.cli.app import app
from controller.metastore.compare import differences
from controller.metastore.heartbeat import Beat, Heart
from controller.metastore.migrate import migrate
from controller.metastore.queries import list_runs, open_session, run_tasks
from controller.model.action import Kind
from controller.observe.parse import parse
from controller.simulate.cluster import InMemoryCluster
from tests.backup.cluster import Session
from tests.metastore.recording import RecordingWriter
from tests.scenarios.story import Story

KINDS = (Kind.DAG, Kind.REVISION, Kind.DAG_RUN, Kind.TASK_RUN, Kind.POD, Kind.POOL)


def run(*words: str, cluster: InMemoryCluster | None = None, monkeypatch: pytest.MonkeyPatch | None = None) -> Result:
    """The command, with this cluster to talk to."""
    if monkeypatch is not None:
        monkeypatch.setattr(command, "with_cluster", answering(cluster))
    return CliRunner().invoke(app, list(words))


def answering(cluster: InMemoryCluster | None) -> Callable[[str | None, Callable[[Session], Awaitable[Any]]], Any]:
    """What stands in for `with_cluster`; None = no cluster is to be asked."""

    def with_cluster(context: str | None, work: Callable[[Session], Awaitable[Any]]) -> Any:
        assert cluster is not None, "no cluster was to be asked"
        return asyncio.run(_awaited(work(Session(cluster))))

    return with_cluster


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


def elsewhere() -> InMemoryCluster:
    """A cluster that gives other uids than that of the first story, as all clusters in the world do."""
    story = Story()
    for number in range(100):
        story.apply(Kind.POOL, f"p{number}", {"slots": 1})
        story.delete(Kind.POOL, f"p{number}")
    return story.cluster


def told(story: Story) -> Story:
    """A Dag of two tasks with two runs that have ended."""
    story.dag("a >> b")
    for name in ("r1", "r2"):
        story.trigger(name)
        asyncio.run(story.run(60))
    return story


def record(url: str, cluster: InMemoryCluster) -> None:
    """What a controller would write of the cluster."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for kind in KINDS:
            for raw in cluster.all_of(kind):
                observed = parse(kind, raw)
                assert observed is not None
                writer.observed(observed)
        writer.flushed()


def differ(url: str, cluster: InMemoryCluster) -> list[str]:
    """What `slipway db check --resources` would say."""
    live = [found for kind in KINDS for raw in cluster.all_of(kind) if (found := parse(kind, raw)) is not None]
    with open_session(url) as session:
        return [f"{each.kind} {each.name} {each.what}" for each in differences(session, live)]


def test_rows_and_resources(url: str, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are saved and put back elsewhere; the rows there are of the new resources, and nothing is twice."""
    story, place = told(Story()), str(tmp_path / "b")
    record(url, story.cluster)
    saved = run("backup", place, "--url", url, cluster=story.cluster, monkeypatch=monkeypatch)
    assert (saved.exit_code, saved.stdout) == (0, "")
    assert "1 Dag, 1 ControllerRevision, 2 DagRun, 4 TaskRun" in saved.stderr
    other = elsewhere()
    checked = run("restore", place, "--url", empty_url, "--dry-run", cluster=other, monkeypatch=monkeypatch)
    assert (checked.exit_code, "Nothing was restored" in checked.stderr, other.all_of(Kind.DAG)) == (0, True, ())
    restored = run("restore", place, "--url", empty_url, cluster=other, monkeypatch=monkeypatch)
    assert restored.exit_code == 0, restored.stderr
    with open_session(empty_url) as session:
        page = list_runs(session, "team", "d")
        assert {(each.name, each.state, each.deleted_at) for each in page.runs} == {
            ("r1", "Success", None),
            ("r2", "Success", None),
        }
        assert [each.state for each in run_tasks(session, page.runs[0].uid)] == ["Success", "Success"]
    record(empty_url, other)
    assert differ(empty_url, other) == []


def test_rows_alone(url: str, empty_url: str, tmp_path: Path) -> None:
    """No cluster is needed for them."""
    record(url, told(Story()).cluster)
    place = str(tmp_path / "b")
    assert run("backup", place, "--url", url, "--rows-only").exit_code == 0
    assert run("restore", place, "--url", empty_url, "--rows-only").exit_code == 0
    again = run("restore", place, "--url", empty_url, "--rows-only")
    assert (again.exit_code, "is not empty" in str(again.exception)) == (1, True)
    assert run("restore", place, "--url", empty_url, "--rows-only", "--merge").exit_code == 0
    other_half = run("restore", place, "--url", empty_url, "--resources-only")
    assert "holds no resources" in str(other_half.exception)


def test_resources_alone(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go without a database; named all the same, its rows are joined to them."""
    story, place = told(Story()), str(tmp_path / "b")
    record(url, story.cluster)
    words = ("backup", place, "--resources-only")
    assert run(*words, cluster=story.cluster, monkeypatch=monkeypatch).exit_code == 0
    words = ("restore", place, "--resources-only")
    lonely = run(*words, cluster=Story().cluster, monkeypatch=monkeypatch)
    assert "No database was named" in lonely.stderr
    other = elsewhere()
    joined = run(*words, "--url", url, cluster=other, monkeypatch=monkeypatch)
    assert joined.exit_code == 0
    record(url, other)
    assert differ(url, other) == []
    rows = run("restore", place, "--rows-only", "--url", url)
    assert "holds no rows" in str(rows.exception)


def test_what_a_person_gets_wrong(empty_url: str, tmp_path: Path) -> None:
    """Each mistake is one sentence, and nothing is written."""
    place = str(tmp_path / "b")
    for words, said in (
        (("backup", place, "--url", empty_url, "--rows-only"), "no tables yet"),
        (("backup", place, "--rows-only"), "must name the database"),
        (("backup", place, "--rows-only", "--resources-only"), "exclude each other"),
        (("restore", place, "--rows-only", "--url", empty_url), "does not exist"),
    ):
        assert said in str(run(*words).exception)
    assert not Path(place).exists()


def test_a_controller_that_runs(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is restored beside it, not even resources alone."""
    story, place = told(Story()), str(tmp_path / "b")
    assert run("backup", place, "--resources-only", cluster=story.cluster, monkeypatch=monkeypatch).exit_code == 0
    heart, now = Heart(url), datetime.now(UTC)
    heart.beat(Beat("controller", "1", now, now, ready=True, pending=0, lag_seconds=0))
    heart.close()
    other = elsewhere()
    refused = run("restore", place, "--resources-only", "--url", url, cluster=other, monkeypatch=monkeypatch)
    assert "stop it" in str(refused.exception)
    assert other.all_of(Kind.DAG) == ()


def test_how_far_it_is(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that takes longer than two seconds says how far it is."""
    migrate(url)
    record(url, told(Story()).cluster)
    monkeypatch.setattr(command, "_QUIET_SECONDS", 0)
    saved = run("backup", str(tmp_path / "b"), "--url", url, "--rows-only")
    assert "Backed up: 2 of dag_runs" in saved.stderr


def test_one_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resources can be saved, or put back, of some namespaces alone."""
    story, place = told(Story()), str(tmp_path / "b")
    other = {**story.get(Kind.DAG, "d"), "metadata": {"name": "d", "namespace": "other"}}
    story.cluster.create(Kind.DAG, other)
    words = ("--resources-only", "-n", "other")
    saved = run("backup", place, *words, cluster=story.cluster, monkeypatch=monkeypatch)
    assert saved.stderr.startswith("Backed up 1 Dag:")
    run("backup", place, "--resources-only", cluster=story.cluster, monkeypatch=monkeypatch)
    there = elsewhere()
    run("restore", place, *words, cluster=there, monkeypatch=monkeypatch)
    assert [raw["metadata"]["namespace"] for raw in there.all_of(Kind.DAG)] == ["other"]
    assert there.all_of(Kind.DAG_RUN) == ()
