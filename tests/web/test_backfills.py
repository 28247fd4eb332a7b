"""Backfills: their pages, a plan before one is made, and what can be done to one."""

from typing import Any

import pytest

from controller.model.action import Kind
from controller.model.dag import parse_dag, parse_revision
from controller.model.metadata import Key
from tests.metastore.objects import at
from tests.web.conftest import Web
from tests.web.objects import REVISION, A, backfill, meta, run

ONE = f"/api/v1/namespaces/{A}/backfills/january"
NEW = f"/api/v1/namespaces/{A}/dags/etl/backfills"
RANGE = {"from": "2025-12-31T00:00:00Z", "to": "2025-12-31T03:00:00Z"}
PLANNED = {
    "state": "Running",
    "revision": REVISION,
    "plannedAt": at(7 * 24 * 3600),
    "handledThrough": at(2 * 3600),
    "plan": {"total": 4, "create": 2, "exists": 1, "reprocess": 1},
    "done": "1/3",
}


def name_of(hour: int) -> str:
    """The run that the schedule would make for this hour of the story."""
    return f"etl-20260101t{6 + hour:02}0000"


@pytest.fixture
def planned(web: Web) -> Web:
    """A backfill of four hours whose first two slots are done: it made one run and cleared one, and passed one over."""
    web.record(backfill(A, "january", 60, PLANNED, note="again"))
    label = {"slipway.dev/backfill": "january"}
    for hour, kind, labels, version in ((0, "backfill", label, 61), (1, "scheduled", label, 40), (3, "manual", {}, 62)):
        spec = {"runType": kind, "logicalDate": at(3600 * hour)}
        web.record(run(A, name_of(hour), version, {"state": "Success"}, spec=spec, labels=labels))
    return web


async def test_the_list(planned: Web) -> None:
    """Newest first, narrowed by namespace, Dag and state."""
    found = (await planned.admin.get("/api/v1/backfills", {"namespace": A})).json()["items"]
    assert [(each["name"], each["from"], each["to"], each["progress"]) for each in found] == [
        ("january", at(0), at(3 * 3600), "1/3")
    ]
    assert found[0]["plan"] == {"total": 4, "create": 2, "exists": 1, "reprocess": 1, "inFlight": 0}
    for params, count in (({"dag": "etl"}, 2), ({"dag": "no"}, 0), ({"state": "Running"}, 1), ({"state": "Failed"}, 0)):
        assert len((await planned.admin.get("/api/v1/backfills", params)).json()["items"]) == count


async def test_one_with_its_intervals(planned: Web) -> None:
    """Each slot of the range, and what became of it; in pages."""
    found = (await planned.admin.get(ONE)).json()
    assert (found["note"], found["revision"]) == ("again", REVISION)
    told = [(each["logicalDate"], each["run"], each["state"]) for each in found["intervals"]["items"]]
    assert told == [
        (at(0), name_of(0), "created"),
        (at(3600), name_of(1), "reprocessed"),
        (at(2 * 3600), None, "passed"),
        (at(3 * 3600), name_of(3), "existing"),
    ]
    assert found["intervals"]["items"][0]["runState"] == "Success"
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await planned.admin.get(ONE, {"limit": 3, **cursor})).json()["intervals"]
        seen += [each["logicalDate"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [each[0] for each in told]
    assert (await planned.admin.get(ONE, {"cursor": "x"})).status == 422
    assert (await planned.admin.get(ONE, {"limit": 501})).status == 422


async def test_intervals_that_wait(planned: Web) -> None:
    """What the backfill has not come to yet; backwards the order is the other one."""
    planned.record(backfill(A, "january", 70, {**PLANNED, "handledThrough": at(3 * 3600)}, runBackwards=True))
    found = (await planned.admin.get(ONE)).json()["intervals"]["items"]
    assert [(each["logicalDate"], each["state"]) for each in found][1:3] == [
        (at(2 * 3600), "waiting"), (at(3600), "reprocessed")
    ]  # fmt: skip


async def test_intervals_that_are_not_known(web: Web) -> None:
    """Before the plan there are none to show, and none are made up."""
    found = (await web.admin.get(ONE)).json()
    assert (found["intervals"], found["plan"]["total"]) == (None, 0)
    assert (await web.admin.get(ONE.replace("january", "may"))).status == 404


async def test_a_plan_before_it_is_made(planned: Web) -> None:
    """A dry run tells of each interval what would be done, by the controller's rules, and creates nothing."""
    planned.record(backfill(A, "january", 80, {**PLANNED, "state": "Success"}))
    asked = {"from": at(0), "to": at(4 * 3600), "reprocess": "completed", "dryRun": True}
    answer = await planned.client("alice").post(NEW, asked)
    assert answer.status == 201, answer.text
    plan = answer.json()["plan"]
    assert [(each["run"], each["plan"]) for each in plan["intervals"]] == [
        (name_of(0), "reprocess"), (name_of(1), "reprocess"), (name_of(2), "create"), (name_of(3), "reprocess"),
        (name_of(4), "create"),
    ]  # fmt: skip
    assert (plan["total"], plan["create"], plan["reprocess"], plan["whole"]) == (5, 2, 3, True)
    gaps = (await planned.admin.post(NEW, {"from": at(0), "to": at(20 * 3600), "gaps": True, "dryRun": True})).json()
    assert (gaps["plan"]["create"], gaps["plan"]["exists"]) == (9, 12)
    assert planned.server.cluster.all_of(Kind.BACKFILL) == ()


async def test_a_new_one(web: Web) -> None:
    """Is created as the caller, with every word of the question."""
    asked = {
        **RANGE, "name": "mine", "approval": True, "maxActiveRuns": 2, "runBackwards": True, "note": "x",
        "params": {"day": "friday"},
    }  # fmt: skip
    answer = await web.client("alice").post(NEW, asked)
    assert answer.status == 201, answer.text
    raw = web.server.cluster.get(Kind.BACKFILL, Key(A, "mine"))
    assert raw["spec"] == {
        "dagRef": {"name": "etl"}, **RANGE, "reprocess": "none", "gaps": False, "maxActiveRuns": 2,
        "runBackwards": True, "approved": False, "note": "x", "params": {"day": "friday"},
    }  # fmt: skip
    assert raw["metadata"]["labels"] == {"slipway.dev/dag": "etl"}
    assert raw["metadata"]["annotations"]["slipway.dev/asked-backfill"].endswith(" alice")
    assert answer.json()["plan"]["create"] == 4


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "2026-02-01T00:00:00Z", "to": "2026-01-31T00:00:00Z"}, "is later than to"),
        ({"from": "2999-01-01T00:00:00Z", "to": "2999-01-02T00:00:00Z"}, "lies in the future"),
        ({**RANGE, "gaps": True, "reprocess": "failed"}, "can't be together"),
        ({**RANGE, "params": {"count": "many"}}, "param count is wrong"),
        ({"from": at(0), "to": at(3600)}, "Backfill january of the same Dag has not ended"),
        ({"from": "2025-12-31T00:10:00Z", "to": "2025-12-31T00:20:00Z"}, "No slot of the schedule"),
        ({**RANGE, "maxActiveRuns": 0}, "greater than or equal to 1"),
        ({"from": "yesterday", "to": at(0)}, "is not a time"),
    ],
)
async def test_what_the_controller_would_refuse(web: Web, asked: dict[str, Any], words: str) -> None:
    """Is refused before it is made, by the same words."""
    answer = await web.admin.post(NEW, asked)
    assert answer.status == 422
    assert words in answer.json()["detail"]
    assert web.server.cluster.all_of(Kind.BACKFILL) == ()


