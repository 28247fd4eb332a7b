"""What the lists show: the right rows, narrowed in SQL, on both databases."""

from typing import Any

import pytest

from controller.model.dag import parse_dag
from controller.model.pool import parse_pool
from tests.web.conftest import Web
from tests.web.objects import OLD_REVISION, REVISION, A, B, history, meta, run


async def items(web: Web, path: str, **params: Any) -> list[dict[str, Any]]:
    """The items of a list's first page."""
    answer = await web.admin.get(f"/api/v1{path}", params)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_dags_with_their_last_runs(web: Web) -> None:
    """Each Dag comes once, with its newest runs first."""
    found = await items(web, "/dags", runs=3)
    assert [(dag["namespace"], dag["name"]) for dag in found] == [
        (A, "etl"), (A, "paused"), (B, "etl"), (B, "paused")
    ]  # fmt: skip
    assert [run["name"] for run in found[0]["recent"]] == ["etl-11", "etl-10", "etl-09"]
    assert found[0]["recent"][0]["state"] == "Running"
    assert found[0]["tags"] == ["nightly", "etl"]
    assert found[1]["recent"] == []


async def test_bars_of_equal_times(web: Web) -> None:
    """Runs about one instant stand in the same order on both databases, with their times to the millisecond."""
    at = "2026-03-01T06:00:00.250Z"
    for name in ("b", "c", "a"):
        web.record(run(A, name, 200, {"state": "Running", "startedAt": at}, spec={"logicalDate": at}))
    (found, *_) = await items(web, "/dags", runs=3)
    bar = {"state": "Running", "runType": "manual", "orderedAt": at, "startedAt": at, "finishedAt": None}
    assert found["recent"] == [{"name": name, **bar} for name in ("c", "b", "a")]


async def test_dags_tell_their_zone(web: Web) -> None:
    """Of local times; a span has none, and neither has a Dag that runs by hand."""
    for name, schedule in {
        "at-home": {"cron": "0 6 * * *", "timezone": "Europe/Zurich"},
        "at-once": {"crons": ["@daily"]},
        "spans": {"every": "6h", "start": "2026-01-01T00:00:00Z"},
        "wrong": {"cron": "0 6 * * *", "timezone": 7},
    }.items():
        web.record(parse_dag(meta(A, name, 300), {"spec": {"schedule": schedule, "tasks": []}}))
    found = {dag["name"]: dag["timezone"] for dag in await items(web, "/dags", namespace=A)}
    assert found == {
        "etl": "UTC", "paused": None, "at-home": "Europe/Zurich", "at-once": "UTC", "spans": None, "wrong": "UTC"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"name": "et"}, ["etl"]),
        ({"name": "%"}, []),
        ({"tag": "nightly"}, ["etl"]),
        ({"tag": ["no", "etl"]}, ["etl"]),
        ({"tag": "night"}, []),
        ({"paused": "true"}, ["paused"]),
        ({"ready": "true"}, ["etl"]),
        ({"ready": "false"}, ["paused"]),
        ({"state": "Running"}, ["etl"]),
        ({"owner": "data"}, ["etl"]),
        ({"namespace": B, "paused": "false"}, ["etl"]),
    ],
)
async def test_dags_are_narrowed(web: Web, params: dict[str, Any], names: list[str]) -> None:
    """Every filter means the same on both databases."""
    found = await items(web, "/dags", **{"namespace": A, **params})
    assert [dag["name"] for dag in found] == names


async def test_a_deleted_dag_is_hidden_unless_asked_for(web: Web) -> None:
    """Its page stays, its line goes."""
    web.writer.deleted(next(iter(history(A))))
    web.writer.flushed()
    assert [dag["name"] for dag in await items(web, "/dags", namespace=A)] == ["paused"]
    assert [dag["name"] for dag in await items(web, "/dags", namespace=A, deleted="true")] == ["etl", "paused"]
    one = await web.admin.get(f"/api/v1/namespaces/{A}/dags/etl")
    assert one.json()["deletedAt"] is not None


