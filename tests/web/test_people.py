"""Approvals, assets, the audit and home: what is shown of what people do, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest

from controller.model.action import Kind
from controller.model.asked import asked_annotation
from controller.model.dag import parse_dag
from controller.model.metadata import Key
from controller.model.timestamps import format_time
from tests.metastore.objects import START, at
from tests.web.conftest import Web
from tests.web.objects import A, B, approval, meta, run, task
from tests.web.standin import Right

ANSWER = f"/api/v1/namespaces/{A}/approvals/etl-11-report-1/answer"


async def items(web: Web, path: str, **params: Any) -> list[dict[str, Any]]:
    """The items of a list's first page."""
    answer = await web.admin.get(f"/api/v1{path}", params)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.fixture
def question(web: Web) -> Key:
    """The Approval as the API server holds it, beside its row."""
    key = Key(A, "etl-11-report-1")
    manifest = {"metadata": {"namespace": A, "name": key.name}, "spec": {"options": ["approve", "reject"]}}
    web.server.cluster.create(Kind.APPROVAL, manifest)
    return key


async def test_the_inbox(web: Web) -> None:
    """Questions that can be answered now, with what is asked and of which task; answered ones are elsewhere."""
    web.record(approval(A, "old-1", 54, {"state": "Closed", "finishedAt": at(99)}))
    web.record(approval(A, "told-1", 55, answer="approve"))
    (found,) = await items(web, "/approvals", namespace=A, pending="true")
    assert (found["name"], found["question"], found["options"]) == ("etl-11-report-1", "May we?", ["approve", "reject"])
    assert (found["dag"], found["run"], found["task"], found["index"]) == ("etl", "etl-11", "report", None)
    others = await items(web, "/approvals", namespace=A, pending="false")
    assert [(each["name"], each["state"], each["answer"]) for each in others] == [
        ("told-1", "Open", "approve"), ("old-1", "Closed", None)
    ]  # fmt: skip
    assert await items(web, "/approvals", dag="other") == []
    assert len(await items(web, "/approvals", run="etl-11")) == 4


async def test_a_question_of_a_mapped_task(web: Web) -> None:
    """Its place is told."""
    web.record(task(A, "etl-11", "report", 56, index=3, state="Deferred"))
    web.record(approval(A, "mapped", 57, owner="etl-11-report-3"))
    found = {each["name"]: each["index"] for each in await items(web, "/approvals", namespace=A)}
    assert found == {"mapped": 3, "etl-11-report-1": None}


async def test_an_answer(web: Web, question: Key) -> None:
    """Is one patch of the Approval in the caller's name; a dry run patches nothing."""
    told = await web.client("alice").post(ANSWER, {"answer": "approve", "dryRun": True})
    assert told.status == 200, told.text
    assert "answer" not in web.server.cluster.get(Kind.APPROVAL, question)["spec"]
    answer = await web.client("alice").post(ANSWER, {"answer": "approve", "comment": "Looks good"})
    assert answer.status == 200, answer.text
    spec = web.server.cluster.get(Kind.APPROVAL, question)["spec"]
    assert (spec["answer"], spec["by"], spec["comment"]) == ("approve", "alice", "Looks good")
    assert answer.json()["command"].startswith(f"kubectl -n {A} patch approvals.slipway.dev etl-11-report-1 ")


async def test_answers_that_are_refused(web: Web, question: Key) -> None:
    """One that is no option, one to a question that is answered or over, one to no question."""
    wrong = await web.admin.post(ANSWER, {"answer": "perhaps"})
    assert (wrong.status, wrong.json()["errors"]) == (
        422, [{"pointer": "/answer", "message": "the options are approve, reject"}]
    )  # fmt: skip
    assert (await web.admin.post(ANSWER.replace("report", "nothing"), {"answer": "approve"})).status == 404
    web.record(approval(A, "etl-11-report-1", 60, answer="reject", by="ada"))
    taken = await web.admin.post(ANSWER, {"answer": "approve"})
    assert (taken.status, taken.json()["detail"]) == (409, "ada has answered reject already")
    web.record(approval(A, "etl-11-report-1", 61, {"state": "Closed"}))
    over = await web.admin.post(ANSWER, {"answer": "approve"})
    assert (over.status, over.json()["detail"]) == (409, "The task has ended without an answer")


