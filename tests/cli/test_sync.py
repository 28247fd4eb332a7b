"""`slipway sync` as users call it: what the cluster holds after it, the report by file, and the exit code."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from controller.errors import Unavailable
from controller.model.action import Kind
from controller.model.metadata import Key
from tests.cli.applying_cluster import ApplyingCluster
from tests.cli.calling import Answer, slipway
from tests.scenarios.story import SPACE, Story

Work = Callable[[ApplyingCluster, str], Awaitable[int]]
DAG = "apiVersion: slipway.dev/v1alpha1\nkind: Dag\nmetadata: {name: %s}\nspec: {tasks: [{name: a, noop: {}}]}\n"
POOL = "apiVersion: slipway.dev/v1alpha1\nkind: Pool\nmetadata: {name: db}\nspec: {slots: %s}\n"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> ApplyingCluster:
    """An empty cluster that the command finds."""
    made = ApplyingCluster(Story())

    def answer(where: tuple[str | None, str | None], work: Work) -> int:
        async def run() -> int:
            return await work(made, where[0] or SPACE)

        return asyncio.run(run())

    monkeypatch.setattr("controller.cli.sync.exit_code", answer)
    return made


def write(folder: Path, **files: str) -> None:
    """Write files; `a__b` is the file b of the folder a."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def sync(folder: Path, *words: str) -> Answer:
    """The command, with a name for the folder that does not depend on where it lies."""
    return slipway("sync", str(folder), "--id", "dags", *words)


def test_a_folder(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Every file at any depth has its line; the second time nothing changes; a change is told."""
    write(tmp_path, etl=DAG % "etl", sub__pools=POOL % 2 + "---\n" + DAG % "two", **{".hidden__x": DAG % "no"})
    (tmp_path / "old.yml").write_text(DAG % "old")
    (tmp_path / "README.md").write_text("nothing")
    code, out, err = sync(tmp_path)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "etl.yaml: dag.slipway.dev/etl created",
        "old.yml: dag.slipway.dev/old created",
        "sub/pools.yaml: pool.slipway.dev/db created",
        "sub/pools.yaml: dag.slipway.dev/two created",
        "4 created",
    ]
    assert cluster.story.get(Kind.DAG, "etl")["metadata"]["labels"] == {"slipway.dev/synced-by": "dags"}
    assert sync(tmp_path).out.splitlines()[-1] == "4 unchanged"
    write(tmp_path, sub__pools=POOL % 3 + "---\n" + DAG % "two")
    assert sync(tmp_path).out.splitlines()[-1] == "1 configured, 3 unchanged"
    assert cluster.story.get(Kind.POOL, "db")["spec"] == {"slots": 3}


def test_exit_codes(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Without the flag, 0 is all that a script needs; with it, 3 says that nothing had to be changed."""
    write(tmp_path, etl=DAG % "etl")
    assert [sync(tmp_path, "--exit-code").code, sync(tmp_path, "--exit-code").code, sync(tmp_path).code] == [0, 3, 0]
    cluster.refused = {"etl"}
    assert sync(tmp_path, "--exit-code").code == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (DAG % "x" + "  more: 1\n", "is not YAML: "),
        ("# nothing\n", "holds no manifest"),
        ("[1]", "holds something that is no manifest: it has no kind"),
        ((DAG % "x").replace("noop", "nop"), "spec.tasks[0].nop: is not a field that exists here"),
        (POOL % "many", "spec.slots: "),
        (POOL % "1}\nstatus: {}\nmore: {", "more: is not a field that exists here"),
        (
            (DAG % "x").replace("x}", "x, namespace: other}"),
            "metadata.namespace: is other, and this goes to team: sync",
        ),
        ((DAG % "x").replace("x}", "x, labels: [1]}"), "metadata.labels: is an object of texts"),
        ((DAG % "x").replace("kind: Dag", "kind: DagRun"), "DagRun x of slipway.dev/v1alpha1 is not synced: only Dag"),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n", "Secret s of v1 is not synced: only Dag and Pool"),
        ((POOL % 1).replace("slipway", "other"), "Pool db of other.dev/v1alpha1 is not synced"),
        (DAG % "good" + "---\n" + (DAG % "x").replace("noop", "nop"), "Dag x: spec.tasks[0].nop: is not a field"),
    ],
)
def test_a_file_with_a_fault(cluster: ApplyingCluster, tmp_path: Path, text: str, fault: str) -> None:
    """Nothing of it is applied, the rest is; one line says why, and the exit code is 1."""
    write(tmp_path, bad=text, fine=DAG % "fine")
    code, out, err = sync(tmp_path)
    assert code == 1
    assert err.splitlines()[0].startswith(f"slipway: bad.yaml: invalid: {fault}")
    assert out.splitlines()[0] == "fine.yaml: dag.slipway.dev/fine created"
    assert cluster.story.names(Kind.DAG) == ["fine"]
    assert cluster.story.names(Kind.POOL) == []


