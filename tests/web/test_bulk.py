"""Many objects in one call: each is changed for itself, and each has its own outcome or problem."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from controller.model.action import Kind
from controller.model.metadata import Key
from tests.web.conftest import Web
from tests.web.objects import REVISION, A, B, run

BULK = "/api/v1/bulk"
STATUS = {"revision": REVISION, "state": "Failed", "expansions": {"part": 3}}


def stand(web: Web, *names: str) -> None:
    """The runs as the API server holds them, beside their rows."""
    for name in names:
        manifest = {"metadata": {"namespace": A, "name": name}, "spec": {"dagRef": {"name": "etl"}}}
        raw = web.server.cluster.create(Kind.DAG_RUN, manifest)
        raw["metadata"]["uid"] = f"{A}/{name}"
        web.server.cluster.patch_status(Kind.DAG_RUN, Key(A, name), STATUS)


def named(*names: str) -> list[dict[str, str]]:
    """Objects of namespace A."""
    return [{"namespace": A, "name": name} for name in names]


def spec_of(web: Web, name: str, kind: Kind = Kind.DAG_RUN) -> dict[str, Any]:
    """The spec as it stands in the API server."""
    found: dict[str, Any] = web.server.cluster.get(kind, Key(A, name))["spec"]
    return found


def outcomes(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """By run: what is cleared, or the problem's status."""
    return {
        each["run"]: each["outcome"]["cleared"] if each["outcome"] is not None else each["problem"]["status"]
        for each in items
    }


async def test_clear_in_bulk(web: Web) -> None:
    """A dry run tells of each run; with its token the same is done, each run by a patch of its own."""
    stand(web, "etl-03", "etl-02")
    asked = {"runs": named("etl-03", "etl-02", "gone", "etl-03"), "onlyFailed": True}
    told = await web.client("alice").post(f"{BULK}/clear", {**asked, "dryRun": True})
    assert told.status == 200, told.text
    assert outcomes(told.json()["items"]) == {"etl-03": ["part[2]", "report"], "etl-02": [], "gone": 404}
    assert "request" not in spec_of(web, "etl-03")
    done = await web.client("alice").post(f"{BULK}/clear", {**asked, "expect": told.json()["token"]})
    assert outcomes(done.json()["items"]) == outcomes(told.json()["items"])
    assert spec_of(web, "etl-03")["request"]["by"] == "alice"
    assert spec_of(web, "etl-03")["request"]["clear"]["onlyFailed"] is True
    assert spec_of(web, "etl-02")["request"]["id"] == spec_of(web, "etl-03")["request"]["id"]


async def test_another_outcome_than_expected(web: Web) -> None:
    """Then not one run is touched."""
    stand(web, "etl-03", "etl-02")
    asked = {"runs": named("etl-03", "etl-02"), "onlyFailed": True}
    token = (await web.admin.post(f"{BULK}/clear", {**asked, "dryRun": True})).json()["token"]
    answer = await web.admin.post(f"{BULK}/clear", {"runs": named("etl-03"), "onlyFailed": True, "expect": token})
    assert answer.status == 409
    assert "request" not in spec_of(web, "etl-03")


async def test_mark_by_filter(web: Web) -> None:
    """The words are those of GET /runs; all that match are marked."""
    stand(web, "etl-03")
    asked = {"filter": {"namespace": A, "state": ["Failed"]}, "state": "success", "tasks": ["report"]}
    answer = await web.client("alice").post(f"{BULK}/mark", asked)
    assert answer.status == 200, answer.text
    (item,) = answer.json()["items"]
    assert (item["run"], item["outcome"]["marked"]) == ("etl-03", ["report"])
    assert spec_of(web, "etl-03")["request"]["mark"]["tasks"] == ["report"]


async def test_cancel_in_bulk(web: Web) -> None:
    """Those that run are cancelled; one that has ended, or is gone, says so."""
    stand(web, "etl-11", "etl-03")
    asked = {"runs": named("etl-11", "etl-03", "nothing"), "mode": "force"}
    told = (await web.admin.post(f"{BULK}/cancel", {**asked, "dryRun": True})).json()
    assert "cancel" not in spec_of(web, "etl-11")
    found = (await web.admin.post(f"{BULK}/cancel", {**asked, "expect": told["token"]})).json()["items"]
    assert outcomes(found) == {"etl-11": [], "etl-03": 409, "nothing": 404}
    assert (spec_of(web, "etl-11")["cancel"], spec_of(web, "etl-03").get("cancel")) == ("force", None)


async def test_pause_dags_in_bulk(web: Web) -> None:
    """By name or by the words of GET /dags."""
    for name in ("etl", "paused"):
        web.server.cluster.create(Kind.DAG, {"metadata": {"namespace": A, "name": name}, "spec": {}})
    asked = {"filter": {"namespace": A, "paused": False}, "paused": True}
    told = (await web.admin.post(f"{BULK}/pause", {**asked, "dryRun": True})).json()
    found = (await web.client("alice").post(f"{BULK}/pause", {**asked, "expect": told["token"]})).json()["items"]
    assert [(each["dag"], each["outcome"]["body"]["spec"]) for each in found] == [("etl", {"paused": True})]
    assert (spec_of(web, "etl", Kind.DAG), spec_of(web, "paused", Kind.DAG)) == ({"paused": True}, {})
    for dry_run in (True, False):
        nothing = {"dags": named("nothing"), "paused": True, "dryRun": dry_run}
        missing = (await web.admin.post(f"{BULK}/pause", nothing)).json()["items"]
        assert missing[0]["problem"]["status"] == 404


