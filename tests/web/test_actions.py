"""Actions: what the API server is asked for, as whom, and what a dry run says before."""

from typing import Any

import pytest

from controller.model.action import Kind
from controller.model.metadata import Key
from tests.web.conftest import Web
from tests.web.objects import REVISION, A

DAG = f"/api/v1/namespaces/{A}/dags/etl"
RUN = f"/api/v1/namespaces/{A}/runs/etl-03"
STATUS = {"revision": REVISION, "state": "Failed", "expansions": {"part": 3}}


@pytest.fixture
def run_object(web: Web) -> Key:
    """The run as the API server holds it, beside its rows; its uid is that of the rows."""
    key = Key(A, "etl-03")
    manifest = {"metadata": {"namespace": A, "name": "etl-03"}, "spec": {"dagRef": {"name": "etl"}}}
    raw = web.server.cluster.create(Kind.DAG_RUN, manifest)
    raw["metadata"]["uid"] = f"{A}/etl-03"
    web.server.cluster.patch_status(Kind.DAG_RUN, key, STATUS)
    return key


def stored(web: Web, key: Key) -> dict[str, Any]:
    """The object as it stands in the API server."""
    return web.server.cluster.get(Kind.DAG_RUN, key)


async def test_trigger_creates_a_run(web: Web) -> None:
    """As the caller, with params, a note and a logical date; the answer tells the name."""
    asked = {"params": {"day": "friday"}, "note": "by hand", "logicalDate": "2026-02-01T00:00:00Z"}
    answer = await web.client("alice").post(f"{DAG}/runs", asked)
    assert answer.status == 201, answer.text
    made = stored(web, Key(A, answer.json()["name"]))
    assert made["spec"] == {**asked, "dagRef": {"name": "etl"}, "runType": "manual"}
    assert made["metadata"]["labels"] == {"slipway.dev/dag": "etl"}
    assert answer.json()["command"] == "kubectl create -f file.yaml"


async def test_trigger_as_a_dry_run_creates_nothing(web: Web) -> None:
    """The manifest is shown, and the API server has been asked."""
    answer = await web.admin.post(f"{DAG}/runs", {"dryRun": True, "name": "mine"})
    assert answer.json()["body"]["metadata"]["name"] == "mine"
    assert answer.json()["dryRun"] is True
    assert web.server.cluster.all_of(Kind.DAG_RUN) == ()


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"params": {"count": "many"}}, "/params/count", "param count is wrong"),
        ({"params": {"unknown": 1}}, "/params/unknown", "not one of the Dag's params"),
        ({"param": {}}, "/param", "does not exist here"),
        ({"logicalDate": "yesterday"}, "/logicalDate", "is not a time"),
        ({"name": "Not A Name"}, "/name", "match"),
        ({"note": "x" * 1001}, "/note", "1000"),
    ],
)
async def test_trigger_says_what_is_wrong(web: Web, body: dict[str, Any], pointer: str, words: str) -> None:
    """Beside the field, before anything is created."""
    answer = await web.admin.post(f"{DAG}/runs", body)
    assert answer.status == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert words in fault["message"]
    assert web.server.cluster.all_of(Kind.DAG_RUN) == ()


async def test_a_name_that_is_taken(web: Web) -> None:
    """Two with one name: the second is told."""
    assert (await web.admin.post(f"{DAG}/runs", {"name": "mine"})).status == 201
    assert (await web.admin.post(f"{DAG}/runs", {"name": "mine"})).status == 409


async def test_a_dag_that_is_not_there(web: Web) -> None:
    """A run of nothing is not made."""
    answer = await web.admin.post(f"/api/v1/namespaces/{A}/dags/no-such/runs", {})
    assert (answer.status, answer.json()["wayOn"]) == (404, f"GET /api/v1/dags?namespace={A} lists them")


async def test_clear_tells_first_and_then_asks(web: Web, run_object: Key) -> None:
    """The dry run lists what the controller will clear; the token holds the caller to it."""
    asked = {"tasks": ["part[2]"], "downstream": True}
    told = (await web.client("alice").post(f"{RUN}/clear", {**asked, "dryRun": True})).json()
    assert told["cleared"] == ["part[2]", "report"]
    assert "request" not in stored(web, run_object)["spec"]
    assert told["command"].startswith(f"kubectl -n {A} patch dagruns.slipway.dev etl-03 --type merge -p '{{")
    answer = await web.client("alice").post(f"{RUN}/clear", {**asked, "expect": told["token"]})
    assert answer.status == 200, answer.text
    request = stored(web, run_object)["spec"]["request"]
    assert request["by"] == "alice"
    assert request["clear"] == {"tasks": ["part[2]"], "upstream": False, "downstream": True, "onlyFailed": False}