@pytest.mark.parametrize(
    ("params", "numbers"),
    [
        ({"state": "Failed"}, [3]),
        ({"state": ["Failed", "Running"]}, [11, 3]),
        ({"type": "manual"}, [10, 8, 6, 4, 2, 0]),
        ({"after": "2026-01-01T15:00:00Z"}, [11, 10, 9]),
        ({"before": "2026-01-01T08:00:00+00:00"}, [1, 0]),
        ({"label": "team=blue"}, [3, 2, 1, 0]),
        ({"label": ["team=blue", "team=red"]}, []),
        ({"label": "tea=blue"}, []),
    ],
)
async def test_runs_are_narrowed(web: Web, params: dict[str, Any], numbers: list[int]) -> None:
    """Newest first, of one Dag and overall alike."""
    wanted = [f"etl-{number:02}" for number in numbers]
    assert [run["name"] for run in await items(web, f"/namespaces/{A}/dags/etl/runs", **params)] == wanted
    assert [run["name"] for run in await items(web, "/runs", namespace=A, dag="etl", **params)] == wanted


async def test_one_run(web: Web) -> None:
    """A run tells how it stands, its labels and its version."""
    found = (await web.admin.get(f"/api/v1/namespaces/{A}/runs/etl-03")).json()
    assert (found["state"], found["labels"], found["counts"]) == ("Failed", {"team": "blue"}, {"Success": 2})
    assert (found["revision"], found["resourceVersion"]) == (REVISION, 13)


async def test_tasks_of_a_run(web: Web) -> None:
    """By name and index; the list has no outputs, one task has, with its attempts."""
    path = f"/namespaces/{A}/runs/etl-03/tasks"
    found = await items(web, path)
    assert [(task["task"], task["index"]) for task in found] == [
        ("extract", None), ("part", 0), ("part", 1), ("part", 2), ("report", None)
    ]  # fmt: skip
    assert "output" not in found[0]
    assert [task["index"] for task in await items(web, path, state="Failed", task="part")] == [2]
    one = (await web.admin.get(f"/api/v1{path}/extract")).json()
    assert one["output"] == {"rows": 3}
    report = (await web.admin.get(f"/api/v1{path}/report")).json()
    assert [(each["number"], each["exitCode"]) for each in report["attempts"]] == [(2, 137), (1, 1)]
    mapped = (await web.admin.get(f"/api/v1{path}/part", {"index": 2})).json()
    assert (mapped["state"], mapped["index"]) == ("Failed", 2)


async def test_revisions_and_their_difference(web: Web) -> None:
    """The list is newest first; the difference is that of the sources."""
    path = f"/namespaces/{A}/dags/etl/revisions"
    assert [each["name"] for each in await items(web, path)] == [REVISION, OLD_REVISION]
    one = (await web.admin.get(f"/api/v1{path}/{REVISION}")).json()
    assert one["spec"]["owner"] == "data"
    lines = (await web.admin.get(f"/api/v1{path}/{REVISION}/diff/{OLD_REVISION}")).json()["lines"]
    assert "+owner: data" in lines
    assert (await web.admin.get(f"/api/v1{path}/{REVISION}/diff/{REVISION}")).json()["lines"] == []


async def test_pools_with_their_use(web: Web) -> None:
    """Slots are taken by tasks with a Pod; those without one wait."""
    found = await items(web, "/pools", namespace=A)
    assert [(pool["name"], pool["slots"], pool["used"], pool["queued"]) for pool in found] == [
        ("db", 4, 1, 1), ("default", 128, 0, 0)
    ]  # fmt: skip
    one = (await web.admin.get(f"/api/v1/namespaces/{A}/pools/db")).json()
    assert (one["used"], one["implied"]) == (1, False)


async def test_a_default_pool_that_nobody_wrote(web: Web) -> None:
    """It is listed with its slots, as tasks use it; once somebody writes one, that is shown, and no other."""
    path = f"/api/v1/namespaces/{A}/pools/default"
    assert (await web.admin.get(path)).json() == {
        "namespace": A, "name": "default", "slots": 128, "description": None, "used": 0, "queued": 0, "implied": True,
        "resourceVersion": None,
    }  # fmt: skip
    web.record(parse_pool(meta(A, "default", 80), {"spec": {"slots": 7}}))
    found = (await web.admin.get(path)).json()
    assert (found["slots"], found["implied"], found["resourceVersion"]) == (7, False, 80)
    assert [pool["name"] for pool in await items(web, "/pools", namespace=A)] == ["db", "default"]
    assert (await web.admin.get("/api/v1/namespaces/nothing/pools/default")).status == 404


async def test_namespaces(web: Web) -> None:
    """Each caller is told of the namespaces in which they may see something."""
    for user, seen in {"admin": [A, B], "alice": [A], "bob": []}.items():
        assert (await web.client(user).get("/api/v1/namespaces")).json() == {"items": seen}