async def test_assets_with_their_dags(web: Web) -> None:
    """Who updates them and who waits for them, and their last update; a gone Dag names none."""
    follower = meta(A, "report", 70)
    status = {"assets": {"waitsFor": ["orders", "rates"]}}
    web.record(parse_dag(follower, {"spec": {"schedule": {"assets": {"all": ["orders", "rates"]}}}, "status": status}))
    found = {each["name"]: each for each in await items(web, "/assets", namespace=A)}
    assert list(found) == ["orders", "rates"]
    assert found["orders"]["producers"] == [{"dag": "etl", "tasks": ["extract"]}]
    assert (found["orders"]["consumers"], found["rates"]["consumers"]) == (["report"], ["report"])
    last = found["orders"]["lastEvent"]
    assert (last["run"], last["task"], last["attempt"], last["at"]) == ("etl-03", "extract", 1, at(20))
    assert found["rates"]["lastEvent"] is None
    assert [each["name"] for each in await items(web, "/assets", namespace=A, name="rat")] == ["rates"]
    web.writer.deleted(parse_dag(follower, {"spec": {}}))
    web.writer.flushed()
    assert [each["name"] for each in await items(web, "/assets", namespace=A)] == ["orders"]


async def test_updates_of_assets(web: Web) -> None:
    """The newest first, of one asset or of all."""
    for number, asset in ((61, "orders"), (62, "rates")):
        ended = {"number": 1, "pod": "p", "state": "Success", "updates": [asset], "finishedAt": at(number)}
        web.record(task(A, f"etl-{number - 60:02}", "extract", number, state="Success", attempts=[ended]))
    told = [(each["asset"], each["run"]) for each in await items(web, "/assets/events", namespace=A)]
    assert told == [("rates", "etl-02"), ("orders", "etl-01"), ("orders", "etl-03")]
    only = await items(web, "/assets/events", namespace=A, asset="orders")
    assert [each["run"] for each in only] == ["etl-01", "etl-03"]


async def test_the_audit(web: Web) -> None:
    """What was triggered, cleared, cancelled, paused and answered: when, by whom, and what else is known."""
    noted = {**asked_annotation("trigger", "ada", START), **asked_annotation("cancel", "bob", START.replace(hour=8))}
    cleared = {"id": "1", "action": "clear", "by": "eve", "at": at(3600), "count": 2, "tasks": ["a", "b"]}
    looked = {**cleared, "id": "2", "dryRun": True}
    spec = {"runType": "manual", "cancel": "force", "note": "mine"}
    web.record(run(A, "mine", 90, {"requests": [cleared, looked]}, spec=spec, annotations=noted))
    paused = asked_annotation("pause", "ada", START.replace(hour=9))
    web.record(parse_dag(meta(A, "etl", 91, annotations=paused), {"spec": {"paused": True}}))
    status = {"state": "Answered", "finishedAt": at(14400)}
    web.record(approval(A, "etl-11-report-1", 92, status, answer="approve", by="zoe", comment="fine"))
    found = [each for each in await items(web, "/audit", namespace=A) if each["name"] in ("mine", "etl")]
    assert [(each["action"], each["askedBy"], each["kind"], each["at"]) for each in found] == [
        ("pause", "ada", "Dag", "2026-01-01T09:00:00Z"),
        ("cancel", "bob", "DagRun", "2026-01-01T08:00:00Z"),
        ("clear", "eve", "DagRun", at(3600)),
        ("trigger", "ada", "DagRun", at(90)),
    ]
    assert [each["details"].get("mode") for each in found[1:2]] == ["force"]
    assert found[2]["details"]["tasks"] == ["a", "b"]
    assert found[3]["details"] == {"note": "mine"}
    (answered,) = await items(web, "/audit", namespace=A, action="answer")
    assert (answered["askedBy"], answered["details"]) == (
        "zoe", {"task": "report", "answer": "approve", "comment": "fine"}
    )  # fmt: skip
    assert {each["action"] for each in await items(web, "/audit", user="ada")} == {"pause", "trigger"}
    assert {each["action"] for each in await items(web, "/audit", run="mine")} == {"trigger", "clear", "cancel"}
    assert {each["action"] for each in await items(web, "/audit", dag="etl", action=["pause", "clear"])} == {
        "pause", "clear"
    }  # fmt: skip


