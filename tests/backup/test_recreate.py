"""Resources of a backup: the same ones again, and nothing in them begins anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from controller.backup.file import BackupWriter, Header, items, verified
from controller.backup.recreate import Recreation
from controller.backup.resources import ORDER, dump_resources
from controller.errors import Refused
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import InMemoryCluster
from tests.backup.cluster import Session
from tests.backup.telling import told_nobody
from tests.scenarios.filling import DAILY, backfill
from tests.scenarios.keeping import DAY, remember_runs
from tests.scenarios.story import Story, fails, succeeds

HEADER = Header("0.1.0", "", "now")
NEW = {"uid", "resourceVersion", "generation", "creationTimestamp", "annotations", "ownerReferences"}


async def saved(story: Story, path: Path) -> Path:
    """A backup of the story's resources."""
    with BackupWriter(path, HEADER) as writer:
        await dump_resources(Session(story.cluster), writer, told_nobody)
    return path


async def restored(path: Path, session: Session) -> Recreation:
    """The same resources in another cluster."""
    recreation = Recreation(session, told_nobody)
    await recreation.recreate(items(path, "resources"))
    return recreation


async def moved(story: Story, path: Path) -> Recreation:
    """The story goes on in a new cluster, with what a backup brings there and a controller that starts then."""
    await saved(story, path)
    story.world.controller.session.kill()
    for kind in (Kind.DAG, Kind.POOL, Kind.BACKFILL):
        for raw in story.cluster.all_of(kind):
            story.delete(kind, raw["metadata"]["name"])
    story.world.kubelet.work()
    for raw in story.cluster.all_of(Kind.POD):
        story.cluster.merge(Kind.POD, _key(raw), {"metadata": {"finalizers": None}})
        if story.cluster.find(Kind.POD, _key(raw)) is not None:
            story.cluster.delete(Kind.POD, _key(raw), grace_seconds=0)
    assert [kind for kind in ORDER if story.cluster.all_of(kind)] == []
    recreation = await restored(path, Session(story.cluster))
    story.world.restart()
    return recreation


def _key(raw: Mapping[str, Any]) -> Key:
    return Key(raw["metadata"]["namespace"], raw["metadata"]["name"])


def shown(cluster: InMemoryCluster) -> dict[str, Any]:
    """Every object but for what is new by nature."""
    found = {}
    for kind in ORDER:
        for raw in cluster.all_of(kind):
            metadata = {name: value for name, value in raw["metadata"].items() if name not in NEW and value}
            found[f"{kind.value} {raw['metadata']['name']}"] = {**_plain(raw), "metadata": metadata}
    return found


def _plain(value: Any) -> Any:
    """Without generations, which are those of the new objects, and without what is as by default."""
    if isinstance(value, dict):
        left_out = {"observedGeneration", "apiVersion", "paused"}
        return {name: _plain(each) for name, each in value.items() if name not in left_out}
    return [_plain(each) for each in value] if isinstance(value, list) else value


async def test_what_has_ended(tmp_path: Path) -> None:
    """All is there again as it was; not one Pod comes of it, and the schedule goes on after its last slot."""
    story = Story({"b": [fails(), succeeds()]})
    story.dag("a >> b", schedule={"cron": "@daily"}, defaults={"retries": 1, "retryDelay": "5s"})
    story.apply(Kind.POOL, "db", {"slots": 3})
    await story.run(3 * DAY + 600)
    before, pods = shown(story.cluster), list(story.pods)
    names = remember_runs(story)
    made = await moved(story, tmp_path / "b")
    assert (made.left, made.unfinished) == ({}, [])
    assert shown(story.cluster) == before
    await story.run(60)
    assert story.pods == pods
    assert len(names) == len(set(names)) == 3
    await story.run(DAY)
    assert len(names) == len(set(names)) == 4
    assert story.states(names[-1]) == {"run": "Success", "a": "Success", "b": "Success"}