def test_what_the_api_server_refuses(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Its word is one line, and the rest is applied."""
    write(tmp_path, a=DAG % "a", b=DAG % "b")
    cluster.refused = {"a"}
    code, out, err = sync(tmp_path)
    assert (code, err) == (1, "slipway: a.yaml: invalid: Dag a is invalid: spec.tasks: no\n")
    assert out.splitlines() == ["b.yaml: dag.slipway.dev/b created", "1 created, 1 invalid"]


def test_one_dag_in_two_files(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Neither is applied, as nobody knows which is meant."""
    write(tmp_path, a=DAG % "etl", b=DAG % "etl", c=DAG % "c" + "---\n" + DAG % "c")
    code, _, err = sync(tmp_path)
    assert code == 1
    assert err.splitlines() == [
        "slipway: a.yaml: invalid: Dag etl also stands in b.yaml",
        "slipway: b.yaml: invalid: Dag etl also stands in a.yaml",
        "slipway: c.yaml: invalid: Dag c also stands in this file twice",
    ]
    assert cluster.story.names(Kind.DAG) == []


def test_links(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Those of a mounted ConfigMap are followed; one that leads out of the folder is not read."""
    folder = tmp_path / "dags"
    write(folder, **{"..2026__etl": DAG % "etl"})
    write(tmp_path, secret=DAG % "secret")
    (folder / "..data").symlink_to("..2026")
    (folder / "etl.yaml").symlink_to("..data/etl.yaml")
    (folder / "out.yaml").symlink_to("../secret.yaml")
    assert sync(folder).err == "slipway: out.yaml: invalid: is a link to outside of the folder\n"
    assert cluster.story.names(Kind.DAG) == ["etl"]


def test_prune(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Only Dags that this folder gave before go; others', people's, and Pools stay."""
    write(tmp_path / "mine", a=DAG % "a", b=DAG % "b", p=POOL % 1)
    write(tmp_path / "other", c=DAG % "c")
    cluster.story.dag("x", name="by-hand")
    sync(tmp_path / "mine")
    slipway("sync", str(tmp_path / "other"))
    for name in ("b", "p"):
        (tmp_path / "mine" / f"{name}.yaml").unlink()
    assert sync(tmp_path / "mine").out.splitlines() == ["a.yaml: dag.slipway.dev/a unchanged", "1 unchanged"]
    dry = sync(tmp_path / "mine", "--prune", "--dry-run").out.splitlines()
    assert dry[1:] == ["dag.slipway.dev/b pruned (dry run)", "1 unchanged, 1 pruned"]
    assert cluster.story.names(Kind.DAG) == ["a", "b", "by-hand", "c"]
    code, out, _ = sync(tmp_path / "mine", "--prune")
    assert (code, out.splitlines()[1:]) == (0, ["dag.slipway.dev/b pruned", "1 unchanged, 1 pruned"])
    assert cluster.story.names(Kind.DAG) == ["a", "by-hand", "c"]
    assert cluster.story.names(Kind.POOL) == ["db"]


def test_nothing_is_pruned_on_a_doubt(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """A file that can't be read may hold any Dag, and an empty folder may be one that is not there yet."""
    write(tmp_path, a=DAG % "a", b=DAG % "b")
    sync(tmp_path)
    write(tmp_path, b="kind: [")
    code, _, err = sync(tmp_path, "--prune")
    assert (code, err.splitlines()[-1]) == (1, "slipway: nothing is pruned while b.yaml is invalid")
    for file in tmp_path.iterdir():
        file.unlink()
    code, _, err = sync(tmp_path, "--prune")
    assert (code, err) == (1, "slipway: nothing is pruned, as the folder holds no manifest at all\n")
    assert cluster.story.names(Kind.DAG) == ["a", "b"]


def test_a_dry_run(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """The API server is asked, and nothing is there afterwards."""
    write(tmp_path, etl=DAG % "etl")
    assert sync(tmp_path, "--dry-run").out.splitlines()[0] == "etl.yaml: dag.slipway.dev/etl created (dry run)"
    assert (cluster.story.names(Kind.DAG), cluster.applied) == ([], [("etl", True)])


def test_a_dag_of_another_folder(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """It is not taken from it, so that two folders never change it to and fro."""
    write(tmp_path, etl=DAG % "etl")
    sync(tmp_path)
    code, _, err = slipway("sync", str(tmp_path), "--id", "other")
    assert code == 1
    assert "Dag etl is synced from dags already; take its label slipway.dev/synced-by off" in err


def test_what_people_do_beside(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """A pause, which no file names, stays; a field that leaves the file leaves the cluster."""
    write(tmp_path, etl=(DAG % "etl").replace("{tasks", "{description: old, tasks"))
    sync(tmp_path)
    cluster.story.edit(Kind.DAG, "etl", paused=True)
    write(tmp_path, etl=DAG % "etl")
    assert sync(tmp_path).out.splitlines()[-1] == "1 configured"
    spec = cluster.story.get(Kind.DAG, "etl")["spec"]
    assert (spec["paused"], "description" in spec) == (True, False)


def test_what_kubectl_has_applied(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Its fields become the folder's, so that one which leaves the file leaves the cluster; others keep theirs."""
    cluster.story.apply(Kind.DAG, "etl", {"description": "old", "tasks": [{"name": "a", "noop": {}}]})
    fields: dict[str, Any] = {"spec": {"description": {}, "tasks": {}}}
    entries: list[dict[str, Any]] = [
        {"manager": "kubectl-client-side-apply", "operation": "Update", "fieldsV1": fields},
        {"manager": "kubectl", "operation": "Update", "subresource": "status", "fieldsV1": {"status": {}}},
        {"manager": "somebody", "operation": "Update", "fieldsV1": {"spec": {"paused": {}}}},
    ]
    raw = cluster.story.get(Kind.DAG, "etl")
    cluster.story.cluster.merge(Kind.DAG, _key(raw), {"metadata": {"managedFields": entries}})
    write(tmp_path, etl=DAG % "etl")
    assert sync(tmp_path).out.splitlines()[-1] == "1 configured"
    after = cluster.story.get(Kind.DAG, "etl")
    assert after["spec"] == {"tasks": [{"name": "a", "noop": {}}]}
    managers = [(each["manager"], each.get("subresource")) for each in after["metadata"]["managedFields"]]
    assert managers == [("kubectl", "status"), ("somebody", None), ("slipway-sync", None)]


def test_watch(cluster: ApplyingCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round tells only what is new, a fault once; what goes wrong in a round does not end it."""
    write(tmp_path, a=DAG % "a", bad="kind: [")
    rounds = iter(range(10))

    def pause(seconds: float) -> None:
        assert seconds == 60
        match next(rounds):
            case 0:
                write(tmp_path, b=DAG % "b")
            case 1:
                monkeypatch.setattr("controller.cli.sync.read_folder", _away)
            case 3:
                raise KeyboardInterrupt

    monkeypatch.setattr("controller.cli.sync.time.sleep", pause)
    code, out, err = sync(tmp_path, "--watch", "60")
    assert code == 130
    assert out.splitlines() == [
        "a.yaml: dag.slipway.dev/a created",
        "1 created, 1 invalid",
        "b.yaml: dag.slipway.dev/b created",
    ]
    assert [line[:28] for line in err.splitlines()] == [
        "slipway: bad.yaml: invalid: ",
        "slipway: the API server is a",
        "slipway: interrupted; what r",
    ]


def test_a_folder_that_is_not_there(cluster: ApplyingCluster, tmp_path: Path) -> None:
    """Exit code 2."""
    code, _, err = sync(tmp_path / "no")
    assert (code, err) == (2, f"slipway: {tmp_path / 'no'}: is not a folder\n")


def _away(*_: object) -> list[Any]:
    raise Unavailable("the API server is away")


def _key(raw: dict[str, Any]) -> Key:
    return Key(raw["metadata"]["namespace"], raw["metadata"]["name"])
