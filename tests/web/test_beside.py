"""A run and those before or after it: the same runs as `slipway clear --past`, told of before they are touched."""

import pytest

from controller.cli.latest import place
from controller.model.action import Kind
from controller.model.metadata import Key
from tests.metastore.objects import at
from tests.web.conftest import Web
from tests.web.objects import A, run
from tests.web.test_bulk import BULK, STATUS

BESIDE = {"namespace": A, "name": "etl-03"}


def told_of(items: list[dict[str, object]]) -> list[object]:
    """The runs, in the order in which they are told of."""
    return [each["run"] for each in items]


@pytest.mark.parametrize(
    ("sides", "numbers"),
    [
        ({}, [3]),
        ({"past": True}, [3, 2, 1, 0]),
        ({"future": True}, [11, 10, 9, 8, 7, 6, 5, 4, 3]),
        ({"past": True, "future": True}, range(11, -1, -1)),
    ],
)
async def test_which_runs(web: Web, sides: dict[str, bool], numbers: list[int]) -> None:
    """By what they are about, the newest first."""
    asked = {"beside": {**BESIDE, **sides}, "state": "failed", "dryRun": True}
    found = (await web.client("alice").post(f"{BULK}/mark", asked)).json()["items"]
    assert told_of(found) == [f"etl-{number:02}" for number in numbers]


async def test_the_same_runs_as_the_command(web: Web) -> None:
    """Also where several are about one instant, or about none: then their creation counts."""
    for version, name, date in ((300, "same-a", 3), (301, "same-z", 3), (302, "undated", None)):
        spec = {} if date is None else {"logicalDate": at(3600 * date)}
        web.record(run(A, name, version, STATUS, spec=spec, creationTimestamp=at(4 * 3600)))
    for each in (await web.admin.get("/api/v1/runs", {"namespace": A, "limit": 99})).json()["items"]:
        dated = {} if each["logicalDate"] is None else {"logicalDate": each["logicalDate"]}
        metadata = {"namespace": A, "name": each["name"]}
        raw = web.server.cluster.create(
            Kind.DAG_RUN, {"metadata": metadata, "spec": {"dagRef": {"name": "etl"}, **dated}}
        )
        raw["metadata"]["creationTimestamp"] = each["createdAt"]
    raws = {raw["metadata"]["name"]: raw for raw in web.server.cluster.all_of(Kind.DAG_RUN)}
    here = place(raws["etl-03"])
    for past, future in ((True, False), (False, True)):
        asked = {"beside": {**BESIDE, "past": past, "future": future}, "state": "failed", "dryRun": True}
        found = told_of((await web.admin.post(f"{BULK}/mark", asked)).json()["items"])
        wanted = {name for name, raw in raws.items() if place(raw) == here or (place(raw) < here) == past}
        assert (set(found), len(found)) == (wanted, len(wanted))
        assert len({"same-a", "same-z"} & wanted) == (0 if past else 2)


async def test_all_is_done_as_it_was_told(web: Web) -> None:
    """With the token of the dry run; another run that came since is another list."""
    for number in range(4):
        manifest = {"metadata": {"namespace": A, "name": f"etl-{number:02}"}, "spec": {"dagRef": {"name": "etl"}}}
        web.server.cluster.create(Kind.DAG_RUN, manifest)["metadata"]["uid"] = f"{A}/etl-{number:02}"
        web.server.cluster.patch_status(Kind.DAG_RUN, Key(A, f"etl-{number:02}"), STATUS)
    asked = {"beside": {**BESIDE, "past": True}, "tasks": ["report"], "downstream": True}
    told = (await web.admin.post(f"{BULK}/clear", {**asked, "dryRun": True})).json()
    assert [each["outcome"]["cleared"] for each in told["items"]] == [["report"], [], [], []]
    web.record(run(A, "between", 400, STATUS, spec={"logicalDate": at(1800)}))
    assert (await web.admin.post(f"{BULK}/clear", {**asked, "expect": told["token"]})).status == 409
    web.writer.deleted(run(A, "between", 401))
    web.writer.flushed()
    assert (await web.admin.post(f"{BULK}/clear", {**asked, "expect": told["token"]})).status == 200
    for number in range(4):
        spec = web.server.cluster.get(Kind.DAG_RUN, Key(A, f"etl-{number:02}"))["spec"]
        assert spec["request"]["clear"]["tasks"] == ["report"]


async def test_of_a_run_that_is_not_there(web: Web) -> None:
    """There is nothing before or after it, and nothing is touched."""
    for name, status in (("nothing", 404), ("etl-02", 404)):
        web.writer.deleted(run(A, "etl-02", 100))
        web.writer.flushed()
        asked = {"beside": {"namespace": A, "name": name, "past": True}, "state": "failed"}
        assert (await web.admin.post(f"{BULK}/mark", asked)).status == status


async def test_too_many(web: Web) -> None:
    """The cap is that of all calls in bulk."""
    for number in range(200):
        web.writer.observed(run(A, f"old-{number}", 1000 + number, spec={"logicalDate": at(-3600 * number - 60)}))
    web.writer.flushed()
    answer = await web.admin.post(f"{BULK}/clear", {"beside": {**BESIDE, "past": True}, "dryRun": True})
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/beside")
