"""The grid in three calls, ETags, and answers that need not be sent again."""

import json

from tests.web.conftest import Web
from tests.web.objects import OLD_REVISION, REVISION, A, run, task

GRID = f"/api/v1/namespaces/{A}/dags/etl/grid"


async def test_structure_is_in_topological_order(web: Web) -> None:
    """Tasks with their groups, mapped ones marked, and a legend for states."""
    found = (await web.admin.get(f"{GRID}/structure")).json()
    assert [(row["task"], row["mapped"], row["group"]) for row in found["rows"]] == [
        ("extract", False, None),
        ("part", True, "parts"),
        ("report", False, None),
    ]
    assert found["rows"][2]["dependsOn"] == ["part"]
    assert found["groups"][0]["name"] == "parts"
    assert found["revision"] == REVISION
    assert found["faults"] == []


async def test_structure_of_an_older_revision(web: Web) -> None:
    """Runs stand beside the rows of their own revision."""
    found = (await web.admin.get(f"{GRID}/structure", {"revision": OLD_REVISION})).json()
    assert [row["task"] for row in found["rows"]] == ["extract"]
    assert (await web.admin.get(f"{GRID}/structure", {"revision": "no-such"})).status == 404


async def test_states_stand_beside_the_rows(web: Web) -> None:
    """A number for a task, counts for a mapped one, nothing for one that has not begun; unknown runs are left out."""
    legend = (await web.admin.get(f"{GRID}/structure")).json()["states"]
    answer = await web.admin.get(f"{GRID}/states", {"run": ["etl-03", "no-such", "etl-11", "etl-00"]})
    found = {item["run"]: item["states"] for item in answer.json()["items"]}
    number = {state: place for place, state in enumerate(legend)}
    assert found == {
        "etl-03": [number["Success"], {str(number["Success"]): 2, str(number["Failed"]): 1}, number["Failed"]],
        "etl-11": [number["Running"], None, number["Queued"]],
        "etl-00": [None, None, None],
    }


async def test_tries_tell_where_it_took_more_than_one(web: Web) -> None:
    """A cell can say its try without a look at the task."""
    answer = await web.admin.get(f"{GRID}/states", {"run": ["etl-03", "etl-11"]})
    assert [item["tries"] for item in answer.json()["items"]] == [{"2": 2}, {}]


async def test_states_line_by_line(web: Web) -> None:
    """Each run is a line of JSON for whoever asks for that, with an ETag of its own."""
    asked = {"run": ["etl-03", "etl-11"]}
    whole = await web.admin.get(f"{GRID}/states", asked)
    lines = await web.admin.get(f"{GRID}/states", asked, Accept="application/x-ndjson")
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == whole.json()["items"]
    assert lines.headers["etag"] != whole.headers["etag"]
    again = await web.admin.get(
        f"{GRID}/states", asked, Accept="application/x-ndjson", If_None_Match=lines.headers["etag"]
    )
    assert again.status == 304


async def test_states_need_runs(web: Web) -> None:
    """None, or more than a hundred, is refused."""
    assert (await web.admin.get(f"{GRID}/states")).status == 422
    assert (await web.admin.get(f"{GRID}/states", {"run": [f"r{n}" for n in range(101)]})).status == 422


async def test_an_etag_saves_the_answer_until_something_changes(web: Web) -> None:
    """The same question is answered by 304; a change of any row, or another caller's view, by the answer."""
    for path in ("/api/v1/runs", "/api/v1/dags", f"{GRID}/runs", f"{GRID}/states?run=etl-11"):
        first = await web.admin.get(path)
        etag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        again = await web.admin.get(path, If_None_Match=etag)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == etag
        other = await web.client("alice").get("/api/v1/runs", If_None_Match=etag)
        assert other.status == 200
    last = (await web.admin.get(f"{GRID}/states?run=etl-11")).headers["etag"]
    web.record(task(A, "etl-11", "report", 60, state="Running"))
    assert (await web.admin.get(f"{GRID}/states?run=etl-11", If_None_Match=last)).status == 200


async def test_a_revision_never_changes(web: Web) -> None:
    """Its structure and its source have strong ETags, which outlive every change."""
    for path in (f"{GRID}/structure", f"/api/v1/namespaces/{A}/dags/etl/revisions/{REVISION}"):
        etag = (await web.admin.get(path)).headers["etag"]
        assert not etag.startswith("W/")
        web.record(run(A, "etl-12", 70 + len(path)))
        assert (await web.admin.get(path, If_None_Match=f'"other", {etag}')).status == 304


async def test_an_etag_is_no_way_around_the_gate(web: Web) -> None:
    """Whoever may not see is told so, also with the right ETag."""
    etag = (await web.admin.get(f"{GRID}/structure")).headers["etag"]
    assert (await web.client("bob").get(f"{GRID}/structure", If_None_Match=etag)).status == 403
