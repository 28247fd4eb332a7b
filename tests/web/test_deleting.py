"""Deleting runs and Dags: what would go, that just this goes, and who asked for it."""

from typing import Any

import pytest

from controller.model.action import Kind
from controller.model.asked import asked_in
from controller.model.metadata import Key
from tests.web.conftest import Web
from tests.web.objects import SPEC, A, history, run
from tests.web.test_bulk import BULK, named, stand

HERE = f"/api/v1/namespaces/{A}"


def is_there(web: Web, name: str, kind: Kind = Kind.DAG_RUN) -> bool:
    """Whether the API server has the object."""
    return web.server.cluster.find(kind, Key(A, name)) is not None


@pytest.fixture
def dag_object(web: Web) -> Key:
    """The Dag as the API server holds it; its uid is that of the rows."""
    raw = web.server.cluster.create(Kind.DAG, {"metadata": {"namespace": A, "name": "etl"}, "spec": dict(SPEC)})
    raw["metadata"]["uid"] = f"{A}/etl"
    return Key(A, "etl")


async def test_a_run_is_deleted(web: Web) -> None:
    """The dry run names what goes along; then it goes, and later only its history is left."""
    stand(web, "etl-11")
    told = (await web.admin.send("DELETE", f"{HERE}/runs/etl-11", params={"dryRun": "true"})).json()
    assert told["command"] == f"kubectl -n {A} delete dagruns.slipway.dev etl-11"
    assert (told["along"], told["body"]) == (
        {"TaskRun": 2, "Pod": 1, "Approval": 1},
        {"preconditions": {"uid": f"{A}/etl-11"}},
    )
    assert is_there(web, "etl-11")
    assert (await web.admin.send("DELETE", f"{HERE}/runs/etl-11")).json()["along"] == told["along"]
    assert not is_there(web, "etl-11")
    assert (await web.admin.send("DELETE", f"{HERE}/runs/etl-11")).status == 404
    web.writer.deleted(run(A, "etl-11", 100))
    web.writer.flushed()
    for params in ({}, {"dryRun": "true"}):
        assert (await web.admin.send("DELETE", f"{HERE}/runs/etl-11", params=params)).status == 410


async def test_a_dag_is_deleted(web: Web, dag_object: Key) -> None:
    """With all of its runs that are still there; nothing of another Dag or namespace is counted."""
    for name in ("etl-00", "etl-01"):
        web.writer.deleted(run(A, name, 100))
    web.writer.flushed()
    told = (await web.admin.send("DELETE", f"{HERE}/dags/etl", params={"dryRun": "true"})).json()
    assert told["along"] == {"DagRun": 10, "TaskRun": 7, "Pod": 1, "Approval": 1}
    assert told["command"] == f"kubectl -n {A} delete dags.slipway.dev etl"
    assert is_there(web, "etl", Kind.DAG)
    assert (await web.client("alice").send("DELETE", f"{HERE}/dags/etl")).status == 200
    assert not is_there(web, "etl", Kind.DAG)
    assert (await web.admin.send("DELETE", f"{HERE}/dags/nothing")).status == 404
    web.writer.deleted(next(iter(history(A))))
    web.writer.flushed()
    assert (await web.admin.send("DELETE", f"{HERE}/dags/etl", params={"dryRun": "true"})).status == 410


async def test_who_deletes_is_told(web: Web) -> None:
    """It stands on the object before that goes, for the audit; whoever may not write it there deletes all the same."""
    stand(web, "etl-11", "etl-03")
    seen: list[dict[str, Any]] = []
    web.server.cluster.watchers.append(lambda _, event, raw: seen.append({"event": event, **raw["metadata"]}))
    assert (await web.client("alice").send("DELETE", f"{HERE}/runs/etl-11")).status == 200
    told = [(each["event"], asked_in(each.get("annotations")).get("delete", "").partition(" ")[2]) for each in seen]
    assert told == [("MODIFIED", "alice"), ("DELETED", "alice")]
    web.server.grant("cleaner", ("delete", "dagruns", A))
    seen.clear()
    assert (await web.client("cleaner").send("DELETE", f"{HERE}/runs/etl-03")).status == 200
    assert [each["event"] for each in seen] == ["DELETED"]


async def test_another_object_of_the_name_stays(web: Web) -> None:
    """Somebody has made the run anew: it was not the one that was meant."""
    stand(web, "etl-03")
    web.server.cluster.get(Kind.DAG_RUN, Key(A, "etl-03"))["metadata"]["uid"] = "younger"
    for user in ("admin", "cleaner"):
        web.server.grant("cleaner", ("delete", "dagruns", A))
        assert (await web.client(user).send("DELETE", f"{HERE}/runs/etl-03")).status == 409
    assert is_there(web, "etl-03")


async def test_deleting_in_bulk(web: Web) -> None:
    """The list that was confirmed goes, each with what hangs on it; one that is gone says so."""
    stand(web, "etl-11", "etl-03", "etl-02")
    web.writer.deleted(run(A, "etl-01", 100))
    web.writer.flushed()
    asked = {"runs": named("etl-11", "etl-03", "etl-01", "nothing")}
    told = (await web.admin.post(f"{BULK}/delete", {**asked, "dryRun": True})).json()
    assert [each["outcome"] and each["outcome"]["along"] for each in told["items"]] == [
        {"TaskRun": 2, "Pod": 1, "Approval": 1}, {"TaskRun": 5}, None, None
    ]  # fmt: skip
    assert [each["problem"] and each["problem"]["status"] for each in told["items"]] == [None, None, 410, 404]
    assert is_there(web, "etl-11")
    changed = await web.admin.post(f"{BULK}/delete", {"runs": named("etl-11"), "expect": told["token"]})
    assert (changed.status, is_there(web, "etl-11")) == (409, True)
    done = await web.client("alice").post(f"{BULK}/delete", {**asked, "expect": told["token"]})
    assert done.status == 200, done.text
    assert [is_there(web, name) for name in ("etl-11", "etl-03", "etl-02")] == [False, False, True]


@pytest.mark.parametrize(("action", "body"), [("pause", {"paused": True}), ("cancel", {}), ("note", {"note": "seen"})])
async def test_a_dry_run_of_nothing(web: Web, action: str, body: dict[str, Any]) -> None:
    """It says that there is no such thing, as the change itself would."""
    web.writer.deleted(run(A, "etl-02", 100))
    web.writer.flushed()
    for name, status in (("etl-03", 200), ("etl-02", 410), ("nothing", 404)):
        answer = await web.admin.post(f"{HERE}/runs/{name}/{action}", {**body, "dryRun": True})
        assert answer.status == status, answer.text
    if action == "pause":
        for name, status in (("etl", 200), ("nothing", 404)):
            assert (await web.admin.post(f"{HERE}/dags/{name}/pause", {**body, "dryRun": True})).status == status