async def test_what_had_not_ended(tmp_path: Path) -> None:
    """A run stays paused until a person lets it go on; what it had done is not done again."""
    story = Story({"b": succeeds(100)})
    story.dag("a >> b >> c", defaults={"retries": 1})
    story.trigger()
    await story.run(30)
    made = await moved(story, tmp_path / "b")
    assert made.unfinished == ["DagRun team/r"]
    await story.run(3600)
    assert story.pods == ["r-a-1", "r-b-1"]
    assert (story.run_status()["state"], story.get(Kind.DAG_RUN, "r")["spec"]["paused"]) == ("Running", True)
    story.edit(Kind.DAG_RUN, "r", paused=None)
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "c": "Success"}
    assert story.pods == ["r-a-1", "r-b-1", "r-b-2", "r-c-1"]


async def test_a_backfill_that_had_not_ended(tmp_path: Path) -> None:
    """It is paused; then it goes on after its last slot, and no run is made twice."""
    story = Story({"a": succeeds(600)}, start="2026-01-20 12:00")
    story.dag("a", **DAILY)
    backfill(story, 1, 6, maxActiveRuns=2)
    await story.run(700)
    names = remember_runs(story)
    made = await moved(story, tmp_path / "b")
    assert "Backfill team/b" in made.unfinished
    assert len(names) == 4
    await story.run(3600)
    assert len(names) == 4
    for each in made.unfinished:
        kind, _, key = each.partition(" ")
        story.edit(Kind(kind), key.partition("/")[2], paused=None)
    await story.run(3 * 3600)
    assert len(names) == len(set(names)) == 6
    assert story.get(Kind.BACKFILL, "b")["status"]["state"] == "Success"


async def test_updates_of_assets(tmp_path: Path) -> None:
    """An update that was noted before is not new to the Dag that waits for it."""
    story = Story()
    story.dag("make", name="sales", tasks={"make": {"updates": ["orders"]}})
    story.dag("tell", name="report", schedule={"assets": {"all": ["orders", "rates"]}})
    await story.run(1)
    story.trigger("s1", dag="sales")
    await story.run(60)
    queued = story.get(Kind.DAG, "report")["status"]["assets"]["queued"]
    await moved(story, tmp_path / "b")
    await story.run(60)
    assert story.get(Kind.DAG, "report")["status"]["assets"]["queued"] == queued


async def test_a_dag_that_was_held(tmp_path: Path) -> None:
    """A Dag that was paused stays so, by a person's word or the controller's."""
    story = Story({"a": fails()})
    story.dag("a", pauseAfterFailedRuns=1)
    story.dag("a", name="asleep", paused=True)
    await story.run(1)
    story.trigger()
    await story.run(60)
    reasons = {name: _paused(story, name) for name in ("d", "asleep")}
    assert reasons == {"d": "TooManyFailures", "asleep": "Paused"}
    await moved(story, tmp_path / "b")
    await story.run(60)
    assert {name: _paused(story, name) for name in ("d", "asleep")} == reasons


def _paused(story: Story, dag: str) -> str:
    conditions = story.get(Kind.DAG, dag)["status"]["conditions"]
    return str(next(each["reason"] for each in conditions if each["type"] == "Paused"))


async def test_broken_off_and_begun_again(tmp_path: Path) -> None:
    """Wherever it is broken off, nothing runs; the same command again ends it as if nothing had happened."""
    story = Story()
    story.dag("a >> b")
    for name in ("r1", "r2"):
        story.trigger(name)
        await story.run(60)
    path = await saved(story, tmp_path / "b")
    whole = Session(Story().cluster)
    await restored(path, whole)
    for number in range(whole.writes):
        other = Story()
        session = Session(other.cluster)
        session.fails_after = number
        with pytest.raises(ConnectionError):
            await restored(path, session)
        other.world.restart()
        await other.run(600)
        assert other.pods == []
        other.world.controller.session.kill()
        session.fails_after = None
        await restored(path, session)
        assert shown(session.cluster).keys() == shown(whole.cluster).keys()
        other.world.restart()
        await other.run(600)
        assert other.pods == []
        assert {other.run_status(name)["state"] for name in ("r1", "r2")} == {"Success"}


