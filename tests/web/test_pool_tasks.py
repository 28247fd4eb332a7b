"""Who holds the slots of a pool, who waits for them, and who has triggered a run."""

from dataclasses import replace

from tests.metastore.objects import at
from tests.web.conftest import Web
from tests.web.objects import A, B, run, task
from tests.web.test_lists import items

PATH = f"/namespaces/{A}/pools/db/tasks"


async def test_holders_and_queue_of_a_pool(web: Web) -> None:
    """The heaviest come first, then those of the earlier run; pages double and lose nobody."""
    held = [each["task"] for each in await items(web, PATH, holding="true")]
    before = [each["task"] for each in await items(web, PATH)]
    assert (len(held), len(before)) == (1, 1)
    heavy = task(A, "etl-10", "heavy", 901, state="Queued", waitingFor=[{"reason": "Pool", "message": "Waits"}])
    light = task(A, "etl-10", "light", 902, state="Queued")
    web.record(replace(heavy, spec=heavy.spec.model_copy(update={"priority": 9, "pool_slots": 3})), light)
    web.record(task(B, "etl-10", "elsewhere", 903, state="Queued"), task(A, "etl-10", "other", 904, pool="gpu"))
    queue = await items(web, PATH)
    assert [each["task"] for each in queue] == ["heavy", "light", *before]
    assert (queue[0]["slots"], queue[0]["priority"], queue[0]["run"]) == (3, 9, "etl-10")
    assert [wait["message"] for wait in queue[0]["waitingFor"]] == ["Waits"]
    first = (await web.admin.get(f"/api/v1{PATH}", {"limit": 2})).json()
    rest = await items(web, PATH, limit=2, cursor=first["next"])
    assert [each["task"] for each in [*first["items"], *rest]] == ["heavy", "light", *before]
    assert [each["task"] for each in await items(web, PATH, holding="true")] == held


async def test_tasks_of_no_pool(web: Web) -> None:
    """A pool that is not there has no empty queue, but is not there; who waits for it all the same is told."""
    path = f"/namespaces/{A}/pools/nothing/tasks"
    answer = await web.admin.get(f"/api/v1{path}")
    assert (answer.status, "nothing" in answer.json()["detail"]) == (404, True)
    web.record(task(A, "etl-10", "lost", 905, pool="nothing", state="Queued"))
    assert [each["task"] for each in await items(web, path)] == ["lost"]


async def test_who_has_triggered_a_run(web: Web) -> None:
    """A run tells who triggered it, in the list and alone; one that nobody triggered tells nobody."""
    annotations = {"slipway.dev/asked-trigger": f"{at(0)} ada"}
    web.record(run(A, "by-hand", 950, spec={"runType": "manual"}, annotations=annotations))
    found = {each["name"]: each["createdBy"] for each in await items(web, "/runs", namespace=A)}
    assert (found["by-hand"], found["etl-11"]) == ("ada", None)
    assert (await web.admin.get(f"/api/v1/namespaces/{A}/runs/by-hand")).json()["createdBy"] == "ada"