@pytest.mark.parametrize("name", ["x/../../pods/y", "etl-11/status", "etl-11?dryRun=All", "..", "", "a\n"])
@pytest.mark.parametrize("field", ["namespace", "name"])
async def test_a_name_that_is_a_path(web: Web, name: str, field: str) -> None:
    """It could name another object than the one that was reviewed: all is refused."""
    stand(web, "etl-11")
    asked = {"runs": [{"namespace": A, "name": "etl-11"} | {field: name}]}
    for action, more in (("cancel", {}), ("clear", {}), ("mark", {"state": "failed"})):
        answer = await web.admin.post(f"{BULK}/{action}", {**asked, **more})
        assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, f"/runs/0/{field}")
    assert set(spec_of(web, "etl-11")).isdisjoint(("cancel", "request"))


async def test_one_that_is_refused(web: Web) -> None:
    """The others are changed all the same."""
    stand(web, "etl-11")
    web.server.grant("carol", ("get", "*", A), ("patch", "dagruns", A))
    asked = {"runs": [*named("etl-11"), {"namespace": B, "name": "etl-11"}], "mode": "force"}
    answer = await web.client("carol").post(f"{BULK}/cancel", asked)
    first, second = answer.json()["items"]
    assert (first["outcome"]["name"], second["problem"]["status"]) == ("etl-11", 403)
    assert spec_of(web, "etl-11")["cancel"] == "force"


@pytest.mark.parametrize("action", ["clear", "mark", "cancel", "delete", "pause"])
async def test_the_cap(web: Web, action: str) -> None:
    """More than 200 are refused, named or found, and the cap is told; nothing is changed."""
    words: dict[str, dict[str, Any]] = {"mark": {"state": "failed"}, "pause": {"paused": True}}
    more = words.get(action, {})
    field = "dags" if action == "pause" else "runs"
    many = await web.admin.post(f"{BULK}/{action}", {field: named(*(f"r{n}" for n in range(201))), **more})
    assert (many.status, many.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    assert "200 at most" in many.json()["detail"]
    for body in ({}, {field: named("etl-03"), "filter": {}}):
        none = await web.admin.post(f"{BULK}/{action}", {**body, **more})
        ways = "dags and filter" if field == "dags" else "runs, filter and beside"
        assert (none.status, none.json()["detail"]) == (422, f"give exactly one of {ways}")


async def test_no_time_is_left(web: Web) -> None:
    """What can't be begun in time is told as that, each for itself, and nothing is done to it."""
    stand(web, "etl-11", "etl-03")
    settings = web.parts.settings.model_copy(update={"request_seconds": 1e-9})
    web.use(replace(web.parts, settings=settings))
    answer = await web.admin.post(f"{BULK}/cancel", {"runs": named("etl-11", "etl-03")})
    assert (answer.status, outcomes(answer.json()["items"])) == (200, {"etl-11": 503, "etl-03": 503})
    assert "cancel" not in spec_of(web, "etl-11")


async def test_the_cap_of_a_filter(web: Web) -> None:
    """It matches more than one call takes: the caller narrows it."""
    for number in range(201):
        web.writer.observed(run(A, f"many-{number}", 1000 + number, {"state": "Queued"}))
    web.writer.flushed()
    answer = await web.admin.post(f"{BULK}/cancel", {"filter": {"state": ["Queued"]}})
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/filter")
    assert "more than 200 match" in answer.json()["detail"]


async def test_a_filter_finds_no_run_that_is_gone(web: Web) -> None:
    """Nothing can be done to it, and a history of years would leave no room for what lives."""
    stand(web, "etl-03")
    web.writer.deleted(run(A, "etl-02", 100))
    web.writer.flushed()
    asked = {"filter": {"namespace": A, "before": "2026-01-01T10:00:00Z"}, "dryRun": True}
    found = (await web.admin.post(f"{BULK}/delete", asked)).json()["items"]
    assert [each["run"] for each in found] == ["etl-03", "etl-01", "etl-00"]
    asked = {"filter": {"namespace": A, "deleted": True}, "dryRun": True}
    assert (await web.admin.post(f"{BULK}/delete", asked)).json()["items"] == []
    for deleted, names in (("true", ["etl-02"]), ("false", [f"etl-{n:02}" for n in range(11, -1, -1) if n != 2])):
        listed = (await web.admin.get("/api/v1/runs", {"namespace": A, "deleted": deleted})).json()["items"]
        assert [each["name"] for each in listed] == names


async def test_note_and_slots(web: Web) -> None:
    """One field of a run, one of a pool."""
    stand(web, "etl-03")
    path = f"/api/v1/namespaces/{A}/runs/etl-03"
    assert (await web.admin.post(f"{path}/note", {"note": "seen"})).status == 200
    assert spec_of(web, "etl-03")["note"] == "seen"
    assert (await web.admin.post(f"{path}/note", {"note": None})).status == 200
    assert "note" not in spec_of(web, "etl-03")
    web.server.cluster.create(Kind.POOL, {"metadata": {"namespace": A, "name": "db"}, "spec": {"slots": 4}})
    for pool, slots, status in (("db", 9, 200), ("default", 9, 404), ("db", -2, 422)):
        body = f'{{"slots": {slots}}}'.encode()
        answer = await web.admin.send("PUT", f"/api/v1/namespaces/{A}/pools/{pool}/slots", body=body)
        assert answer.status == status, answer.text
    assert spec_of(web, "db", Kind.POOL)["slots"] == 9