async def test_what_is_there_already(tmp_path: Path) -> None:
    """A Dag that was applied again is left as it is, and gets its runs back; a run of that name is not touched."""
    story = Story()
    story.dag("a")
    for name in ("r1", "r2"):
        story.trigger(name)
        await story.run(60)
    path = await saved(story, tmp_path / "b")
    other = Story()
    other.dag("a", description="of today")
    other.trigger("r2")
    await other.run(60)
    made = await restored(path, Session(other.cluster))
    other.world.restart()
    await other.run(600)
    assert made.left == {"Dag": 1, "DagRun": 1, "TaskRun": 1}
    assert other.pods == ["r2-a-1"]
    dag = other.get(Kind.DAG, "d")
    assert dag["spec"]["description"] == "of today"
    assert other.get(Kind.DAG_RUN, "r1")["metadata"]["ownerReferences"][0]["uid"] == dag["metadata"]["uid"]


async def test_a_second_restore(tmp_path: Path) -> None:
    """What was restored once can be saved and restored again; it is as old as at first."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run(60)
    created = story.get(Kind.DAG_RUN, "r")["metadata"]["creationTimestamp"]
    for number in range(2):
        await moved(story, tmp_path / f"b{number}")
        await story.run(60)
    annotations = story.get(Kind.DAG_RUN, "r")["metadata"]["annotations"]
    assert annotations["slipway.dev/created-at"] == created
    run = next(iter(story.world.controller.store.tables.runs.values()))
    assert run.meta.created_at.isoformat().startswith(created[:19])


async def test_what_is_being_deleted(tmp_path: Path) -> None:
    """It is left out of a backup, like Pods; what it owned is left where its owner is not restored."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run(60)
    going = {"finalizers": ["other.example/wait"]}
    story.cluster.merge(Kind.DAG_RUN, _key(story.get(Kind.DAG_RUN, "r")), {"metadata": going})
    story.delete(Kind.DAG_RUN, "r")
    path = await saved(story, tmp_path / "b")
    counts = verified(path).counts
    assert (counts["DagRun"], counts["TaskRun"], "Pod" in counts) == (0, 1, False)
    made = await restored(path, Session(Story().cluster))
    assert made.left == {"TaskRun": 1}


async def test_an_author_whom_nobody_may_name(tmp_path: Path) -> None:
    """Where a policy guards who made an object, it is restored without that; any other refusal ends the restore."""
    story = Story()
    story.dag("a")
    signed = {"metadata": {"annotations": {"slipway.dev/created-by": "ada", "team": "blue"}}}
    story.cluster.merge(Kind.DAG, _key(story.get(Kind.DAG, "d")), signed)
    path = await saved(story, tmp_path / "b")
    other = Story()

    def admit(kind: Kind, raw: Mapping[str, Any]) -> None:
        if "slipway.dev/created-by" in raw["metadata"].get("annotations", {}):
            raise Refused("the annotation is Slipway's own", "Forbidden", 403)

    other.cluster.admit = admit
    made = await restored(path, Session(other.cluster))
    assert (made.unsigned, made.created["Dag"]) == (1, 1)
    annotations = other.get(Kind.DAG, "d")["metadata"]["annotations"]
    assert annotations["team"] == "blue"
    assert "slipway.dev/created-by" not in annotations

    def refuse(kind: Kind, raw: Mapping[str, Any]) -> None:
        raise Refused("no", "Forbidden", 403)

    another = Story()
    another.cluster.admit = refuse
    with pytest.raises(Refused):
        await restored(path, Session(another.cluster))


async def test_what_a_person_let_go_on_since(tmp_path: Path) -> None:
    """The same command once more leaves a run alone that goes on by now, and a Dag whose schedule went on."""
    story = Story({"b": succeeds(100)})
    story.dag("a >> b", schedule={"cron": "@daily"}, defaults={"retries": 1})
    story.trigger()
    await story.run(30)
    path = tmp_path / "b"
    await moved(story, path)
    story.edit(Kind.DAG_RUN, "r", paused=None)
    await story.run(2 * DAY)
    before = shown(story.cluster)
    story.world.controller.session.kill()
    await restored(path, Session(story.cluster))
    assert shown(story.cluster) == before