async def test_clear_of_all_that_failed(web: Web, run_object: Key) -> None:
    """As the run's page offers it."""
    told = (await web.admin.post(f"{RUN}/clear", {"onlyFailed": True, "dryRun": True})).json()
    assert told["cleared"] == ["part[2]", "report"]


async def test_another_outcome_than_expected_is_refused(web: Web, run_object: Key) -> None:
    """Nothing is patched where something else would be touched by now."""
    answer = await web.admin.post(f"{RUN}/clear", {"tasks": ["report"], "expect": "0" * 32})
    assert answer.status == 409
    assert "request" not in stored(web, run_object)["spec"]


async def test_mark_tells_what_follows(web: Web, run_object: Key) -> None:
    """Marked ones, and those behind them that begin anew."""
    told = (await web.admin.post(f"{RUN}/mark", {"state": "success", "tasks": ["part[2]"], "dryRun": True})).json()
    assert (told["marked"], told["cleared"], told["state"]) == (["part[2]"], ["report"], "Success")
    whole = (await web.admin.post(f"{RUN}/mark", {"state": "failed", "dryRun": True})).json()
    assert (whole["marked"], whole["state"]) == ([], "Failed")
    assert (await web.admin.post(f"{RUN}/mark", {"state": "lost"})).status == 422


async def test_tasks_that_do_not_exist(web: Web, run_object: Key) -> None:
    """The preview says so as the controller would."""
    answer = await web.admin.post(f"{RUN}/clear", {"tasks": ["no-such"], "dryRun": True})
    assert answer.status == 422
    assert "no-such" in answer.json()["detail"]


async def test_clearing_a_cancelled_run_takes_the_cancel_away(web: Web, run_object: Key) -> None:
    """Else it would end again at once."""
    assert (await web.admin.post(f"{RUN}/cancel", {"mode": "force"})).status == 200
    assert stored(web, run_object)["spec"]["cancel"] == "force"
    assert (await web.admin.post(f"{RUN}/clear", {})).status == 200
    assert "cancel" not in stored(web, run_object)["spec"]


async def test_pause_and_go_on(web: Web, run_object: Key) -> None:
    """One field of one resource."""
    for paused in (True, False):
        answer = await web.admin.post(f"{RUN}/pause", {"paused": paused})
        assert answer.status == 200
        assert stored(web, run_object)["spec"]["paused"] is paused


async def test_a_change_bound_to_a_version(web: Web, run_object: Key) -> None:
    """Somebody else was quicker: nothing is changed, and what stands now is shown."""
    version = stored(web, run_object)["metadata"]["resourceVersion"]
    first = await web.admin.post(f"{RUN}/pause", {"paused": True, "resourceVersion": version})
    assert first.status == 200
    second = await web.admin.post(f"{RUN}/cancel", {"resourceVersion": version})
    assert second.status == 409
    assert second.json()["current"]["resourceVersion"] == first.json()["resourceVersion"]
    assert "cancel" not in stored(web, run_object)["spec"]


async def test_a_run_whose_object_is_gone(web: Web) -> None:
    """Its history stays, but nothing can be done to it."""
    for action, body in (("clear", {}), ("cancel", {}), ("pause", {"paused": True})):
        assert (await web.admin.post(f"{RUN}/{action}", body)).status == 404


async def test_the_api_server_has_the_last_word(web: Web, run_object: Key) -> None:
    """A right that went within the seconds for which it is remembered is refused there."""
    assert (await web.client("alice").post(f"{RUN}/pause", {"paused": True})).status == 200
    web.server.rights["alice"].clear()
    assert (await web.client("alice").post(f"{RUN}/pause", {"paused": False})).status == 403
    assert stored(web, run_object)["spec"]["paused"] is True


async def test_one_request_after_another(web: Web, run_object: Key) -> None:
    """Each takes the place of the one before, whole: a merge would leave a clear beside a mark."""
    first = {"tasks": ["report"], "downstream": True, "onlyFailed": True}
    assert (await web.admin.post(f"{RUN}/clear", first)).status == 200
    assert (await web.admin.post(f"{RUN}/mark", {"state": "success", "tasks": ["report"]})).status == 200
    request = stored(web, run_object)["spec"]["request"]
    assert set(request) == {"id", "by", "dryRun", "mark"}
    assert (await web.admin.post(f"{RUN}/clear", {"tasks": ["report"]})).status == 200
    request = stored(web, run_object)["spec"]["request"]
    assert set(request) == {"id", "by", "dryRun", "clear"}
    assert request["clear"] == {"tasks": ["report"], "upstream": False, "downstream": False, "onlyFailed": False}