async def test_the_audit_for_those_who_see_less(web: Web) -> None:
    """What was asked of a kind of object, a comment on an answer included, is told to those who may see that kind."""
    status = {"state": "Answered", "finishedAt": at(14400)}
    web.record(approval(A, "etl-11-report-1", 92, status, answer="approve", by="zoe", comment="only for approvers"))
    paused = asked_annotation("pause", "ada", START)
    web.record(*(parse_dag(meta(space, "etl", 91, annotations=paused), {"spec": {"paused": True}}) for space in (A, B)))
    rights = {
        "sees-runs": {("get", "dagruns", A)},
        "sees-dags": {("get", "dags", A)},
        "sees-both": {("get", "dags", B), ("get", "approvals", A)},
        "sees-nothing": set[Right](),
    }
    found = {}
    for user, granted in rights.items():
        web.server.grant(user, *granted)
        answer = await web.client(user).get("/api/v1/audit")
        found[user] = {(each["kind"], each["namespace"]) for each in answer.json()["items"]}
    assert {kind for kind, _ in found["sees-runs"]} <= {"DagRun"}
    assert (found["sees-dags"], found["sees-nothing"]) == ({("Dag", A)}, set())
    assert found["sees-both"] == {("Dag", B), ("Approval", A)}
    refused = await web.client("sees-dags").get("/api/v1/audit", {"namespace": B})
    assert (refused.status, "only for approvers" in refused.text) == (403, False)


async def test_what_the_api_does_is_in_the_audit(web: Web) -> None:
    """An action through the API leaves who asked on the object, and so in the audit; nobody else's is touched."""
    made = await web.client("alice").post(f"/api/v1/namespaces/{A}/dags/etl/runs", {"name": "by-hand"})
    assert made.status == 201, made.text
    raw = web.server.cluster.get(Kind.DAG_RUN, Key(A, "by-hand"))
    await web.client("alice").post(f"/api/v1/namespaces/{A}/runs/by-hand/cancel", {})
    after = web.server.cluster.get(Kind.DAG_RUN, Key(A, "by-hand"))
    assert set(after["metadata"]["annotations"]) == {"slipway.dev/asked-trigger", "slipway.dev/asked-cancel"}
    about = {"annotations": after["metadata"]["annotations"], "creationTimestamp": raw["metadata"]["creationTimestamp"]}
    web.record(run(A, "by-hand", 99, spec={"runType": "manual"}, **about))
    told = await items(web, "/audit", run="by-hand")
    assert {(each["action"], each["askedBy"]) for each in told} == {("trigger", "alice"), ("cancel", "alice")}


async def test_a_deletion_is_in_the_audit(web: Web) -> None:
    """Also where the controller sees no more of the object than its end."""
    asked = {"annotations": asked_annotation("delete", "ada", START.replace(hour=9))}
    web.writer.deleted(run(A, "etl-03", 100, **asked))
    web.writer.deleted(run(A, "etl-02", 101))
    web.writer.flushed()
    (line,) = await items(web, "/audit", namespace=A, action="delete")
    assert (line["name"], line["askedBy"], line["kind"], line["dag"]) == ("etl-03", "ada", "DagRun", "etl")


async def test_home(web: Web) -> None:
    """Counts of the window and of what runs now, the last failures, Dags that can't run, pools and open questions."""
    now = format_time(datetime.now(UTC))
    told = {"state": "Failed", "counts": {"Success": 5, "Failed": 1}, "finishedAt": now, "failedTasks": ["load"]}
    web.record(run(A, "late", 90, {**told, "reason": "TasksFailed"}))
    found = (await web.admin.get("/api/v1/home", {"namespace": A})).json()
    assert found["counts"] == {
        "runs": {"Failed": 1, "Running": 1}, "tasks": {"Failed": 1, "Success": 7}
    }  # fmt: skip
    (failed,) = found["failedRuns"]
    assert (failed["name"], failed["finishedAt"], failed["reason"], failed["failedTasks"]) == (
        "late", now, "TasksFailed", ["load"]
    )  # fmt: skip
    assert [each["name"] for each in found["dagsNotReady"]] == ["paused"]
    assert [(each["name"], each["used"]) for each in found["pools"]] == [("db", 1), ("default", 0)]
    assert found["pendingApprovals"] == 1
    both = (await web.admin.get("/api/v1/home")).json()
    assert (both["pendingApprovals"], {each["namespace"] for each in both["pools"]}) == (2, {A, B})
    assert (await web.admin.get("/api/v1/home", {"hours": 169})).status == 422