async def test_a_dag_without_a_plan(web: Web) -> None:
    """One that is not there, or whose spec no run could use."""
    assert (await web.admin.post(NEW.replace("etl", "nothing"), RANGE)).status == 404
    web.record(parse_revision(meta(A, "bad-1", 71, labels={"slipway.dev/dag": "bad"}), {"data": {"tasks": []}}))
    web.record(parse_dag(meta(A, "bad", 72), {"spec": {}, "status": {"revision": "bad-1"}}))
    answer = await web.admin.post(NEW.replace("etl", "bad"), RANGE)
    assert (answer.status, answer.json()["detail"]) == (409, "Dag bad is not valid")


async def test_a_range_of_more_than_can_be_looked_at(web: Web) -> None:
    """It is said that the counts are not whole, instead of looking for minutes."""
    spec = {"schedule": {"every": "1m", "start": "2020-01-01T00:00:00Z"}, "tasks": [{"name": "a", "noop": {}}]}
    web.record(parse_revision(meta(A, "often-1", 73, labels={"slipway.dev/dag": "often"}), {"data": spec}))
    web.record(parse_dag(meta(A, "often", 74), {"spec": spec, "status": {"revision": "often-1"}}))
    asked = {"from": "2021-01-01T00:00:00Z", "to": "2021-12-31T00:00:00Z", "dryRun": True}
    plan = (await web.admin.post(NEW.replace("etl", "often"), asked)).json()["plan"]
    assert (plan["whole"], plan["total"], len(plan["intervals"])) == (False, 20_000, 500)


async def test_what_can_be_done_to_one(web: Web) -> None:
    """Approve, pause, go on and cancel are one field each; a dry run changes nothing."""
    key = Key(A, "january")
    web.server.cluster.create(Kind.BACKFILL, {"metadata": {"namespace": A, "name": "january"}, "spec": {}})
    for action, body, field, value in (
        ("approve", {}, "approved", True),
        ("pause", {"paused": True}, "paused", True),
        ("pause", {"paused": False}, "paused", False),
        ("cancel", {"mode": "force"}, "cancel", "force"),
    ):
        before = web.server.cluster.get(Kind.BACKFILL, key)
        assert (await web.admin.post(f"{ONE}/{action}", {**body, "dryRun": True})).status == 200
        assert web.server.cluster.get(Kind.BACKFILL, key) == before
        answer = await web.client("alice").post(f"{ONE}/{action}", body)
        assert answer.status == 200, answer.text
        assert web.server.cluster.get(Kind.BACKFILL, key)["spec"][field] == value
    web.record(backfill(A, "january", 75, {"state": "Failed"}))
    assert (await web.admin.post(f"{ONE}/cancel", {"dryRun": True})).status == 409
    assert (await web.admin.post(f"{ONE.replace('january', 'may')}/cancel", {"dryRun": True})).status == 404
